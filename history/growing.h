/* Arrays that grow by doubling, their bytes counted. */
#ifndef HISTORY_GROWING_H
#define HISTORY_GROWING_H

#include "base/memory.h"

/* `items` with room for one behind the `count` that are there; NULL, and nothing
 * changed, without memory. `capacity` counts items of `size` bytes. */
void *growing_room(struct memory *m, void *items, size_t count, size_t *capacity,
                   size_t size) MUST_CHECK;

/* `items` may be NULL, with a capacity of 0. */
void growing_free(struct memory *m, void *items, size_t capacity, size_t size);

#endif
