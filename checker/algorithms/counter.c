/* Two kinds of counters are a chain (chain.h).
 *
 *   steps: all increments are by the same amount. Place i is the increment from the sum
 *   of i such amounts to the next; one that told its sum has its place, others are a
 *   pool, and a read is a look at so many places filled.
 *   ladder: increments differ, but all go in one direction, so sums never return, and
 *   those that told their sums come in the order of these. Each starts from the sum that
 *   the one before it told, or there is no order; unless one that never told its sum was
 *   between them, and then this cannot tell. Where no step is missing, none was.
 *
 * Otherwise what is left is to look at bounds (counter_bounds.h). */
#include "checker/algorithms/counter.h"

#include <stdlib.h>

#include "checker/algorithms/chain.h"
#include "checker/algorithms/counter_bounds.h"
#include "checker/algorithms/proof.h"
#include "checker/algorithms/refusal.h"

static const char *const no_such_sum =
    "{0.who} {0.deed}, which is the sum of no number of the increments";
static const char *const same_sum = "{0.who} and {1.who} both made the sum {0.result}";
static const char *const no_way_there =
    "{0.who} made the sum {0.result}, but nobody made the sum that this was added to";
static const char *const late =
    "{0.who} {0.deed} by {0.returned}, which comes after the increment of {1.who}, who asked "
    "for it only at {1.called}";
static const char *const too_few = "{0.who} {0.deed} by {0.returned}, which takes more "
                                   "increments than had been asked for by then";
static const char *const went_back =
    "{0.who} {0.deed}, asking at {0.called}, though {1.who}, who had returned by then, shows "
    "that the sum had passed that";

struct counter {
    const struct problem *p;
    struct arena *work, *keep;
    struct chain chain;
    int64_t start;
    int64_t amount; /* of all increments, if they are the same */
    size_t told, untold, open, reads;
    bool same, up, down; /* all of them; only greater sums; only smaller sums */

    uint32_t *ladder; /* those that told their sum, by sum in the direction of all */
    size_t ladder_count;
};

static enum err_code no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "counter: out of memory");
}

static const struct model_op *op_of(const struct counter *c, size_t op)
{
    return &c->p->ops[op].op;
}

/* An increment by nothing that told its sum has read it. */
static bool changes(const struct model_op *op)
{
    return op->kind == OP_INCREMENT && op->argument != 0;
}

static bool sees(const struct model_op *op)
{
    return op->answered && !changes(op) && (op->kind == OP_READ || op->result != OP_NIL);
}

static void look_over(struct counter *c)
{
    c->same = c->up = c->down = true;
    for (size_t i = 0; i < c->p->count; i++) {
        const struct model_op *op = op_of(c, i);
        c->reads += sees(op);
        if (!changes(op))
            continue;
        if (c->amount == 0)
            c->amount = op->argument;
        c->same &= op->argument == c->amount;
        c->up &= op->argument > 0;
        c->down &= op->argument < 0;
        c->told += model_op_told(op);
        c->untold += op->answered && !model_op_told(op);
        c->open += !op->answered;
    }
}

/* All increments are what it saw, or did not. */
static enum err_code refuse_sum(struct counter *c, const char *claim, uint32_t by,
                                struct finding *out, struct err *err)
{
    struct proof proof;
    if (!proof_init(&proof, c->work, c->p->count))
        return no_memory(err);
    proof_cast(&proof, by);
    for (uint32_t i = 0; i < c->p->count; i++)
        if (changes(op_of(c, i)))
            proof_add(&proof, i);
    return proof_give(&proof, claim, c->keep, out, err);
}

/* --- steps --- */

/* How many increments make this sum? False: no number of those that there are. */
static bool steps_to(const struct counter *c, int64_t sum, uint32_t *out)
{
    int64_t way;
    if (__builtin_sub_overflow(sum, c->start, &way))
        return false;
    int64_t steps = c->amount == 0 || c->amount == -1 ? 0 : way / c->amount;
    if (c->amount == -1 && way != INT64_MIN)
        steps = -way;
    if (steps < 0 || steps > (int64_t)c->chain.place_count || steps * c->amount != way)
        return false;
    *out = (uint32_t)steps;
    return true;
}

static enum err_code place_step(struct counter *c, uint32_t op, struct finding *out,
                                struct err *err)
{
    struct chain_part *part = &c->chain.parts[op];
    uint32_t steps = 0;
    bool is_change = changes(op_of(c, op));
    *part = (struct chain_part){.role = is_change ? CHAIN_POOL : CHAIN_FREE};
    if (!op_of(c, op)->answered || (!model_op_told(op_of(c, op)) && !sees(op_of(c, op))))
        return ERR_OK;
    if (!steps_to(c, op_of(c, op)->result, &steps) || (is_change && steps == 0))
        return refuse_sum(c, no_such_sum, op, out, err);
    *part = (struct chain_part){.role = CHAIN_LOOK, .low = steps, .high = steps};
    if (!is_change)
        return ERR_OK;
    struct chain_place *place = &c->chain.places[steps - 1];
    if (place->owner != CHAIN_NOBODY)
        return refuse_two(same_sum, place->owner, op, c->keep, out, err);
    place->owner = op;
    *part = (struct chain_part){.role = CHAIN_PLACE, .low = steps - 1};
    return ERR_OK;
}

static enum err_code place_steps(struct counter *c, struct finding *out, struct err *err)
{
    enum err_code code = ERR_OK;
    if (!chain_init(&c->chain, c->p, (uint32_t)(c->told + c->untold + c->open), c->work))
        return no_memory(err);
    for (uint32_t i = 0; i < c->p->count && !code && out->value == FINDING_ORDER; i++)
        code = place_step(c, i, out, err);
    return code;
}

/* --- ladder --- */

static int by_sum(const void *a, const void *b, void *context)
{
    const struct counter *c = context;
    int64_t x = op_of(c, *(const uint32_t *)a)->result;
    int64_t y = op_of(c, *(const uint32_t *)b)->result;
    int sign = x < y ? -1 : x > y;
    return c->up ? sign : -sign;
}

static bool make_ladder(struct counter *c)
{
    c->ladder = arena_array(c->work, c->told + 1, sizeof *c->ladder);
    if (!c->ladder)
        return false;
    for (uint32_t i = 0; i < c->p->count; i++)
        if (changes(op_of(c, i)) && model_op_told(op_of(c, i)))
            c->ladder[c->ladder_count++] = i;
    qsort_r(c->ladder, c->ladder_count, sizeof *c->ladder, by_sum, c);
    return true;
}

static int64_t sum_after(const struct counter *c, size_t rungs)
{
    return rungs > 0 ? op_of(c, c->ladder[rungs - 1])->result : c->start;
}

/* After how many rungs is this the sum? */
static bool rungs_to(const struct counter *c, int64_t sum, uint32_t *out)
{
    size_t from = 0, to = c->ladder_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        bool below = c->up ? sum_after(c, middle) < sum : sum_after(c, middle) > sum;
        if (below)
            from = middle + 1;
        else
            to = middle;
    }
    *out = (uint32_t)from;
    return sum_after(c, from) == sum;
}

/* Any number of increments that told nothing may be missing from the ladder. */
static enum err_code miss(struct counter *c, const char *claim, uint32_t op,
                          struct finding *out, struct err *err)
{
    if (c->open == 0)
        return refuse_sum(c, claim, op, out, err);
    out->value = FINDING_NOT_MINE;
    return ERR_OK;
}

static enum err_code place_rung(struct counter *c, uint32_t rung, struct finding *out,
                                struct err *err)
{
    uint32_t op = c->ladder[rung];
    int64_t before;
    if (rung > 0 && sum_after(c, rung) == op_of(c, op)->result)
        return refuse_two(same_sum, c->ladder[rung - 1], op, c->keep, out, err);
    if (__builtin_sub_overflow(op_of(c, op)->result, op_of(c, op)->argument, &before) ||
        before != sum_after(c, rung))
        return miss(c, no_way_there, op, out, err);
    c->chain.parts[op] = (struct chain_part){.role = CHAIN_PLACE, .low = rung};
    c->chain.places[rung].owner = op;
    return ERR_OK;
}

static enum err_code place_look(struct counter *c, uint32_t op, struct finding *out,
                                struct err *err)
{
    uint32_t rungs = 0;
    bool found = !sees(op_of(c, op)) || rungs_to(c, op_of(c, op)->result, &rungs);
    struct chain_part *part = &c->chain.parts[op];
    part->role = !op_of(c, op)->answered ? CHAIN_NEVER
                 : sees(op_of(c, op))    ? CHAIN_LOOK
                                         : CHAIN_FREE;
    part->low = part->high = rungs;
    return found || !op_of(c, op)->answered ? ERR_OK : miss(c, no_such_sum, op, out, err);
}

static enum err_code place_rungs(struct counter *c, struct finding *out, struct err *err)
{
    enum err_code code = ERR_OK;
    if (!make_ladder(c) || !chain_init(&c->chain, c->p, (uint32_t)c->ladder_count, c->work))
        return no_memory(err);
    for (uint32_t i = 0; i < c->ladder_count && !code && out->value == FINDING_ORDER; i++)
        code = place_rung(c, i, out, err);
    for (uint32_t i = 0; i < c->p->count && !code && out->value == FINDING_ORDER; i++)
        if (!changes(op_of(c, i)) || !op_of(c, i)->answered)
            code = place_look(c, i, out, err);
    return code;
}

/* --- which of them --- */

static void tell(const struct chain_failure *f, struct finding *out)
{
    out->roles[0] = f->by;
    out->roles[1] = f->owner;
    switch (f->reason) {
    case CHAIN_LATE: out->claim = late; break;
    case CHAIN_NO_ONE: out->claim = too_few; break;
    case CHAIN_PASSED: out->claim = went_back; break;
    }
}

static enum err_code give_calls(const struct counter *c, struct finding *out, struct err *err)
{
    out->order = arena_array(c->keep, c->p->count + 1, sizeof *out->order);
    if (!out->order)
        return no_memory(err);
    for (uint32_t i = 0; i < c->p->count; i++)
        if (op_of(c, i)->answered)
            out->order[out->order_count++] = i;
    return ERR_OK;
}

static enum err_code decide_chain(struct counter *c, struct budget *budget, struct finding *out,
                                  struct err *err)
{
    struct chain_failure failure;
    enum err_code code = chain_decide(&c->chain, budget, c->work, c->keep, out, &failure, err);
    if (!code && out->value == FINDING_NO_ORDER)
        tell(&failure, out);
    return code;
}

/* A read that was told nothing, or sums past the greatest number, are none of ours. */
static bool is_strange(const struct counter *c)
{
    int64_t low = c->start, high = c->start;
    for (size_t i = 0; i < c->p->count; i++) {
        const struct model_op *op = op_of(c, i);
        if (op->kind == OP_READ && op->answered && op->result == OP_NIL)
            return true;
        if (op->kind == OP_INCREMENT &&
            __builtin_add_overflow(op->argument < 0 ? low : high, op->argument,
                                   op->argument < 0 ? &low : &high))
            return true;
    }
    return false;
}

enum err_code counter_decide(const struct problem *p, struct budget *budget, struct arena *work,
                             struct arena *keep, struct finding *out, struct err *err)
{
    struct counter c = {.p = p, .work = work, .keep = keep};
    enum err_code code = ERR_OK;
    *out = (struct finding){.value = FINDING_ORDER};
    c.start = p->initial == OP_NIL ? 0 : p->initial;
    look_over(&c);
    if (is_strange(&c))
        out->value = FINDING_NOT_MINE;
    else if (c.reads == 0 && c.told == 0)
        code = give_calls(&c, out, err);
    else if (c.same) {
        code = place_steps(&c, out, err);
        if (!code && out->value == FINDING_ORDER)
            code = decide_chain(&c, budget, out, err);
    } else if ((c.up || c.down) && c.untold == 0) {
        code = place_rungs(&c, out, err);
        if (!code && out->value == FINDING_ORDER)
            code = decide_chain(&c, budget, out, err);
    } else
        out->value = FINDING_NOT_MINE;
    if (!code && out->value == FINDING_NOT_MINE && c.up && !is_strange(&c))
        code = counter_bounds(p, budget, work, keep, out, err);
    return code;
}
