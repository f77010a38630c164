/* latency: a quantile of one kind of operation, in one region or in the worst. */
#include "checker/objective.h"

/* -1: none of them; -2: no memory. */
static int64_t quantile_ns(const struct objective *o, const struct latency_cell *cell)
{
    if (o->outside_faults)
        return cell->outside.total == 0
                   ? -1
                   : histogram_quantile_ns(&cell->outside, o->quantile_ppm);
    struct histogram both = {0};
    int64_t value_ns = -1;
    if (!histogram_merge(&both, &cell->inside) || !histogram_merge(&both, &cell->outside))
        value_ns = -2;
    else if (both.total > 0)
        value_ns = histogram_quantile_ns(&both, o->quantile_ppm);
    histogram_done(&both);
    return value_ns;
}

static const char *measure(const struct objective *o, const struct measures *m,
                           int64_t *value_ns)
{
    bool any = false;
    *value_ns = 0;
    for (size_t i = 0; i < m->latency_count; i++) {
        const struct latency_cell *cell = &m->latencies[i];
        if (cell->kind != o->op || (o->region != UINT32_MAX && cell->region != o->region))
            continue;
        int64_t here_ns = quantile_ns(o, cell);
        if (here_ns == -2)
            return "there was no memory to count them";
        any |= here_ns >= 0;
        if (here_ns > *value_ns)
            *value_ns = here_ns;
    }
    return any ? NULL : "no such operation was acknowledged";
}

const struct objective_ops objective_latency = {
    .about = {.name = "latency", .summary = "A quantile of the time an operation takes."},
    .measure = measure,
};
