#include "injector/wan_queue.h"

#include <assert.h>
#include <stdlib.h>

struct due {
    int64_t at_ns;
    uint64_t order;
    uint32_t packet;
};

struct wan_queue {
    struct wan_packet *packets; /* touched by the kernel's pages only when used */
    uint32_t *unused;           /* a stack: the same few packets stay in the cache */
    uint32_t unused_count;
    struct due *heap;
    uint32_t count;
    uint64_t order;
};

struct wan_queue *wan_queue_new(void)
{
    struct wan_queue *q = calloc(1, sizeof *q);
    if (!q)
        return NULL;
    q->packets = calloc(WAN_PACKETS_MAX, sizeof *q->packets);
    q->unused = calloc(WAN_PACKETS_MAX, sizeof *q->unused);
    q->heap = calloc(WAN_PACKETS_MAX, sizeof *q->heap);
    if (!q->packets || !q->unused || !q->heap) {
        wan_queue_free(q);
        return NULL;
    }
    for (q->unused_count = 0; q->unused_count < WAN_PACKETS_MAX; q->unused_count++)
        q->unused[q->unused_count] = WAN_PACKETS_MAX - 1 - q->unused_count;
    return q;
}

void wan_queue_free(struct wan_queue *q)
{
    if (!q)
        return;
    free(q->packets);
    free(q->unused);
    free(q->heap);
    free(q);
}

struct wan_packet *wan_queue_take(struct wan_queue *q)
{
    return q->unused_count ? &q->packets[q->unused[--q->unused_count]] : NULL;
}

void wan_queue_drop(struct wan_queue *q, struct wan_packet *p)
{
    assert(q->unused_count < WAN_PACKETS_MAX);
    q->unused[q->unused_count++] = (uint32_t)(p - q->packets);
}

static bool before(const struct due *a, const struct due *b)
{
    return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->order < b->order;
}

void wan_queue_push(struct wan_queue *q, struct wan_packet *p, int64_t due_at_ns)
{
    assert(q->count < WAN_PACKETS_MAX);
    struct due due = {due_at_ns, q->order++, (uint32_t)(p - q->packets)};
    uint32_t i = q->count++;
    for (; i > 0 && before(&due, &q->heap[(i - 1) / 2]); i = (i - 1) / 2)
        q->heap[i] = q->heap[(i - 1) / 2];
    q->heap[i] = due;
}

int64_t wan_queue_next_at_ns(const struct wan_queue *q)
{
    return q->count ? q->heap[0].at_ns : INT64_MAX;
}

struct wan_packet *wan_queue_pop(struct wan_queue *q)
{
    assert(q->count > 0);
    uint32_t first = q->heap[0].packet, i = 0;
    struct due last = q->heap[--q->count];
    for (uint32_t child = 1; child < q->count; child = 2 * i + 1) {
        if (child + 1 < q->count && before(&q->heap[child + 1], &q->heap[child]))
            child++;
        if (!before(&q->heap[child], &last))
            break;
        q->heap[i] = q->heap[child];
        i = child;
    }
    q->heap[i] = last;
    return &q->packets[first];
}
