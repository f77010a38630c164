/* The least of many, again and again: a binary heap in an array whose size is told
 * once. Of equal keys the least item comes first. */
#ifndef CHECKER_ALGORITHMS_HEAP_H
#define CHECKER_ALGORITHMS_HEAP_H

#include "base/arena.h"

#include <stdint.h>

struct heap {
    struct heap_item {
        int64_t key;
        uint32_t item;
    } * items; /* the least first; read only */
    uint32_t count, room;
};

bool heap_init(struct heap *heap, struct arena *arena, size_t room) MUST_CHECK;
void heap_push(struct heap *heap, int64_t key, uint32_t item);
void heap_pop(struct heap *heap);

/* Not of an empty one. */
uint32_t heap_first(const struct heap *heap);

/* The same, and it is popped. */
uint32_t heap_take(struct heap *heap);

#endif
