/* Few numbers, in ascending order. */
#include "base/id_list.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM_FIRST = 64 };

void id_list_done(struct id_list *l)
{
    memory_give(l->memory, l->room * sizeof *l->entries);
    free(l->entries);
    *l = (struct id_list){.memory = l->memory};
}

static bool grow(struct id_list *l)
{
    size_t room = l->room ? 2 * l->room : ROOM_FIRST;
    size_t more = (room - l->room) * sizeof *l->entries;
    if (!memory_take(l->memory, more))
        return false;
    struct id_entry *entries = realloc(l->entries, room * sizeof *entries);
    if (!entries) {
        memory_give(l->memory, more);
        return false;
    }
    l->entries = entries;
    l->room = room;
    return true;
}

bool id_list_add(struct id_list *l, int64_t id, uint64_t what)
{
    assert(l->count == 0 || l->entries[l->count - 1].id < id);
    if (l->count == l->room && !grow(l))
        return false;
    l->entries[l->count++] = (struct id_entry){id, what};
    return true;
}

struct id_entry *id_list_find(const struct id_list *l, int64_t id)
{
    size_t low = 0, high = l->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (l->entries[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < l->count && l->entries[low].id == id ? &l->entries[low] : NULL;
}

/* Those that stay for long come first, so few have to move. */
void id_list_remove(struct id_list *l, struct id_entry *entry)
{
    size_t behind = l->count - (size_t)(entry - l->entries) - 1;
    memmove(entry, entry + 1, behind * sizeof *entry);
    l->count--;
}
