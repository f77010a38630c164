#include "checker/algorithms/heap.h"

#include <assert.h>

bool heap_init(struct heap *heap, struct arena *arena, uint32_t room)
{
    *heap = (struct heap){.items = arena_array(arena, room, sizeof *heap->items), .room = room};
    return heap->items != NULL;
}

void heap_push(struct heap *heap, int64_t key, uint32_t item)
{
    assert(heap->count < heap->room);
    uint32_t at = heap->count++;
    for (; at > 0 && heap->items[(at - 1) / 2].key > key; at = (at - 1) / 2)
        heap->items[at] = heap->items[(at - 1) / 2];
    heap->items[at] = (struct heap_item){.key = key, .item = item};
}

void heap_pop(struct heap *heap)
{
    assert(heap->count > 0);
    struct heap_item moved = heap->items[--heap->count];
    uint32_t at = 0;
    for (uint32_t child = 1; child < heap->count; child = 2 * at + 1) {
        if (child + 1 < heap->count && heap->items[child + 1].key < heap->items[child].key)
            child++;
        if (heap->items[child].key >= moved.key)
            break;
        heap->items[at] = heap->items[child];
        at = child;
    }
    if (heap->count > 0)
        heap->items[at] = moved;
}
