/* Arrays and tables that grow and go one by one, counted like the blocks of an arena. */
#ifndef BASE_COUNTED_H
#define BASE_COUNTED_H

#include "base/memory.h"

/* `old` of `old_bytes` (NULL, 0: none yet) with room for `new_bytes`, which are more;
 * what is new is not set. NULL without memory or past the limit: `old` is as it was. */
void *counted_resize(struct memory *m, void *old, size_t old_bytes,
                     size_t new_bytes) MUST_CHECK;

/* `count` items of `size` bytes, all zero; room for one where there are none. */
void *counted_zeroed(struct memory *m, size_t count, size_t size) MUST_CHECK;

/* How many items an array is to have room for that is full with `capacity` of them. */
size_t counted_next(size_t capacity);

/* `items` with room for one behind the `count` that are there; NULL, and nothing
 * changed, without memory. `capacity` counts items of `size` bytes. */
void *counted_room(struct memory *m, void *items, size_t count, size_t *capacity,
                   size_t size) MUST_CHECK;

/* `bytes` are what it was counted as: of counted_zeroed count * size. NULL is fine. */
void counted_free(struct memory *m, void *at, size_t bytes);

#endif
