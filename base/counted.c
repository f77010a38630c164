#include "base/counted.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

enum { FIRST_CAPACITY = 64 };

void *counted_resize(struct memory *m, void *old, size_t old_bytes, size_t new_bytes)
{
    assert(new_bytes > old_bytes);
    if (!memory_take(m, new_bytes - old_bytes))
        return NULL;
    void *at = realloc(old, new_bytes);
    if (!at)
        memory_give(m, new_bytes - old_bytes);
    return at;
}

void *counted_zeroed(struct memory *m, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || !memory_take(m, bytes))
        return NULL;
    void *at = calloc(count ? count : 1, size);
    if (!at)
        memory_give(m, bytes);
    return at;
}

/* By half, so that a copy of something large wastes little. */
size_t counted_next(size_t capacity)
{
    return capacity < FIRST_CAPACITY ? FIRST_CAPACITY : capacity + capacity / 2;
}

void *counted_room(struct memory *m, void *items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return items;
    size_t more = counted_next(*capacity), bytes;
    if (__builtin_mul_overflow(more, size, &bytes))
        return NULL;
    void *grown = counted_resize(m, items, *capacity * size, bytes);
    if (grown)
        *capacity = more;
    return grown;
}

void counted_free(struct memory *m, void *at, size_t bytes)
{
    if (!at)
        return;
    free(at);
    memory_give(m, bytes);
}
