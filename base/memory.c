#include "base/memory.h"

#include <assert.h>

bool memory_take(struct memory *m, size_t bytes)
{
    if (!m)
        return true;
    size_t before = atomic_fetch_add_explicit(&m->used_bytes, bytes, memory_order_relaxed);
    if (m->max_bytes == 0 || (before <= m->max_bytes && bytes <= m->max_bytes - before))
        return true;
    memory_give(m, bytes);
    return false;
}

void memory_give(struct memory *m, size_t bytes)
{
    if (!m)
        return;
    size_t before = atomic_fetch_sub_explicit(&m->used_bytes, bytes, memory_order_relaxed);
    assert(before >= bytes);
}
