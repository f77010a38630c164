/* What the harness itself writes into a run's history: what was run, what was
 * promised, what the faults did, who led when. Operations are the driver's. */
#ifndef HARNESS_RECORD_H
#define HARNESS_RECORD_H

#include "harness/stage.h"
#include "history/writer.h"
#include "injector/injector.h"

/* "2026-03-09T14:05:07Z", as RFC 3339 has it. Returns `out`. */
const char *record_wall_time(int64_t wall_ns, char *out, size_t size);

/* Scenario, plan, seed, names, promises and objectives, so that the history can be
 * judged without its run folder. A run outside the simulator also tells when it was
 * started; inside, the same seed must give the same bytes. */
enum err_code record_header(struct history_writer *w, const struct plan *plan,
                            const struct stage *stage, struct err *err) MUST_CHECK;

/* Writes what it hears; both outlive it. */
struct fault_recorder {
    struct history_writer *history;
    struct world *world;
    uint32_t failed_count; /* faults not applied so far */
};
struct fault_listener record_faults(struct fault_recorder *r);

#endif
