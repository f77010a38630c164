#include "checker/algorithms/stays.h"

#include <assert.h>

#include "checker/algorithms/proof.h"
#include "checker/value_index.h"

struct collecting {
    const struct problem *p;
    struct stays *out;
    struct value_index stay_of;
    bool repeated;
    uint32_t unknown;    /* saw what nobody put in */
    uint32_t second;     /* took out what stays.all[broken].leave had taken out */
    uint32_t broken;     /* a stay that is impossible by itself */
    uint32_t late, soon; /* one came too late in it for the other */
};

bool stay_is_lost(const struct stay *stay)
{
    return stay->leave == STAY_NOBODY && !stay->absent;
}

static bool is_put(enum op_kind kind)
{
    return kind == OP_ENQUEUE || kind == OP_INSERT;
}

static bool is_empty_answer(const struct model_op *op)
{
    return !is_put(op->kind) && op->answered && op->result == OP_NIL;
}

static const struct timed_op *at(const struct collecting *c, uint32_t op)
{
    return &c->p->ops[op];
}

/* --- who came --- */

static void add_stay(struct collecting *c, uint32_t op)
{
    const struct model_op *o = &c->p->ops[op].op;
    bool empty = !is_put(o->kind);
    if (!empty) {
        uint32_t known = value_index_put(&c->stay_of, o->argument, c->out->count);
        if (known != c->out->count || o->argument == OP_NIL) {
            c->repeated = true;
            return;
        }
    }
    uint32_t then = empty ? op : STAY_NOBODY;
    c->out->all[c->out->count++] = (struct stay){.value = empty ? OP_NIL : o->argument,
                                                 .enter = op,
                                                 .leave = then,
                                                 .peek = STAY_NOBODY,
                                                 .first = then,
                                                 .last = then,
                                                 .empty = empty};
}

static bool collect_entries(struct collecting *c, struct budget *budget)
{
    for (uint32_t i = 0; i < c->p->count; i++) {
        const struct model_op *op = &c->p->ops[i].op;
        if (!budget_spend(budget, 1))
            return false;
        if (is_put(op->kind) || is_empty_answer(op))
            add_stay(c, i);
        else if (!op->answered)
            c->out->takers[c->out->taker_count++] = i;
    }
    return true;
}

/* --- who saw them --- */

static void add_seen(struct collecting *c, struct stay *stay, uint32_t op)
{
    if (stay->first == STAY_NOBODY ||
        at(c, op)->returned_at_ns < at(c, stay->first)->returned_at_ns)
        stay->first = op;
    if (stay->last == STAY_NOBODY || at(c, op)->called_at_ns > at(c, stay->last)->called_at_ns)
        stay->last = op;
    if (at(c, op)->op.kind == OP_PEEK) {
        c->out->next_peek[op] = stay->peek;
        stay->peek = op;
    } else if (stay->leave == STAY_NOBODY) {
        stay->leave = op;
    } else {
        c->second = op;
        c->broken = (uint32_t)(stay - c->out->all);
    }
}

/* From the last to the first, so that the list of peeks ascends. */
static bool collect_seen(struct collecting *c, struct budget *budget)
{
    for (uint32_t i = (uint32_t)c->p->count; i-- > 0;) {
        const struct model_op *op = &c->p->ops[i].op;
        if (!budget_spend(budget, 1))
            return false;
        if (is_put(op->kind) || !model_op_told(op))
            continue;
        uint32_t stay = value_index_get(&c->stay_of, op->result);
        if (stay == VALUE_ABSENT)
            c->unknown = i;
        else if (!c->repeated)
            add_seen(c, &c->out->all[stay], i);
    }
    return true;
}

/* --- what each says by itself --- */

static void judge_stay(struct collecting *c, uint32_t i)
{
    struct stay *stay = &c->out->all[i];
    stay->absent = stay->first == STAY_NOBODY && !at(c, stay->enter)->op.answered;
    c->out->lost_count += stay_is_lost(stay);
    c->out->empty_count += stay->empty;
    if (stay->first == STAY_NOBODY || stay->empty)
        return;
    uint32_t late = stay->enter, soon = stay->first;
    if (at(c, soon)->returned_at_ns >= at(c, late)->called_at_ns) {
        late = stay->last;
        soon = stay->leave;
        if (soon == STAY_NOBODY || at(c, soon)->returned_at_ns >= at(c, late)->called_at_ns)
            return;
    }
    c->broken = i;
    c->late = late;
    c->soon = soon;
}

/* --- answers --- */

static enum err_code refute_broken(const struct collecting *c, struct proof *proof,
                                   struct arena *keep, struct finding *out, struct err *err)
{
    const struct stay *stay = &c->out->all[c->broken];
    const char *claim = NULL;
    if (c->second != STAY_NOBODY) {
        proof_cast(proof, stay->leave);
        proof_cast(proof, c->second);
        claim = "{0.who} {0.deed} and {1.who} {1.deed}, yet it was put in once";
    } else if (c->late == stay->enter) {
        proof_cast(proof, c->soon);
        proof_cast(proof, c->late);
        claim = "{0.who} {0.deed} by {0.returned}, before {1.who} put it in at {1.called}";
    } else {
        proof_cast(proof, c->late);
        proof_cast(proof, c->soon);
        claim = "{0.who} {0.deed} at {0.called}, after {1.who} had taken it out by "
                "{1.returned}";
    }
    proof_add(proof, stay->enter);
    proof_add(proof, stay->leave);
    return proof_give(proof, claim, keep, out, err);
}

static enum err_code refute_unknown(const struct collecting *c, struct proof *proof,
                                    struct arena *keep, struct finding *out, struct err *err)
{
    proof_cast(proof, c->unknown);
    return proof_give(proof, "{0.who} {0.deed}, which nobody ever put in", keep, out, err);
}

static enum err_code conclude(struct collecting *c, struct arena *work, struct arena *keep,
                              bool *ready, struct finding *finding, struct err *err)
{
    struct proof proof;
    *finding = (struct finding){.value = FINDING_NOT_MINE};
    if (c->unknown == STAY_NOBODY && c->repeated)
        return ERR_OK;
    for (uint32_t i = 0; i < c->out->count && c->unknown == STAY_NOBODY; i++)
        if (c->broken == STAY_NOBODY)
            judge_stay(c, i);
    *ready = c->unknown == STAY_NOBODY && c->broken == STAY_NOBODY;
    if (*ready)
        return ERR_OK;
    if (!proof_init(&proof, work, c->p->count))
        return err_set(err, ERR_NOMEM, "stays: out of memory");
    if (c->unknown != STAY_NOBODY)
        return refute_unknown(c, &proof, keep, finding, err);
    return refute_broken(c, &proof, keep, finding, err);
}

static bool allocate(struct collecting *c, struct arena *work)
{
    size_t count = c->p->count, taker_count = 0;
    uint32_t put_count = 0;
    int64_t *values = arena_array(work, count, sizeof *values);
    if (!values)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct model_op *op = &c->p->ops[i].op;
        if (is_put(op->kind))
            values[put_count++] = op->argument;
        else
            taker_count += !op->answered;
    }
    c->out->all = arena_array(work, count, sizeof *c->out->all);
    c->out->next_peek = arena_array(work, count, sizeof *c->out->next_peek);
    c->out->takers = arena_array(work, taker_count, sizeof *c->out->takers);
    return c->out->all && c->out->next_peek && c->out->takers &&
           value_index_init(&c->stay_of, work, values, put_count);
}

enum err_code stays_collect(const struct problem *p, struct budget *budget, struct arena *work,
                            struct arena *keep, struct stays *out, bool *ready,
                            struct finding *finding, struct err *err)
{
    struct collecting c = {.p = p,
                           .out = out,
                           .unknown = STAY_NOBODY,
                           .second = STAY_NOBODY,
                           .broken = STAY_NOBODY,
                           .late = STAY_NOBODY,
                           .soon = STAY_NOBODY};
    assert(p->count < UINT32_MAX / 4);
    *out = (struct stays){0};
    *ready = false;
    if (!allocate(&c, work))
        return err_set(err, ERR_NOMEM, "stays: out of memory");
    if (!collect_entries(&c, budget) || !collect_seen(&c, budget)) {
        *finding = (struct finding){.value = FINDING_GAVE_UP, .why = budget->why};
        return ERR_OK;
    }
    return conclude(&c, work, keep, ready, finding, err);
}
