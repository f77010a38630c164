/* How many stretches of a line of positions cover each of them, as stretches are taken
 * away: which positions nothing covers any more, and which only one stretch does. Each
 * is told once, in logarithmic time. */
#ifndef CHECKER_ALGORITHMS_COVER_H
#define CHECKER_ALGORITHMS_COVER_H

#include "base/arena.h"

#include <stdint.h>

struct cover {
    uint32_t leaves; /* a power of two */
    struct cover_node {
        int32_t least; /* below it, with its own `add`; see cover.c */
        int32_t add;
        uint32_t marks; /* of the stretches that end here, combined by xor */
    } * nodes;
};

/* Positions `from` to `to`, exclusive, of the one called `mark`, which is not 0. */
struct stretch {
    uint32_t from, to, mark;
};

/* All positions from 0 to `positions`, exclusive; nothing covers them. False without
 * memory. */
bool cover_init(struct cover *c, uint32_t positions, struct arena *arena) MUST_CHECK;

/* All at once, before anything is asked; empty ones may be among them. */
void cover_put(struct cover *c, const struct stretch *stretches, size_t count);
void cover_take(struct cover *c, const struct stretch *stretch);

/* A position that became free, `mark` 0, or covered by one stretch alone, its `mark`.
 * A position that is free at once is not told before as covered by one. */
struct cover_news {
    uint32_t position, mark;
};
bool cover_tell(struct cover *c, struct cover_news *out);

#endif
