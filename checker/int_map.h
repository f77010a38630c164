/* From integers to small numbers, for the checkers' hot loops. Its capacity is told
 * once; nothing is ever taken out, and nothing is iterated in hash order. */
#ifndef CHECKER_INT_MAP_H
#define CHECKER_INT_MAP_H

#include "base/arena.h"

#include <stdint.h>

struct int_map {
    struct int_map_slot {
        int64_t key;
        uint32_t value;
        bool taken;
    } * slots;
    size_t mask; /* slots - 1: a power of two, at least twice what goes in */
    size_t count, count_max;
};

/* Room for `count_max` keys; false without memory. */
bool int_map_init(struct int_map *m, struct arena *arena, size_t count_max) MUST_CHECK;

/* Where the value of `key` is kept. A new key gets `fresh`. */
uint32_t *int_map_put(struct int_map *m, int64_t key, uint32_t fresh);

/* The same for a key that may be absent: NULL then. */
uint32_t *int_map_get(const struct int_map *m, int64_t key);

#endif
