/* Is a set linearizable? Nearly linear.
 *
 * Without `members`, elements do not know each other, and each is decided by itself,
 * also when it is added and removed again and again. With `members`, a set that only
 * grows is decided. FINDING_NOT_MINE is said of other sets with `members`, and when one
 * element has very many operations at a time. */
#ifndef CHECKER_ALGORITHMS_SET_H
#define CHECKER_ALGORITHMS_SET_H

#include "checker/problem.h"

enum err_code set_decide(const struct problem *p, struct budget *budget, struct arena *work,
                         struct arena *keep, struct finding *out, struct err *err) MUST_CHECK;

#endif
