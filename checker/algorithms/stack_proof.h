/* Which operations on a stack prove that it has no order. */
#ifndef CHECKER_ALGORITHMS_STACK_PROOF_H
#define CHECKER_ALGORITHMS_STACK_PROOF_H

#include "checker/algorithms/stack_bounds.h"
#include "checker/algorithms/stack_peel.h"

/* FINDING_NO_ORDER with proof and claim, as `nest` is stuck: with the unanswered pops
 * taken as it has them. False without memory. */
bool stack_prove(const struct stack *s, const struct stack_bounds *bounds,
                 const struct stack_nest *nest, struct budget *budget, struct arena *work,
                 struct arena *keep, struct finding *out) MUST_CHECK;

/* The same, as fewer unanswered pops than elements in `lost`, the last of them bound last,
 * were called by its bound. */
bool stack_prove_lost(const struct stack *s, const struct stack_bounds *bounds,
                      const uint32_t *lost, uint32_t lost_count, struct arena *work,
                      struct arena *keep, struct finding *out) MUST_CHECK;

#endif
