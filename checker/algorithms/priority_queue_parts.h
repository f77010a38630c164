/* How priority_queue_decide tells what it found; not for others. */
#ifndef CHECKER_ALGORITHMS_PRIORITY_QUEUE_PARTS_H
#define CHECKER_ALGORITHMS_PRIORITY_QUEUE_PARTS_H

#include "checker/algorithms/greatest_deadlines.h"

/* Why g->failed has no place. */
enum err_code priority_queue_refute(const struct greatest *g, struct budget *budget,
                                    struct arena *work, struct arena *keep, struct finding *out,
                                    struct err *err) MUST_CHECK;

/* More values are lost by some time than unanswered polls were called: if so, *found and
 * the finding. */
enum err_code priority_queue_refute_shortage(const struct greatest *g,
                                             const struct greatest_deadlines *d,
                                             struct budget *budget, struct arena *work,
                                             struct arena *keep, bool *found,
                                             struct finding *out, struct err *err) MUST_CHECK;

#endif
