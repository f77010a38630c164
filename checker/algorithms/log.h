/* Is a log linearizable? As good as linear.
 *
 * FINDING_NOT_MINE where an element was read whose append told no offset, and several
 * such appends were of that element. */
#ifndef CHECKER_ALGORITHMS_LOG_H
#define CHECKER_ALGORITHMS_LOG_H

#include "checker/problem.h"

enum err_code log_decide(const struct problem *p, struct budget *budget, struct arena *work,
                         struct arena *keep, struct finding *out, struct err *err) MUST_CHECK;

#endif
