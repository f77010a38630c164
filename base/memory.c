#include "base/memory.h"

#include <assert.h>

static void note_peak(struct memory *m, size_t used)
{
    size_t peak = atomic_load_explicit(&m->peak_bytes, memory_order_relaxed);
    while (used > peak &&
           !atomic_compare_exchange_weak_explicit(&m->peak_bytes, &peak, used,
                                                  memory_order_relaxed, memory_order_relaxed))
        ;
}

bool memory_take(struct memory *m, size_t bytes)
{
    if (!m)
        return true;
    size_t before = atomic_fetch_add_explicit(&m->used_bytes, bytes, memory_order_relaxed);
    if (m->max_bytes == 0 || (before <= m->max_bytes && bytes <= m->max_bytes - before)) {
        note_peak(m, before + bytes);
        return true;
    }
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
