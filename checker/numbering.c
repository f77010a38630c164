/* Integers numbered in the order of their first use. */
#include "checker/numbering.h"

#include <string.h>

enum { NAMES_AT_FIRST = 256 };

static bool make_room(struct numbering *n, uint32_t names)
{
    int64_t *more = arena_array(n->arena, names, sizeof *more);
    if (!more || !int_map_init(&n->map, n->arena, names))
        return false;
    if (n->count > 0)
        memcpy(more, n->names, n->count * sizeof *more);
    n->names = more;
    n->count_max = names;
    for (uint32_t i = 0; i < n->count; i++)
        int_map_put(&n->map, more[i], i);
    return true;
}

bool numbering_init(struct numbering *n, struct arena *arena)
{
    *n = (struct numbering){.arena = arena, .latest_number = UINT32_MAX};
    return make_room(n, NAMES_AT_FIRST);
}

static uint32_t find_or_add(struct numbering *n, int64_t name)
{
    if (n->count == n->count_max && !make_room(n, n->count_max * 4))
        return UINT32_MAX;
    uint32_t number = *int_map_put(&n->map, name, n->count);
    if (number == n->count)
        n->names[n->count++] = name;
    return number;
}

uint32_t numbering_of(struct numbering *n, int64_t name)
{
    if (name == n->latest && n->latest_number != UINT32_MAX)
        return n->latest_number;
    n->latest = name;
    n->latest_number = find_or_add(n, name);
    return n->latest_number;
}
