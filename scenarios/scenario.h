/* A scenario: what to build, what to do to it, and what it must keep. Read from
 * YAML, checked whole, and from then on trusted. Holds no chance: scenarios/plan.h
 * draws what is left to draw.
 *
 * What faults, workloads, systems and checks there are is told by the caller
 * (struct vocabulary): this folder may not see them. */
#ifndef SCENARIOS_SCENARIO_H
#define SCENARIOS_SCENARIO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/document.h"
#include "base/param.h"

enum {
    REGIONS_MAX = 16,
    NODES_MAX = 32,
    TABLES_MAX = 16,
    WORKLOADS_MAX = 16,
    FAULTS_MAX = 64,
    OBJECTIVES_MAX = 64
};

/* Flags of a fault plug-in that the loader must know. */
enum fault_flags {
    FAULT_ON_LINKS = 1, /* its targets are links; else nodes */
    FAULT_HEALS = 2,    /* lasts: `for` is required. Without it: a moment, as kill */
    FAULT_RESTARTS = 4, /* takes `restart_after` */
    FAULT_KILLS = 8,    /* only where the system can be killed (SYSTEM_KILL) */
    FAULT_PAUSES = 16   /* only where it can be paused (SYSTEM_PAUSE) */
};

/* Flags of a system plug-in: what it can do. */
enum system_flags {
    SYSTEM_IN_SIM = 1,
    SYSTEM_IN_LOCAL = 2,
    SYSTEM_ASYNC = 4,        /* keeps tables of mode async, not only consensus */
    SYSTEM_ROLES = 16,       /* role() answers */
    SYSTEM_FINAL_STATE = 32, /* final_state() answers */
    SYSTEM_PAUSE = 64,
    SYSTEM_KILL = 128,
    SYSTEM_REGISTER = PLUGIN_REGISTER,
    SYSTEM_OR_SET = PLUGIN_OR_SET
};

/* Can nodes of the system be hit by the fault? */
bool system_can_take(const struct plugin *system, const struct plugin *fault);

struct region {
    const char *name;
    uint32_t node_count;
};

struct node_spec {
    const char *name; /* "us-east-1": region and number from 1 */
    uint32_t region;
};

/* Base shape of a directed link between regions; within one region all zero. */
struct region_link {
    int64_t delay_ns, jitter_ns, loss_ppm;
};

struct topology {
    uint32_t region_count, node_count;
    struct region regions[REGIONS_MAX];
    struct node_spec nodes[NODES_MAX];
    struct region_link links[REGIONS_MAX][REGIONS_MAX]; /* [from][to] */
};

struct table_spec {
    const char *name;
    enum table_type { TABLE_REGISTER, TABLE_OR_SET } type;
    enum table_mode { MODE_CONSENSUS, MODE_ASYNC } mode;
    const char *reads;         /* the level's name: "linearizable", "eventual" */
    const char *const *checks; /* names, ends with NULL */
};
const char *table_type_name(enum table_type type);
const char *table_mode_name(enum table_mode mode);

struct system_spec {
    const struct plugin *plugin;
    const void *config; /* of the plug-in's size, filled from the scenario */
    uint32_t table_count;
    struct table_spec tables[TABLES_MAX];
};

struct workload_spec {
    const struct plugin *plugin;
    const void *config;
    const char *name; /* "workloads[0]", for errors and reports */
    uint32_t table;   /* index in system.tables */
};

struct fault_spec {
    const struct plugin *plugin;
    const void *config;
    const char *path;         /* "faults[1]" */
    int64_t at_ns, for_ns;    /* since the start of the workload; for_ns 0: a moment */
    int64_t restart_after_ns; /* -1: not asked */
    int64_t wait_ns;          /* for a role that nobody holds yet */
};

/* objectives: per table rto and rpo; latency quantiles per kind of operation. -1: none. */
struct objective_spec {
    const char *name; /* "accounts.rto", "write_p99" */
    enum objective_kind { OBJECTIVE_RTO, OBJECTIVE_RPO, OBJECTIVE_LATENCY } kind;
    uint32_t table;       /* RTO, RPO */
    const char *op;       /* LATENCY: "read", "write", ... */
    int64_t quantile_ppm; /* LATENCY: 990000 for p99 */
    bool outside_faults;
    uint32_t region; /* LATENCY: or REGIONS_MAX for all */
    int64_t limit_ns;
};

/* Ask the plan to draw faults, besides those written down. */
struct random_faults {
    int64_t min, max; /* how many; both 0: none */
};

/* What the loader may say. Checks and workloads tell which tables they are for by
 * PLUGIN_REGISTER and PLUGIN_OR_SET. */
struct vocabulary {
    struct catalogue faults, workloads, systems, checks;
    /* Could this fault hit anything in this topology, whoever leads? NULL: not asked. */
    enum err_code (*fault_possible)(const struct plugin *fault, const void *config,
                                    const struct topology *topology,
                                    const struct system_spec *system, struct err *err);
};

struct scenario {
    const char *name, *summary;
    struct topology topology;
    struct system_spec system;
    uint32_t workload_count, fault_count, objective_count;
    const struct workload_spec *workloads;
    const struct fault_spec *faults;
    const struct objective_spec *objectives;
    struct random_faults random_faults;
    int64_t duration_ns; /* of the workload */
    int64_t settle_ns;   /* bound on convergence after heal; default 15s */
    const char *note;    /* what is allowed but odd, in one sentence; NULL: nothing */
    const char *source;  /* the document as JSON text, --set applied */
};

/* Check `document` and build the scenario in `arena`, which outlives it. Errors are
 * one sentence: "FILE:LINE: PATH: 'VALUE' ...; what is allowed". */
enum err_code scenario_read(const struct document *document, const struct vocabulary *v,
                            struct arena *arena, struct scenario **out,
                            struct err *err) MUST_CHECK;

/* JSON Schema (draft 2020-12) of every scenario that scenario_read takes, for
 * editors. Owned by the caller (json_decref); NULL without memory. */
json_t *scenario_schema(const struct vocabulary *v);

#endif
