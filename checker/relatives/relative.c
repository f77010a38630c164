#include "checker/relatives/relative.h"

int64_t relative_known_at_ns(const struct version *l)
{
    return l->first_return_at_ns < l->returned_at_ns ? l->first_return_at_ns
                                                     : l->returned_at_ns;
}

uint32_t relative_first_knower(const struct version *l)
{
    return l->first_return_at_ns < l->returned_at_ns ? l->first_reader : l->writer;
}

uint32_t relative_last_looker(const struct versions *versions, const struct version *l)
{
    const struct version *next =
        l->successor == VERSION_NONE ? NULL : &versions->at[l->successor];
    if (next && versions->p->ops[next->writer].op.answered &&
        (l->last_reader == VERSION_NONE || next->called_at_ns > l->last_call_at_ns))
        return next->writer;
    return l->last_reader;
}

uint32_t relative_seen(const struct versions *versions, uint32_t op)
{
    const struct model_op *its = &versions->p->ops[op].op;
    if (versions_is_reader(its))
        return versions->of[op];
    return versions_replaces(its) && its->answered ? versions->at[versions->of[op]].from
                                                   : VERSION_NONE;
}

uint32_t relative_first_called_after(const struct versions *versions, int64_t at_ns)
{
    uint32_t low = 1, high = versions->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (versions->at[middle].called_at_ns > at_ns)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* Somebody who found a value before its write was called. */
static uint32_t too_early(const struct versions *versions)
{
    for (uint32_t i = 0; i < versions->p->count; i++) {
        uint32_t seen = relative_seen(versions, i);
        if (seen != VERSION_NONE &&
            versions->p->ops[i].returned_at_ns < versions->at[seen].called_at_ns)
            return i;
    }
    return RELATIVE_NOBODY;
}

static bool any_replaced(const struct versions *versions)
{
    for (uint32_t i = 0; i < versions->count; i++)
        if (versions->at[i].kept && versions->at[i].from != VERSION_NONE)
            return true;
    return false;
}

enum err_code relative_collect(const struct problem *p, bool only_reads_and_writes,
                               struct budget *budget, struct arena *work,
                               struct versions *versions, enum relative_state *state,
                               uint32_t *culprit, struct err *err)
{
    *state = RELATIVE_GAVE_UP;
    *culprit = RELATIVE_NOBODY;
    if (!versions_collect(p, budget, work, versions))
        return budget->why ? ERR_OK : err_set(err, ERR_NOMEM, "relatives: out of memory");
    *state = RELATIVE_NOT_MINE;
    if (versions->state == VERSIONS_FOREIGN || versions->state == VERSIONS_REPEATED)
        return ERR_OK;
    *state = RELATIVE_IMPOSSIBLE;
    *culprit = versions->culprit;
    if (versions->state == VERSIONS_NOWHERE)
        return ERR_OK;
    *culprit = too_early(versions);
    if (*culprit != RELATIVE_NOBODY)
        return ERR_OK;
    bool foreign = only_reads_and_writes && any_replaced(versions);
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
