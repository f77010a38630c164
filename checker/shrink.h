/* A long list of operations without an order, made into a short one that has none by
 * itself. */
#ifndef CHECKER_SHRINK_H
#define CHECKER_SHRINK_H

#include "checker/portfolio.h"

/* `ops`, which `p->ops` points to, are impossible. Take out what can be taken out
 * soundly, as long as the rest stays impossible: `p` and `ops` hold what is left.
 * Sound is what cannot make the rest impossible by itself (see shrink.c), so whatever
 * is left proves as much as the whole. Stops early when the budget is spent.
 *
 * `last` is how what is left was decided, its arrays in `keep`. Fails only without
 * memory; even then what is left is a proof. */
enum err_code shrink_ops(struct problem *p, struct timed_op *ops, struct budget *budget,
                         struct arena *keep, struct decision *last, struct err *err) MUST_CHECK;

/* What would be left of `p` without the `number`-th of what can be taken out soundly:
 * indexes into `kept`, which has room for all. False where there are not as many, or
 * without memory. If `p` has an order, so has what is left: for tests of that. */
bool shrink_without(const struct problem *p, uint32_t number, uint32_t *kept,
                    size_t *count) MUST_CHECK;

#endif
