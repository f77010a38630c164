#include "store/sync_queue.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

bool sync_queue_await(struct sync_queue *q, uint64_t last_index)
{
    q->record_count++;
    if (q->count == q->capacity) {
        size_t capacity = q->capacity ? 2 * q->capacity : 16;
        struct unsynced *items = realloc(q->items, capacity * sizeof *items);
        if (!items)
            return false;
        q->items = items;
        q->capacity = capacity;
    }
    q->items[q->count++] = (struct unsynced){q->record_count, last_index};
    return true;
}

void sync_queue_synced(struct sync_queue *q, uint64_t count)
{
    assert(count >= q->synced_count && count <= q->record_count);
    size_t done = 0;
    q->synced_count = count;
    for (; done < q->count && q->items[done].record <= count; done++)
        if (q->items[done].last_index > q->durable_index)
            q->durable_index = q->items[done].last_index;
    if (done == 0)
        return;
    q->count -= done;
    memmove(q->items, q->items + done, q->count * sizeof *q->items);
}

void sync_queue_cut(struct sync_queue *q, uint64_t index)
{
    if (q->durable_index > index)
        q->durable_index = index;
    for (size_t i = 0; i < q->count; i++)
        if (q->items[i].last_index > index)
            q->items[i].last_index = index;
}

void sync_queue_forget(struct sync_queue *q)
{
    q->durable_index = 0;
    q->count = 0;
}

void sync_queue_done(struct sync_queue *q)
{
    free(q->items);
    *q = (struct sync_queue){0};
}
