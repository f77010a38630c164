/* Whether the elements of a stack can be nested within each other, and how.
 *
 * Each is in the stack for certain during its span, from its `early` to its `late`. Where
 * nothing is there for certain, the stack may as well be empty: whatever is in it then can
 * be put in later, or taken out before. So an answer that the stack was empty is right if
 * its time touches such a gap. Between two gaps something is always in the stack, and as
 * nothing crosses, one element is below all others: it was pushed by the left gap, popped
 * from the right one on, and each peek of it touches a gap that there would be without it.
 * Any element that can be the lowest may be: the others can do without it, and have wider
 * gaps. So the lowest are taken away, one after the other; if none is left, there is an
 * order, and if one cannot go on, those that are left have none. An element whose last
 * call comes no later than its first return is in nobody's way, and is put in and taken
 * out at one instant. (After Lee and Mathur, OOPSLA 2025: decrease and conquer.) */
#ifndef CHECKER_ALGORITHMS_STACK_PEEL_H
#define CHECKER_ALGORITHMS_STACK_PEEL_H

#include "checker/algorithms/stack_elements.h"

struct stack_nest {
    enum stack_nest_result { STACK_NESTED, STACK_STUCK, STACK_GAVE_UP } result;
    uint32_t *turn;    /* by element: when it was taken away, from 1; 0: not, or an instant */
    uint32_t *from;    /* by element: the position of its push */
    uint32_t *to;      /* by element: of its pop; behind `end` if it stays */
    uint32_t *at;      /* by operation: peeks and empties, a position where it may be */
    uint32_t *by_turn; /* elements */
    uint32_t turn_count;
    const uint32_t *taker;
};

/* `taker` names, by element, an unanswered pop that takes it, or STACK_NOBODY. All in
 * `arena`; false without memory. */
bool stack_peel(const struct stack *s, const uint32_t *taker, struct budget *budget,
                struct arena *arena, struct stack_nest *out) MUST_CHECK;

/* Is it in the stack during no more than an instant? */
bool stack_is_instant(const struct stack *s, const uint32_t *taker, uint32_t element);

/* The order of STACK_NESTED, in `keep`. */
bool stack_order(const struct stack *s, const struct stack_nest *nest, struct arena *work,
                 struct arena *keep, struct finding *out) MUST_CHECK;

#endif
