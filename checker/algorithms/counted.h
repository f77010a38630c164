/* Tables that grow and go one by one, counted like the blocks of an arena. */
#ifndef CHECKER_ALGORITHMS_COUNTED_H
#define CHECKER_ALGORITHMS_COUNTED_H

#include "base/memory.h"

/* `old` of `old_bytes` (NULL, 0: none yet) with room for `new_bytes`, which are more;
 * what is new is not set. NULL without memory or past the limit: `old` is as it was. */
void *counted_resize(struct memory *m, void *old, size_t old_bytes,
                     size_t new_bytes) MUST_CHECK;

void counted_free(struct memory *m, void *at, size_t bytes);

#endif
