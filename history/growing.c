/* Arrays that grow, counted; see growing.h. */
#include "history/growing.h"

#include <stdint.h>
#include <stdlib.h>

enum { FIRST_CAPACITY = 64 };

void *growing_room(struct memory *m, void *items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return items;
    size_t more = *capacity ? *capacity * 2 : FIRST_CAPACITY;
    /* While it is copied, both are there. */
    if (more > SIZE_MAX / size || !memory_take(m, more * size))
        return NULL;
    void *grown = reallocarray(items, more, size);
    memory_give(m, (grown ? *capacity : more) * size);
    if (grown)
        *capacity = more;
    return grown;
}

void growing_free(struct memory *m, void *items, size_t capacity, size_t size)
{
    free(items);
    memory_give(m, capacity * size);
}
