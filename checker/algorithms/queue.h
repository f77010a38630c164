/* Is a queue linearizable? In O(n log n), where every value was enqueued at most once
 * and the queue began empty; with peeks, with answers that it was empty, and with
 * unanswered operations. */
#ifndef CHECKER_ALGORITHMS_QUEUE_H
#define CHECKER_ALGORITHMS_QUEUE_H

#include "checker/problem.h"

/* An `algorithm`, see checker/problem.h. */
enum err_code queue_decide(const struct problem *p, struct budget *budget, struct arena *work,
                           struct arena *keep, struct finding *out, struct err *err) MUST_CHECK;

#endif
