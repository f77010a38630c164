/* Numbers about a run, measured once from its history: latency, unavailability,
 * RTO and RPO. Reports print what is here and measure nothing themselves. */
#ifndef CHECKER_OBJECTIVE_H
#define CHECKER_OBJECTIVE_H

#include "base/arena.h"
#include "base/histogram.h"
#include "base/param.h"
#include "history/history.h"

/* One fault as it was: on (or, for a moment's fault, the moment) until off. */
struct fault_window {
    uint32_t fault;
    const char *name, *asked;
    const char *resolved; /* JSON, or NULL; see struct fault_row */
    const char *measured; /* NULL, or what was seen; not applied: the reason */
    int64_t on_at_ns;     /* not applied: when that was told */
    int64_t off_at_ns;    /* INT64_MAX: never healed */
    int64_t calm_at_ns;   /* begin of the first second after it in which all regions and
                             tables succeed again and nobody waits for, or gives up on,
                             what it held up; INT64_MAX: never */
    bool unserved; /* a place was tried after it, to the end, and never succeeded: one is */
    uint32_t unserved_region, unserved_table;
    bool applied, effective;
    bool without_effect; /* as was measured; neither: nobody could tell */
};

/* Latencies of one kind of operation in one region, from the intended time. */
struct latency_cell {
    uint32_t region;
    enum op_kind kind;
    struct histogram inside, outside; /* touched a fault window, up to calm; or did not */
};

struct recovery {
    uint32_t fault, table;
    bool has_data;  /* some region reached a majority and tried */
    int64_t rto_ns; /* longest time without success in regions that reach a majority;
                       INT64_MAX: never again */
    uint32_t worst_region;
};

struct outage {
    uint32_t region, table;
    int64_t unavailable_ns; /* seconds without any success in which operations were meant to be
                               called, or waited for */
};

/* How many operations failed, or stayed unknown, with this error. */
struct reason {
    enum op_outcome outcome;
    const char *error; /* NULL: none was told, or it is one of too many */
    uint64_t count;
};

enum { MEASURED_TABLES_MAX = 16, REASONS_MAX = 64 };

struct measures {
    size_t window_count, latency_count, recovery_count, outage_count;
    const struct fault_window *windows;
    struct latency_cell *latencies;
    const struct recovery *recoveries;
    const struct outage *outages;
    /* By table: acknowledged writes that no replica holds at the end, and how old the
     * oldest of them was when it was lost. -1: not measured. */
    int64_t rpo_count[MEASURED_TABLES_MAX], rpo_ns[MEASURED_TABLES_MAX];
    /* What the store says it cut off, acknowledged or not. -1: it did not say. */
    int64_t cut_off_count[MEASURED_TABLES_MAX];
    uint64_t ok, failed, unknown;
    const struct reason *reasons; /* by outcome, the most frequent first */
    size_t reason_count;
};

/* Measure everything. Histograms inside belong to `arena`'s life: call
 * measures_done before the arena goes, also after a failure. */
enum err_code measures_take(struct history *history, struct arena *arena, struct measures *out,
                            struct err *err) MUST_CHECK;

/* The same from columns of all tables that are loaded already. */
enum err_code measures_take_from(struct history *history, const struct columns *columns,
                                 struct arena *arena, struct measures *out,
                                 struct err *err) MUST_CHECK;
void measures_done(struct measures *m);

/* One objective of the scenario, judged. */
struct objective_result {
    const char *name;  /* "accounts.rto" */
    const char *limit; /* "3s" */
    const char *value; /* "1.2s", or why there is no data */
    enum { OBJECTIVE_MET, OBJECTIVE_MISSED, OBJECTIVE_NO_DATA } state;
};

/* Judge the objectives that travel in the history's meta "objectives": a JSON array of
 *   {"name": "accounts.rto", "kind": "rto", "table": 0, "limit_ns": 3000000000}
 *   {"name": "accounts.rpo", "kind": "rpo", "table": 0, "limit_ns": 0}
 *   {"name": "write_p99", "kind": "latency", "op": "write", "quantile_ppm": 990000,
 *    "outside_faults": true, "region": 1, "limit_ns": 400000000}   "region" may be absent */
enum err_code objectives_judge(struct history *history, const struct measures *m,
                               struct arena *arena, const struct objective_result **out,
                               size_t *count, struct err *err) MUST_CHECK;

/* --- kinds of objectives: checker/objectives.def --- */

struct objective {
    const char *name;
    uint32_t table, region; /* UINT32_MAX: not said */
    enum op_kind op;
    int64_t quantile_ppm, limit_ns;
    bool outside_faults;
};

struct objective_ops {
    struct plugin about;
    /* The number to hold against the limit; INT64_MAX: without end. NULL when there is
     * one, else why there is no data. */
    const char *(*measure)(const struct objective *o, const struct measures *m,
                           int64_t *value_ns);
};

struct catalogue objective_catalogue(void);

#endif
