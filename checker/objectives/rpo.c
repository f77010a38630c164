/* rpo: how much acknowledged work may be lost, as time. */
#include "checker/objective.h"

static const char *measure(const struct objective *o, const struct measures *m,
                           int64_t *value_ns)
{
    if (o->table >= MEASURED_TABLES_MAX || m->rpo_count[o->table] < 0)
        return "the replicas were not read at the end";
    *value_ns = m->rpo_ns[o->table];
    /* Something is lost, however young it was: not the same as nothing. */
    if (m->rpo_count[o->table] > 0 && *value_ns == 0)
        *value_ns = 1;
    return NULL;
}

const struct objective_ops objective_rpo = {
    .about = {.name = "rpo", .summary = "Age of the oldest acknowledged write that was lost."},
    .measure = measure,
};
