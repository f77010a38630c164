/* Is there an order? Decided by trying all of them: the judge that every algorithm
 * is compared with. */
#ifndef TESTS_SUPPORT_BRUTE_H
#define TESTS_SUPPORT_BRUTE_H

#include "checker/problem.h"

enum { BRUTE_OPS_MAX = 20 };

/* At most BRUTE_OPS_MAX operations. */
bool brute_possible(const struct problem *p);

/* Is `order` one: no operation twice, all answered ones in it, nobody before one that
 * returned before its call, and allowed by the model? */
bool brute_accepts(const struct problem *p, const uint32_t *order, size_t count);

/* The operations of `p` that `kept` names, as a problem of their own; `ops` has room. */
struct problem brute_part(const struct problem *p, const uint32_t *kept, size_t count,
                          struct timed_op *ops);

/* One line per operation, on stderr, for a test that is about to fail. */
void brute_print(const struct problem *p);

#endif
