/* The few of many numbered things that are at hand: numbers that come in ascending
 * order, go in any, and what is known of each. */
#ifndef BASE_ID_LIST_H
#define BASE_ID_LIST_H

#include <stdint.h>

#include "base/memory.h"

/* All zero but `memory` is empty. */
struct id_list {
    struct id_entry {
        int64_t id;
        uint64_t what; /* the caller's own */
    } * entries;
    size_t count, room;
    struct memory *memory; /* who counts it; NULL: nobody */
};

void id_list_done(struct id_list *l);

/* `id` is greater than all before it. False, and nothing changed, without memory. */
bool id_list_add(struct id_list *l, int64_t id, uint64_t what) MUST_CHECK;

/* NULL: not at hand. Good until the next is added or removed. */
struct id_entry *id_list_find(const struct id_list *l, int64_t id);

void id_list_remove(struct id_list *l, struct id_entry *entry);

#endif
