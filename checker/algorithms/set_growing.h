/* Is a set linearizable that only grows, and whose members are read as a whole? In time
 * by the length of all lists.
 *
 * FINDING_NOT_MINE where there is anything but `members`, and adds that do not tell
 * whether they changed something. */
#ifndef CHECKER_ALGORITHMS_SET_GROWING_H
#define CHECKER_ALGORITHMS_SET_GROWING_H

#include "checker/problem.h"

enum err_code set_growing_decide(const struct problem *p, struct budget *budget,
                                 struct arena *work, struct arena *keep, struct finding *out,
                                 struct err *err) MUST_CHECK;

#endif
