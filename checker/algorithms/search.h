/* The generic search: decides every model, in time that grows with how much overlaps
 * and may be exponential. Wing and Gong's backtracking (1993) with Lowe's memo of what
 * was tried (Concurrency and Computation 29(4), 2017), its memory bounded.
 *
 * Operations that only look are taken as soon as they fit, equal ones in one order. */
#ifndef CHECKER_ALGORITHMS_SEARCH_H
#define CHECKER_ALGORITHMS_SEARCH_H

#include "checker/problem.h"

/* Never FINDING_NOT_MINE. NO_ORDER comes without a proof. Where the memory's limit is
 * reached it forgets where it has been, and goes on as long as `budget` lasts. */
enum err_code search_decide(const struct problem *p, struct budget *budget, struct arena *work,
                            struct arena *keep, struct finding *out,
                            struct err *err) MUST_CHECK;

/* How much its tables may hold; 0: as much as the budget's memory and reason allow. */
struct search_limits {
    size_t tried_bytes, states_bytes;
};

/* search_decide with tables that are as small as `limits` say, where it is not NULL: tests
 * see it forget. */
enum err_code search_limited(const struct problem *p, const struct search_limits *limits,
                             struct budget *budget, struct arena *work, struct arena *keep,
                             struct finding *out, struct err *err) MUST_CHECK;

#endif
