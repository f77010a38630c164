/* Intervals that wait for a point within them, and are taken out by it: each point finds
 * its intervals in logarithmic time each. */
#ifndef CHECKER_ALGORITHMS_STABS_H
#define CHECKER_ALGORITHMS_STABS_H

#include "base/arena.h"

#include <stdint.h>

#define STABS_NONE UINT32_MAX

struct stabs {
    uint32_t leaves;    /* a power of two */
    uint32_t *furthest; /* the greatest last point below each node, plus one; 0: none */
};

/* Room for `count` intervals; false without memory. */
bool stabs_init(struct stabs *s, uint32_t count, struct arena *arena) MUST_CHECK;

/* The last point of interval `i`; `stabs_ready` after all of them. */
void stabs_put(struct stabs *s, uint32_t i, uint32_t last);
void stabs_ready(struct stabs *s);

/* Take out and return the first of the intervals `from` to `to`, exclusive, that does
 * not end before `point`; STABS_NONE without one. The caller knows that they all begin
 * by then. */
uint32_t stabs_take(struct stabs *s, uint32_t from, uint32_t to, uint32_t point);

#endif
