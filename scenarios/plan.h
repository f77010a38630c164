/* The plan: a scenario and a seed, with nothing left to chance. What depends on the
 * run (who leads?) stays a question, with the drawn order that answers it. */
#ifndef SCENARIOS_PLAN_H
#define SCENARIOS_PLAN_H

#include "scenarios/scenario.h"

struct planned_fault {
    uint32_t id; /* from 1, in order of at_ns */
    const struct plugin *plugin;
    const void *config;
    const char *words; /* "partition: {isolate: leader-region of accounts}" */
    int64_t at_ns, for_ns, restart_after_ns, wait_ns;
    uint8_t order[NODES_MAX]; /* of all nodes, drawn */
    uint64_t seed;            /* of whatever the fault draws while it lasts */
};

struct plan {
    const struct scenario *scenario;
    uint64_t seed;
    uint32_t fault_count;
    const struct planned_fault *faults; /* by at_ns */
    uint64_t world_seed;
    uint64_t workload_seeds[WORKLOADS_MAX]; /* by workload */
};

/* Draw everything. The same scenario and seed give the same plan; a fault taken
 * away leaves the other draws as they were. `faults` is what random_faults draws
 * from. */
enum err_code plan_make(const struct scenario *scenario, uint64_t seed,
                        const struct catalogue *faults, struct arena *arena, struct plan **out,
                        struct err *err) MUST_CHECK;

/* The whole plan as JSON, for the run folder; NULL without memory. */
json_t *plan_to_json(const struct plan *plan);

#endif
