#include "checker/relatives/relative.h"

int64_t relative_known_at_ns(const struct level *l)
{
    return l->first_return_at_ns < l->returned_at_ns ? l->first_return_at_ns
                                                     : l->returned_at_ns;
}

uint32_t relative_first_knower(const struct level *l)
{
    return l->first_return_at_ns < l->returned_at_ns ? l->first_reader : l->writer;
}

uint32_t relative_last_looker(const struct levels *levels, const struct level *l)
{
    const struct level *next = l->successor == LEVEL_NONE ? NULL : &levels->at[l->successor];
    if (next && levels->p->ops[next->writer].op.answered &&
        (l->last_reader == LEVEL_NONE || next->called_at_ns > l->last_call_at_ns))
        return next->writer;
    return l->last_reader;
}

uint32_t relative_seen(const struct levels *levels, uint32_t op)
{
    const struct model_op *its = &levels->p->ops[op].op;
    if (levels_is_reader(its))
        return levels->of[op];
    return levels_replaces(its) && its->answered ? levels->at[levels->of[op]].from : LEVEL_NONE;
}

uint32_t relative_first_called_after(const struct levels *levels, int64_t at_ns)
{
    uint32_t low = 1, high = levels->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (levels->at[middle].called_at_ns > at_ns)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* Somebody who found a value before its write was called. */
static uint32_t too_early(const struct levels *levels)
{
    for (uint32_t i = 0; i < levels->p->count; i++) {
        uint32_t seen = relative_seen(levels, i);
        if (seen != LEVEL_NONE &&
            levels->p->ops[i].returned_at_ns < levels->at[seen].called_at_ns)
            return i;
    }
    return RELATIVE_NOBODY;
}

static bool any_replaced(const struct levels *levels)
{
    for (uint32_t i = 0; i < levels->count; i++)
        if (levels->at[i].kept && levels->at[i].from != LEVEL_NONE)
            return true;
    return false;
}

enum err_code relative_collect(const struct problem *p, bool only_reads_and_writes,
                               struct budget *budget, struct arena *work, struct levels *levels,
                               enum relative_state *state, uint32_t *culprit, struct err *err)
{
    *state = RELATIVE_GAVE_UP;
    *culprit = RELATIVE_NOBODY;
    if (!levels_collect(p, budget, work, levels))
        return budget->why ? ERR_OK : err_set(err, ERR_NOMEM, "relatives: out of memory");
    *state = RELATIVE_NOT_MINE;
    if (levels->state == LEVELS_FOREIGN || levels->state == LEVELS_REPEATED)
        return ERR_OK;
    *state = RELATIVE_IMPOSSIBLE;
    *culprit = levels->culprit;
    if (levels->state == LEVELS_NOWHERE)
        return ERR_OK;
    *culprit = too_early(levels);
    if (*culprit != RELATIVE_NOBODY)
        return ERR_OK;
    bool foreign = only_reads_and_writes && any_replaced(levels);
    *state = foreign ? RELATIVE_NOT_MINE : RELATIVE_KNOWN;
    return ERR_OK;
}

static bool is_of_registers(const struct problem *p)
{
    static const unsigned kinds = 1U << OP_READ | 1U << OP_WRITE | 1U << OP_CAS | 1U << OP_RMW;
    if (p->model->words_at_start != 1 || p->model->words_per_op != 0)
        return false;
    for (size_t i = 0; i < p->count; i++)
        if (!(kinds >> p->ops[i].op.kind & 1))
            return false;
    return true;
}

const char *relative_refuses(const struct problem *p, struct arena *arena)
{
    if (is_of_registers(p))
        return NULL;
    const char *why =
        arena_format(arena, "a %s is no register with distinct values", p->model->about.name);
    return why ? why : "it is no register with distinct values";
}
