/* By when an element must have been taken out, as two others show: somebody who got an
 * element that was pushed before it, or found the stack empty, and asked when it was in
 * the stack for certain. */
#ifndef CHECKER_ALGORITHMS_STACK_BOUNDS_H
#define CHECKER_ALGORITHMS_STACK_BOUNDS_H

#include "checker/algorithms/stack_elements.h"

struct stack_bounds {
    uint32_t *by;    /* by element: who shows it; STACK_NOBODY */
    uint32_t *below; /* by element: the element that he got; STACK_NOBODY: it was empty */
};

/* Of those who show it, the one who returns first. In `arena`; false without memory. */
bool stack_bounds_find(const struct stack *s, struct arena *arena,
                       struct stack_bounds *out) MUST_CHECK;

#endif
