/* How priority_queue_decide tells what it found; not for others. */
#ifndef CHECKER_ALGORITHMS_PRIORITY_QUEUE_PARTS_H
#define CHECKER_ALGORITHMS_PRIORITY_QUEUE_PARTS_H

#include "checker/algorithms/greatest_deadlines.h"

/* Why g->failed has no place. */
enum err_code priority_queue_refute(const struct greatest *g, struct budget *budget,
                                    struct arena *work, struct arena *keep, struct finding *out,
                                    struct err *err) MUST_CHECK;

/* The same, for those who choose takers: the lost values because of whose zones it has
 * none, in `lost`, which has room for all. One of these must leave sooner than it does.
 * `known` is false when that takes too long to tell. */
enum err_code priority_queue_blame(const struct greatest *g, struct budget *budget,
                                   uint32_t *lost, uint32_t *count, bool *known,
                                   struct err *err) MUST_CHECK;

/* Who may have taken what? Takes those who must leave soonest first; where that fails,
 * tries for each who is to blame that it leaves sooner. IMPOSSIBLE is certain. */
enum taking { TAKING_FOUND, TAKING_IMPOSSIBLE, TAKING_UNKNOWN };

/* With FOUND, `order` is that of greatest_place. */
enum err_code priority_queue_take(struct greatest *g, const struct greatest_deadlines *d,
                                  struct budget *budget, struct arena *work, enum taking *found,
                                  struct placed *order, uint32_t *order_count,
                                  struct err *err) MUST_CHECK;

/* More values are lost by some time than unanswered polls were called: if so, *found and
 * the finding. */
enum err_code priority_queue_refute_shortage(const struct greatest *g,
                                             const struct greatest_deadlines *d,
                                             struct budget *budget, struct arena *work,
                                             struct arena *keep, bool *found,
                                             struct finding *out, struct err *err) MUST_CHECK;

#endif
