/* Which operations of a gauge prove that there is no order. Those that change the number
 * must stay, as each of them might explain what was seen; those that look may go, and
 * what was before a change that nothing else overlaps. */
#include "checker/algorithms/gauge.h"

struct prover {
    const struct gauge *g;
    size_t failed_at;
    struct gauge_bench *bench;
    struct budget *budget;
    bool *out_of_it;              /* by index of the moment of its call */
    size_t *call_of;              /* by moment: that of the call of its operation */
    struct gauge_moment *moments; /* what is left */
    size_t left;                  /* of them, when last looked at */
    bool no_memory;
};

enum { SINGLE_LOOKS_MAX = 100, LEFT_MAX = 2000 };

static bool looks(const struct gauge *g, uint32_t op)
{
    return g->parts[op] == GAUGE_SEES_TOP || g->parts[op] == GAUGE_SEES_ZERO;
}

static uint32_t op_at(const struct prover *p, size_t moment)
{
    return p->g->moments[moment].what.op;
}

/* Is there still no order without those that are out of it? */
static bool holds(struct prover *p)
{
    struct gauge left = *p->g;
    struct gauge_answer answer;
    left.moments = p->moments;
    left.moment_count = 0;
    for (size_t i = 0; i <= p->failed_at; i++)
        if (!p->out_of_it[p->call_of[i]])
            p->moments[left.moment_count++] = p->g->moments[i];
    p->left = left.moment_count;
    if (!gauge_read(&left, p->bench, p->budget, &answer)) {
        p->no_memory = true;
        return false;
    }
    return answer.result == GAUGE_NO_ORDER;
}

/* The call of the last change upwards that nothing overlaps, of those that fit the empty
 * gauge; 0 without one. */
static size_t last_alone(const struct prover *p)
{
    size_t found = 0, open = 0;
    for (size_t i = 0; i + 1 < p->failed_at; i++) {
        struct moment what = p->g->moments[i].what, next = p->g->moments[i + 1].what;
        enum gauge_part part = p->g->parts[what.op];
        bool returns = next.is_return && next.op == what.op;
        if (!what.is_return && open == 0 && returns && (part == GAUGE_UP || part == GAUGE_FILL))
            found = i;
        if (p->g->ops[what.op].op.answered)
            open += what.is_return ? (size_t)-1 : 1;
    }
    return found;
}

/* Leave out all answered ones called before `from`, and perhaps all looks but the last. */
static bool try_without(struct prover *p, size_t from, bool without_looks)
{
    uint32_t last = op_at(p, p->failed_at);
    for (size_t i = 0; i <= p->failed_at; i++) {
        uint32_t op = op_at(p, i);
        bool before = i < from && p->g->ops[op].op.answered;
        if (!p->g->moments[i].what.is_return)
            p->out_of_it[i] = before || (without_looks && looks(p->g, op) && op != last);
    }
    return holds(p);
}

static void try_single_looks(struct prover *p)
{
    size_t tried = 0;
    uint32_t last = op_at(p, p->failed_at);
    for (size_t i = 0; i <= p->failed_at && tried < SINGLE_LOOKS_MAX; i++) {
        if (p->g->moments[i].what.is_return || p->out_of_it[i] || !looks(p->g, op_at(p, i)) ||
            op_at(p, i) == last)
            continue;
        tried++;
        p->out_of_it[i] = true;
        p->out_of_it[i] = holds(p);
    }
}

static bool prover_init(struct prover *p, struct arena *work)
{
    size_t count = p->failed_at + 1, ops = 0;
    p->out_of_it = arena_array(work, count, sizeof *p->out_of_it);
    p->call_of = arena_array(work, count, sizeof *p->call_of);
    p->moments = arena_array(work, count, sizeof *p->moments);
    for (size_t i = 0; i < count; i++)
        ops = op_at(p, i) >= ops ? op_at(p, i) + (size_t)1 : ops;
    size_t *call = arena_array(work, ops + 1, sizeof *call);
    if (!p->out_of_it || !p->call_of || !p->moments || !call)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!p->g->moments[i].what.is_return)
            call[op_at(p, i)] = i;
        p->call_of[i] = call[op_at(p, i)];
    }
    return true;
}

bool gauge_prove(const struct gauge *g, size_t failed_at, struct gauge_bench *bench,
                 struct budget *budget, struct arena *work, struct arena *keep,
                 struct finding *out)
{
    struct prover p = {.g = g, .failed_at = failed_at, .bench = bench, .budget = budget};
    if (!prover_init(&p, work))
        return false;
    size_t alone = g->top == 1 ? last_alone(&p) : 0;
    bool shorter = (alone > 0 && try_without(&p, alone, true)) ||
                   (alone > 0 && try_without(&p, alone, false)) || try_without(&p, 0, true) ||
                   try_without(&p, 0, false);
    if (shorter && p.left <= LEFT_MAX)
        try_single_looks(&p);
    out->value = FINDING_NO_ORDER;
    out->roles[0] = op_at(&p, failed_at);
    out->proof = arena_array(keep, failed_at + 1, sizeof *out->proof);
    for (size_t i = 0; i <= failed_at && out->proof; i++)
        if (!g->moments[i].what.is_return && !p.out_of_it[i])
            out->proof[out->proof_count++] = op_at(&p, i);
    return out->proof && !p.no_memory;
}
