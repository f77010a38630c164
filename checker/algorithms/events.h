/* Is a register linearizable, whatever was written how often? By following, from event
 * to event, every way in which it may stand (frontier.h). What overlaps decides how
 * long that takes, not the length of the history. */
#ifndef CHECKER_ALGORITHMS_EVENTS_H
#define CHECKER_ALGORITHMS_EVENTS_H

#include "checker/problem.h"

/* For cas-register, register, rmw and kv (the operations of which have been numbered by
 * kv_texts). A few configurations are followed first, then more, then all. */
enum err_code events_decide(const struct problem *p, struct budget *budget, struct arena *work,
                            struct arena *keep, struct finding *out, struct err *err);

/* The same with widths of the caller's: how many configurations are followed in the
 * first round, the second, ... */
enum err_code events_decide_by(const struct problem *p, const size_t *widths, size_t rounds,
                               struct budget *budget, struct arena *work, struct arena *keep,
                               struct finding *out, struct err *err);

#endif
