/* Sequential consistency of small histories: is there an order that the model allows
 * and that keeps the order of each process (Lamport, IEEE Transactions on Computers
 * C-28(9), 1979)? Real time does not count.
 *
 * Unlike linearizability that cannot be told key by key, so it takes the operations of
 * all keys at once. The question is NP-complete: a search with a budget. */
#ifndef CHECKER_ALGORITHMS_SEQUENTIAL_H
#define CHECKER_ALGORITHMS_SEQUENTIAL_H

#include "checker/problem.h"

/* Operation i is one on the object `key_of[i]`, a number from 0 without gaps; NULL: all
 * are on one object. Every object begins as `initial` says. Program order is the order
 * in `p->ops` of those with the same `process`; an unanswered one happens in its place
 * there or not at all.
 *
 * ORDER holds indexes into `p->ops`. NO_ORDER has no proof, never FINDING_NOT_MINE. */
enum err_code sequential_decide(const struct problem *p, const uint32_t *key_of,
                                struct budget *budget, struct arena *work, struct arena *keep,
                                struct finding *out, struct err *err) MUST_CHECK;

#endif
