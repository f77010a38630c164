/* The contract every workload implements: a pure generator of operations. Placing
 * clients, pacing, time-outs and recording are the driver's (workloads/driver.h). */
#ifndef WORKLOADS_WORKLOAD_H
#define WORKLOADS_WORKLOAD_H

#include "base/param.h"
#include "base/random.h"
#include "history/op.h"
#include "scenarios/scenario.h"

/* What every workload's config begins with; its params begin with WORKLOAD_PARAMS. */
struct workload_common {
    int64_t clients;     /* per region */
    int64_t rate_per_ks; /* per region; operations per 1,000 seconds */
    int64_t pacing;      /* enum pacing */
    int64_t keys;
    int64_t chooser; /* enum chooser */
};
enum pacing { PACING_POISSON, PACING_CONSTANT, PACING_CLOSED };
enum chooser { CHOOSER_UNIFORM, CHOOSER_ZIPFIAN };

struct workload_state; /* the generator's own, one per workload of a run */

struct workload_ops {
    struct plugin about;
    unsigned needs; /* enum table_type bit: which tables it can drive */
    size_t state_size;

    /* `state` is zeroed. */
    void (*begin)(struct workload_state *state, const struct workload_spec *spec,
                  const struct table_spec *table);

    /* The next operation of a client in `region`. Draws from `random` the same number
     * of times whatever it chooses. Table and request id are filled in by the driver. */
    void (*next)(struct workload_state *state, struct random_stream *random, uint32_t region,
                 struct operation *out);
};

struct catalogue workload_catalogue(void);
const struct workload_ops *workload_of(const struct plugin *plugin);

#endif
