/* Two ways.
 *
 * If nobody was told that no permit was left, fewer permits taken and more given cannot
 * harm. So each acquire happens as late as it can, when it returns, and unanswered ones
 * never; a release happens when it returns, or before, when somebody needs it: then of
 * those under way the one that returns soonest, for swapping two of them keeps an order
 * an order. If an acquire returns and no release is left, as many acquires have returned
 * as there were permits and releases asked for, and one more.
 *
 * Otherwise the number of permits is a gauge (gauge.h). */
#include "checker/algorithms/semaphore.h"

#include "checker/algorithms/gauge.h"
#include "checker/algorithms/heap.h"
#include "checker/algorithms/proof.h"

static const char *const none_left =
    "{0.who} acquired a permit by {0.returned}, when all permits there were and all that had "
    "been asked to be released were taken";
static const char *const unexplained =
    "{0.who} {0.deed} by {0.returned}, and no order of what had been asked for by then "
    "explains that";

static enum err_code no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "semaphore: out of memory");
}

static bool found_none(const struct model_op *op)
{
    return op->kind == OP_ACQUIRE && op->answered && op->result == 0;
}

static bool is_strange(const struct model_op *op)
{
    return op->kind == OP_ACQUIRE && model_op_told(op) && op->result != 0 && op->result != 1;
}

/* --- nobody found none --- */

struct permits {
    const struct problem *p;
    int64_t left;
    struct heap releases; /* called, by return; some of them done */
    bool *done;           /* releases */
    struct finding *out;
};

static void happen(struct permits *s, uint32_t op)
{
    s->out->order[s->out->order_count++] = op;
}

static bool take_one(struct permits *s)
{
    while (s->left <= 0 && s->releases.count > 0) {
        uint32_t release = heap_take(&s->releases);
        if (s->done[release])
            continue;
        s->done[release] = true;
        happen(s, release);
        s->left++;
    }
    if (s->left <= 0)
        return false;
    s->left--;
    return true;
}

/* False: nobody can have released the permit that this one got. */
static bool moment(struct permits *s, struct moment what)
{
    const struct timed_op *op = &s->p->ops[what.op];
    bool releases = op->op.kind == OP_RELEASE;
    if (!what.is_return && releases)
        heap_push(&s->releases, op->returned_at_ns, what.op);
    if (!what.is_return || (releases && s->done[what.op]))
        return true;
    if (releases) {
        s->done[what.op] = true;
        s->left++;
    } else if (!take_one(s))
        return false;
    happen(s, what.op);
    return true;
}

/* All acquires that returned by then, and all releases called by then. */
static enum err_code refuse(const struct permits *s, uint32_t by, struct arena *work,
                            struct arena *keep, struct err *err)
{
    const struct timed_op *ops = s->p->ops;
    struct proof proof;
    if (!proof_init(&proof, work, s->p->count))
        return no_memory(err);
    proof_cast(&proof, by);
    for (uint32_t i = 0; i < s->p->count; i++) {
        bool releases = ops[i].op.kind == OP_RELEASE;
        if ((releases ? ops[i].called_at_ns : ops[i].returned_at_ns) <= ops[by].returned_at_ns)
            proof_add(&proof, i);
    }
    return proof_give(&proof, none_left, keep, s->out, err);
}

static enum err_code decide_permits(const struct problem *p, int64_t start,
                                    struct budget *budget, struct arena *work,
                                    struct arena *keep, struct finding *out, struct err *err)
{
    struct moments time;
    struct permits s = {.p = p, .left = start, .out = out};
    s.done = arena_array(work, p->count + 1, sizeof *s.done);
    out->order = arena_array(keep, p->count + 1, sizeof *out->order);
    if (!s.done || !out->order || !moments_make(p, work, &time) ||
        !heap_init(&s.releases, work, p->count))
        return no_memory(err);
    for (size_t i = 0; i < time.count; i++) {
        if (!budget_spend(budget, 1)) {
            *out = (struct finding){.value = FINDING_GAVE_UP, .why = budget->why};
            return ERR_OK;
        }
        if (!moment(&s, time.at[i]))
            return refuse(&s, time.at[i].op, work, keep, err);
    }
    out->value = FINDING_ORDER;
    return ERR_OK;
}

/* --- somebody found none --- */

static bool make_gauge(const struct problem *p, int64_t start, struct arena *work,
                       struct gauge *g)
{
    struct moments time;
    uint8_t *parts = arena_array(work, p->count + 1, sizeof *parts);
    if (!parts || !moments_make(p, work, &time))
        return false;
    struct gauge_moment *moments = arena_array(work, time.count + 1, sizeof *moments);
    if (!moments)
        return false;
    for (size_t i = 0; i < p->count; i++)
        parts[i] = p->ops[i].op.kind == OP_RELEASE ? GAUGE_UP
                   : found_none(&p->ops[i].op)     ? GAUGE_SEES_ZERO
                                                   : GAUGE_DOWN;
    for (uint32_t i = 0; i < time.count; i++)
        moments[i] = (struct gauge_moment){.what = time.at[i], .at = i};
    *g = (struct gauge){.ops = p->ops,
                        .parts = parts,
                        .moments = moments,
                        .moment_count = time.count,
                        .start = start,
                        .top = INT64_MAX};
    return true;
}

static bool give_order(const struct gauge_answer *answer, struct arena *keep,
                       struct finding *out)
{
    out->value = FINDING_ORDER;
    out->order = arena_array(keep, answer->event_count + 1, sizeof *out->order);
    for (size_t i = 0; out->order && i < answer->event_count; i++)
        out->order[out->order_count++] = answer->events[i].op;
    return out->order != NULL;
}

static enum err_code decide_gauge(const struct problem *p, int64_t start, struct budget *budget,
                                  struct arena *work, struct arena *keep, struct finding *out,
                                  struct err *err)
{
    struct gauge g;
    struct gauge_answer answer;
    struct gauge_bench *bench = gauge_bench_new(p->count, work);
    if (!bench || !make_gauge(p, start, work, &g) || !gauge_read(&g, bench, budget, &answer))
        return no_memory(err);
    bool ready = true;
    switch (answer.result) {
    case GAUGE_ORDER: ready = give_order(&answer, keep, out); break;
    case GAUGE_NO_ORDER:
        out->claim = unexplained;
        ready = gauge_prove(&g, answer.failed_at, bench, budget, work, keep, out);
        break;
    case GAUGE_GAVE_UP:
        *out = (struct finding){.value = FINDING_GAVE_UP, .why = budget->why};
        break;
    case GAUGE_TOO_MANY: break;
    }
    return ready ? ERR_OK : no_memory(err);
}

enum err_code semaphore_decide(const struct problem *p, struct budget *budget,
                               struct arena *work, struct arena *keep, struct finding *out,
                               struct err *err)
{
    int64_t start = p->initial == OP_NIL ? 0 : p->initial;
    bool any_found_none = false;
    *out = (struct finding){.value = FINDING_NOT_MINE};
    for (size_t i = 0; i < p->count; i++) {
        any_found_none |= found_none(&p->ops[i].op);
        if (is_strange(&p->ops[i].op))
            return ERR_OK;
    }
    /* No real semaphore comes near the greatest number. */
    if (start > INT64_MAX / 2)
        return ERR_OK;
    return any_found_none ? decide_gauge(p, start, budget, work, keep, out, err)
                          : decide_permits(p, start, budget, work, keep, out, err);
}
