/* How much a computation may still spend. Handed down by harness/, so that
 * checkers know when to stop without reading a clock. */
#ifndef BASE_BUDGET_H
#define BASE_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct memory;

struct budget {
    uint64_t steps_left;   /* UINT64_MAX: no limit */
    struct memory *memory; /* of all it allocates; NULL: no limit */
    /* Asked every few thousand steps; NULL: never. */
    bool (*expired)(void *user);
    void *user;
    const char *why;      /* set by budget_spend when it first says no; else NULL */
    uint64_t asked_after; /* budget_spend's own: steps since `expired` was asked */
};

/* Take `steps`; false, from then on, once the steps or the time are used up. */
bool budget_spend(struct budget *b, uint64_t steps);

/* Ask at once whether the time is up, and take no steps; false as above. For who begins
 * something, however small: thousands of small things may never take enough steps
 * together to be asked. */
bool budget_begin(struct budget *b);

/* At most `steps` of what `whole` has left, for something that may end early: neither
 * spends what the other has. */
struct budget budget_part(const struct budget *whole, uint64_t steps);

#endif
