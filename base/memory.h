/* How much memory several computations may take together, whichever thread they run
 * on. It counts; it allocates nothing. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

/* All zero has no limit. */
struct memory {
    atomic_size_t used_bytes;
    atomic_size_t peak_bytes; /* the most that was used */
    size_t max_bytes;         /* 0: no limit */
};

/* Count `bytes` as taken, before they are allocated; false, and nothing counted, when
 * that would pass the limit. `m` may be NULL: nobody counts. */
bool memory_take(struct memory *m, size_t bytes) MUST_CHECK;

/* They were freed. */
void memory_give(struct memory *m, size_t bytes);

#endif
