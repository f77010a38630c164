/* How configurations came about: a tree of steps, each pointing at the one before. */
#ifndef CHECKER_ALGORITHMS_TRAIL_H
#define CHECKER_ALGORITHMS_TRAIL_H

#include "base/arena.h"
#include "base/memory.h"

#include <stdint.h>

/* Operation `op` took effect just before the return of this rank, from 0. */
struct trail_step {
    uint32_t op, rank;
};

struct trail {
    struct trail_node {
        uint32_t parent, op, rank;
    } * nodes;
    uint32_t count, capacity;
    struct memory *memory;
};

enum { TRAIL_START = 0 }; /* the node before all steps */

/* Append a step behind `parent`; UINT32_MAX without memory. All zero but `memory` is
 * empty. */
uint32_t trail_add(struct trail *t, uint32_t parent, struct trail_step step);

/* Forget all nodes that do not lead to one of `ends`, which are renumbered. False, and
 * nothing changed, without memory. */
bool trail_prune(struct trail *t, uint32_t *ends, size_t count) MUST_CHECK;

/* The steps that lead to `end`, first to last; NULL without memory. */
struct trail_step *trail_path(const struct trail *t, uint32_t end, struct arena *arena,
                              size_t *count);

void trail_done(struct trail *t);

#endif
