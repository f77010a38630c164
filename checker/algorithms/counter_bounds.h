/* What is certain about a counter that only grows, whatever order its increments have:
 * who sees a sum sees at least all that was added before it began, at least what others
 * had seen by then, and at most all that was asked for before it ended. */
#ifndef CHECKER_ALGORITHMS_COUNTER_BOUNDS_H
#define CHECKER_ALGORITHMS_COUNTER_BOUNDS_H

#include "checker/problem.h"

/* FINDING_NO_ORDER or FINDING_NOT_MINE (or gave up). No increment is negative, and their
 * sum is a number. */
enum err_code counter_bounds(const struct problem *p, struct budget *budget, struct arena *work,
                             struct arena *keep, struct finding *out,
                             struct err *err) MUST_CHECK;

#endif
