/* Is a counter linearizable? As good as linear.
 *
 * Decides where all increments are by the same amount, where all are in one direction
 * and told their sums, and where nobody saw a sum. Else it may still find a sum that
 * was too small or too great; what remains is FINDING_NOT_MINE, because which
 * increments add up to a sum is a hard question in general. */
#ifndef CHECKER_ALGORITHMS_COUNTER_H
#define CHECKER_ALGORITHMS_COUNTER_H

#include "checker/problem.h"

enum err_code counter_decide(const struct problem *p, struct budget *budget, struct arena *work,
                             struct arena *keep, struct finding *out,
                             struct err *err) MUST_CHECK;

#endif
