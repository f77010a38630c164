/* Numbers about a run, measured once from its history: latency, unavailability,
 * RTO and RPO. Reports print what is here and measure nothing themselves. */
#ifndef CHECKER_OBJECTIVE_H
#define CHECKER_OBJECTIVE_H

#include "base/arena.h"
#include "base/histogram.h"
#include "history/history.h"

/* One fault as it was: on (or, for a moment's fault, the moment) until off. */
struct fault_window {
    uint32_t fault;
    const char *name, *asked, *resolved, *measured;
    int64_t on_at_ns, off_at_ns; /* equal for a moment; off INT64_MAX: never healed */
    int64_t calm_at_ns; /* the first second after it in which every region succeeds again;
                           INT64_MAX: never */
    bool applied;       /* false: "not applied", with the reason in `asked` */
};

/* Latencies of one kind of operation in one region, from the intended time. */
struct latency_cell {
    uint32_t region;
    enum op_kind kind;
    struct histogram inside, outside; /* fault windows, up to calm_at_ns */
};

struct recovery {
    uint32_t fault, table;
    bool has_data;
    int64_t rto_ns; /* longest time without success in regions that reach a majority;
                       INT64_MAX: never again */
    uint32_t worst_region;
};

struct outage {
    uint32_t region, table;
    int64_t unavailable_ns; /* seconds without any success while operations were tried */
};

struct measures {
    size_t window_count, latency_count, recovery_count, outage_count;
    const struct fault_window *windows;
    const struct latency_cell *latencies;
    const struct recovery *recoveries;
    const struct outage *outages;
    /* By table: acknowledged writes that no replica holds at the end, and how old the
     * oldest of them was when it was lost. -1: not measured. */
    int64_t rpo_count[16], rpo_ns[16];
    uint64_t ok, failed, unknown;
};

/* Measure everything. Histograms inside belong to `arena`'s life: call
 * measures_done before the arena goes. */
enum err_code measures_take(struct history *history, struct arena *arena, struct measures *out,
                            struct err *err) MUST_CHECK;
void measures_done(struct measures *m);

/* One objective of the scenario, judged. */
struct objective_result {
    const char *name;  /* "accounts.rto" */
    const char *limit; /* "3s" */
    const char *value; /* "1.2s", or why there is no data */
    enum { OBJECTIVE_MET, OBJECTIVE_MISSED, OBJECTIVE_NO_DATA } state;
};

/* Judge the objectives that travel in the history's meta "objectives" (JSON). */
enum err_code objectives_judge(struct history *history, const struct measures *m,
                               struct arena *arena, const struct objective_result **out,
                               size_t *count, struct err *err) MUST_CHECK;

#endif
