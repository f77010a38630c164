/* rto: after each fault, clients that still reach a majority are served again. */
#include "checker/objective.h"

static const char *measure(const struct objective *o, const struct measures *m,
                           int64_t *value_ns)
{
    bool any = false;
    *value_ns = 0;
    for (size_t i = 0; i < m->recovery_count; i++) {
        const struct recovery *r = &m->recoveries[i];
        if (r->table != o->table || !r->has_data)
            continue;
        any = true;
        if (r->rto_ns > *value_ns)
            *value_ns = r->rto_ns;
    }
    return any ? NULL : "no fault met clients that could have been served";
}

const struct objective_ops objective_rto = {
    .about = {.name = "rto", .summary = "Longest time without service after a fault."},
    .measure = measure,
};
