/* Is nobody's id somebody else's? Decides always, in linear time. */
#ifndef CHECKER_ALGORITHMS_UNIQUE_IDS_H
#define CHECKER_ALGORITHMS_UNIQUE_IDS_H

#include "checker/problem.h"

enum err_code unique_ids_decide(const struct problem *p, struct budget *budget,
                                struct arena *work, struct arena *keep, struct finding *out,
                                struct err *err) MUST_CHECK;

#endif
