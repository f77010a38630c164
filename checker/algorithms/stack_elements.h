/* The operations on a stack by the element that they are about, and time by position:
 * all instants at which something was called or returned, numbered. */
#ifndef CHECKER_ALGORITHMS_STACK_ELEMENTS_H
#define CHECKER_ALGORITHMS_STACK_ELEMENTS_H

#include "checker/problem.h"

#define STACK_NOBODY UINT32_MAX

/* It is in the stack for certain between `early` and `late`, exclusive: something was
 * done with it before, and something is after. */
struct stack_element {
    uint32_t push;
    uint32_t pop; /* STACK_NOBODY: no answered one */
    uint32_t first_peek, peek_count;
    uint32_t early; /* the first return of its operations */
    uint32_t late;  /* the last call of them */
};

struct stack {
    const struct problem *p;
    uint32_t *called, *returned; /* positions, by operation; the unanswered return at `end` */
    uint32_t end;                /* behind all others; it is a position, too */
    struct stack_element *elements;
    uint32_t count;
    uint32_t *peeks;   /* of elements, each in order of calls */
    uint32_t *empties; /* pops and peeks that found nothing */
    uint32_t empty_count;
    uint32_t *open_pops; /* unanswered, in order of calls */
    uint32_t open_pop_count;
};

enum stack_trouble {
    STACK_FINE,
    STACK_REPEATED,     /* an element was pushed twice */
    STACK_UNPUSHED,     /* [0] got an element that nobody pushed */
    STACK_POPPED_TWICE, /* [0] and [1] popped what [2] pushed */
    STACK_BACKWARDS     /* [0] returned before [1] was called, and is after it: they are
                           about the element that [2] pushed */
};

struct stack_complaint {
    enum stack_trouble trouble;
    uint32_t ops[3];
};

/* Unanswered pushes that nobody saw are left out: without them, and without whatever
 * unanswered pop took them, an order stays one. False without memory. */
bool stack_collect(const struct problem *p, struct arena *arena, struct stack *out,
                   struct stack_complaint *complaint) MUST_CHECK;

#endif
