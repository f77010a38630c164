/* A set of positions that only grows, and the next one in it before or after another:
 * a tree of words, 64 positions each. */
#ifndef CHECKER_ALGORITHMS_POSITIONS_H
#define CHECKER_ALGORITHMS_POSITIONS_H

#include "base/arena.h"

#include <stdint.h>

#define POSITIONS_NONE UINT32_MAX

enum { POSITIONS_LEVELS = 6 };

struct positions {
    uint64_t *level[POSITIONS_LEVELS]; /* a bit for each word of the level below */
    int levels;
};

/* Positions from 0 to `count`, exclusive; none of them. False without memory. */
bool positions_init(struct positions *p, uint32_t count, struct arena *arena) MUST_CHECK;

void positions_add(struct positions *p, uint32_t position);

/* The last one in it up to `position`, or the first from it on; POSITIONS_NONE. */
uint32_t positions_last(const struct positions *p, uint32_t position);
uint32_t positions_first(const struct positions *p, uint32_t position);

#endif
