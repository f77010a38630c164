/* Each element is a gauge (gauge.h) of its own: it is in the set or not. Its order says
 * in which moment each operation happens, and moments put those of all elements into one
 * order (locality: Herlihy and Wing 1990). */
#include "checker/algorithms/set.h"

#include "checker/algorithms/gauge.h"
#include "checker/algorithms/set_growing.h"
#include "checker/int_map.h"

static const char *const never_added =
    "{0.who} {0.deed} by {0.returned}, but nobody had asked to add {0.argument} by then";
static const char *const lost =
    "{0.who} {0.deed}, asking at {0.called}, though {1.who} had added {1.argument} by "
    "{1.returned} and nobody removed it";
static const char *const unexplained =
    "{0.who} {0.deed} by {0.returned}, and no order of what had been asked of {0.argument} by "
    "then explains that";

struct dealt {
    const struct problem *p;
    uint8_t *parts;
    uint32_t *element; /* by operation, from 0 */
    size_t count;
    struct gauge_moment *moments; /* by element, each in time order */
    size_t *first;                /* by element, and one more: into `moments` */
    size_t moment_count;

    struct gauge_event *events; /* of all elements, in time order within each */
    size_t event_count;
};

static enum err_code no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "set: out of memory");
}

/* False: an answer that a set does not give. */
static bool part_of(const struct model_op *op, uint8_t *out)
{
    bool told = model_op_told(op), one = op->result == 1;
    if (told && !one && op->result != 0)
        return false;
    switch (op->kind) {
    case OP_ADD: *out = !told ? GAUGE_FILL : one ? GAUGE_UP : GAUGE_SEES_TOP; return true;
    case OP_REMOVE:
        *out = !told ? GAUGE_CLEAR : one ? GAUGE_DOWN : GAUGE_SEES_ZERO;
        return true;
    case OP_CONTAINS: *out = one ? GAUGE_SEES_TOP : GAUGE_SEES_ZERO; return told;
    default: return false;
    }
}

static bool dealt_init(struct dealt *e, struct arena *work)
{
    struct int_map known;
    size_t count = e->p->count;
    e->parts = arena_array(work, count + 1, sizeof *e->parts);
    e->element = arena_array(work, count + 1, sizeof *e->element);
    e->events = arena_array(work, count + 1, sizeof *e->events);
    if (!e->parts || !e->element || !e->events || !int_map_init(&known, work, count))
        return false;
    for (size_t i = 0; i < count; i++) {
        e->element[i] = *int_map_put(&known, e->p->ops[i].op.argument, (uint32_t)known.count);
        e->count = known.count;
    }
    return true;
}

/* Deal the moments out to their elements. */
static bool deal(struct dealt *e, struct arena *work)
{
    struct moments time;
    e->first = arena_array(work, e->count + 2, sizeof *e->first);
    if (!e->first || !moments_make(e->p, work, &time))
        return false;
    e->moments = arena_array(work, time.count + 1, sizeof *e->moments);
    if (!e->moments)
        return false;
    e->moment_count = time.count;
    /* Where each begins is one behind at first, and moves on with what is put there. */
    for (size_t i = 0; i < time.count; i++)
        e->first[e->element[time.at[i].op] + 2]++;
    for (size_t i = 2; i < e->count + 2; i++)
        e->first[i] += e->first[i - 1];
    for (uint32_t i = 0; i < time.count; i++)
        e->moments[e->first[e->element[time.at[i].op] + 1]++] =
            (struct gauge_moment){.what = time.at[i], .at = i};
    return true;
}

static struct gauge gauge_of(const struct dealt *e, size_t element)
{
    return (struct gauge){.ops = e->p->ops,
                          .parts = e->parts,
                          .moments = e->moments + e->first[element],
                          .moment_count = e->first[element + 1] - e->first[element],
                          .top = 1};
}

static bool adds(const struct dealt *e, uint32_t op)
{
    return e->parts[op] == GAUGE_UP || e->parts[op] == GAUGE_FILL;
}

/* The roles: who could not be done, and an add that it missed. */
static void tell(const struct dealt *e, struct finding *out)
{
    const struct timed_op *ops = e->p->ops;
    size_t add_count = 0, remove_count = 0;
    uint32_t by = out->roles[0];
    out->roles[1] = by;
    for (size_t i = 0; i < out->proof_count; i++) {
        uint32_t op = out->proof[i];
        uint8_t part = e->parts[op];
        remove_count += part == GAUGE_DOWN || part == GAUGE_CLEAR;
        add_count += op != by && adds(e, op);
        if (adds(e, op) && ops[op].returned_at_ns < ops[by].called_at_ns)
            out->roles[1] = op;
    }
    bool saw = e->parts[by] == GAUGE_SEES_TOP || e->parts[by] == GAUGE_DOWN;
    if (saw && add_count == 0)
        out->claim = never_added;
    else if (e->parts[by] == GAUGE_SEES_ZERO && remove_count == 0 && out->roles[1] != by)
        out->claim = lost;
    else
        out->claim = unexplained;
}

/* By moments, those of one element as they come. */
static bool give_order(const struct dealt *e, struct arena *work, struct arena *keep,
                       struct finding *out)
{
    size_t *next = arena_array(work, e->moment_count + 2, sizeof *next);
    out->value = FINDING_ORDER;
    out->order = arena_array(keep, e->p->count + 1, sizeof *out->order);
    if (!next || !out->order)
        return false;
    for (size_t i = 0; i < e->event_count; i++)
        next[e->events[i].at + 1]++;
    for (size_t i = 1; i <= e->moment_count; i++)
        next[i] += next[i - 1];
    for (size_t i = 0; i < e->event_count; i++)
        out->order[next[e->events[i].at]++] = e->events[i].op;
    out->order_count = e->event_count;
    return true;
}

/* Goes on until one of them has no order, or cannot be decided; another may have none. */
static enum err_code decide_each(struct dealt *e, struct budget *budget, struct arena *work,
                                 struct arena *keep, struct finding *out, struct err *err)
{
    bool too_many = false;
    struct gauge_bench *bench = gauge_bench_new(e->p->count, work);
    if (!bench)
        return no_memory(err);
    for (size_t i = 0; i < e->count; i++) {
        struct gauge gauge = gauge_of(e, i);
        struct gauge_answer answer;
        if (!gauge_read(&gauge, bench, budget, &answer))
            return no_memory(err);
        too_many |= answer.result == GAUGE_TOO_MANY;
        if (answer.result == GAUGE_GAVE_UP) {
            *out = (struct finding){.value = FINDING_GAVE_UP, .why = budget->why};
            return ERR_OK;
        }
        if (answer.result == GAUGE_NO_ORDER) {
            if (!gauge_prove(&gauge, answer.failed_at, bench, budget, work, keep, out))
                return no_memory(err);
            tell(e, out);
            return ERR_OK;
        }
        for (size_t k = 0; k < answer.event_count; k++)
            e->events[e->event_count++] = answer.events[k];
    }
    if (too_many)
        return ERR_OK;
    return give_order(e, work, keep, out) ? ERR_OK : no_memory(err);
}

enum err_code set_decide(const struct problem *p, struct budget *budget, struct arena *work,
                         struct arena *keep, struct finding *out, struct err *err)
{
    struct dealt e = {.p = p};
    bool members = false, strange = false;
    *out = (struct finding){.value = FINDING_NOT_MINE};
    if (!dealt_init(&e, work))
        return no_memory(err);
    for (size_t i = 0; i < p->count; i++)
        if (p->ops[i].op.kind == OP_MEMBERS)
            members = true;
        else
            strange |= !part_of(&p->ops[i].op, &e.parts[i]);
    if (members)
        return set_growing_decide(p, budget, work, keep, out, err);
    if (strange)
        return ERR_OK;
    return deal(&e, work) ? decide_each(&e, budget, work, keep, out, err) : no_memory(err);
}
