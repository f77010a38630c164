/* Is a stack linearizable? In O(n log n) where each element was pushed once.
 *
 * Exact if all pops were answered. Of unanswered ones only which elements they took
 * is unknown: an order is looked for with those that must have been taken, and there is
 * none if none would do even with an unanswered pop for every element, all of them as
 * early as the first; between the two it is FINDING_NOT_MINE, as it is where an element
 * was pushed twice. */
#ifndef CHECKER_ALGORITHMS_STACK_H
#define CHECKER_ALGORITHMS_STACK_H

#include "checker/problem.h"

enum err_code stack_decide(const struct problem *p, struct budget *budget, struct arena *work,
                           struct arena *keep, struct finding *out, struct err *err) MUST_CHECK;

#endif
