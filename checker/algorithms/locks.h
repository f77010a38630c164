/* Is a lock linearizable? For the models mutex and fenced-mutex.
 *
 * A mutex always decides. Of a fenced one FINDING_NOT_MINE is said where its tokens
 * work out only with an acquire whose token nobody was told. */
#ifndef CHECKER_ALGORITHMS_LOCKS_H
#define CHECKER_ALGORITHMS_LOCKS_H

#include "checker/problem.h"

enum err_code lock_decide(const struct problem *p, struct budget *budget, struct arena *work,
                          struct arena *keep, struct finding *out, struct err *err) MUST_CHECK;

#endif
