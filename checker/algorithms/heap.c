#include "checker/algorithms/heap.h"

#include <assert.h>

bool heap_init(struct heap *heap, struct arena *arena, size_t room)
{
    assert(room <= UINT32_MAX);
    *heap = (struct heap){.room = (uint32_t)room};
    heap->items = arena_array(arena, room, sizeof *heap->items);
    return heap->items != NULL;
}

static bool is_before(const struct heap_item *a, const struct heap_item *b)
{
    return a->key != b->key ? a->key < b->key : a->item < b->item;
}

void heap_push(struct heap *heap, int64_t key, uint32_t item)
{
    assert(heap->count < heap->room);
    struct heap_item pushed = {.key = key, .item = item};
    uint32_t at = heap->count++;
    for (; at > 0 && is_before(&pushed, &heap->items[(at - 1) / 2]); at = (at - 1) / 2)
        heap->items[at] = heap->items[(at - 1) / 2];
    heap->items[at] = pushed;
}

void heap_pop(struct heap *heap)
{
    assert(heap->count > 0);
    struct heap_item moved = heap->items[--heap->count];
    uint32_t at = 0;
    for (uint32_t child = 1; child < heap->count; child = 2 * at + 1) {
        if (child + 1 < heap->count && is_before(&heap->items[child + 1], &heap->items[child]))
            child++;
        if (!is_before(&heap->items[child], &moved))
            break;
        heap->items[at] = heap->items[child];
        at = child;
    }
    if (heap->count > 0)
        heap->items[at] = moved;
}

uint32_t heap_first(const struct heap *heap)
{
    assert(heap->count > 0);
    return heap->items[0].item;
}

uint32_t heap_take(struct heap *heap)
{
    uint32_t first = heap_first(heap);
    heap_pop(heap);
    return first;
}
