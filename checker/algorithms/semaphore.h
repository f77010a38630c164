/* Is a semaphore linearizable? Nearly linear, where nobody was told that no permit was
 * left. Where somebody was, too, as long as few operations are under way at a time; else
 * FINDING_NOT_MINE. */
#ifndef CHECKER_ALGORITHMS_SEMAPHORE_H
#define CHECKER_ALGORITHMS_SEMAPHORE_H

#include "checker/problem.h"

enum err_code semaphore_decide(const struct problem *p, struct budget *budget,
                               struct arena *work, struct arena *keep, struct finding *out,
                               struct err *err) MUST_CHECK;

#endif
