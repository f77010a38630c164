/* What the parts of measures_take share. Not for others: they read struct measures. */
#ifndef CHECKER_MEASURING_H
#define CHECKER_MEASURING_H

#include "checker/objective.h"

struct measuring {
    struct history *history;
    const struct columns *columns; /* of all tables */
    struct arena *arena;
    struct measures *out;
    uint32_t region_count, table_count, node_count;
};

/* Does this operation tell whether its table serves its region? Where reads promise
 * little, any replica answers them at any time, and only changes tell. */
bool measuring_tells(const struct measuring *m, size_t row);

/* Did it also succeed? */
static inline bool measuring_succeeded(const struct measuring *m, size_t row)
{
    return m->columns->outcome[row] == OUTCOME_OK && measuring_tells(m, row);
}

enum err_code measure_windows(struct measuring *m, struct err *err) MUST_CHECK;
enum err_code measure_latencies(struct measuring *m, struct err *err) MUST_CHECK;
enum err_code measure_recoveries(struct measuring *m, struct err *err) MUST_CHECK;
enum err_code measure_outages(struct measuring *m, struct err *err) MUST_CHECK;
enum err_code measure_losses(struct measuring *m, struct err *err) MUST_CHECK;

#endif
