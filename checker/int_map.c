#include "checker/int_map.h"

#include <assert.h>

bool int_map_init(struct int_map *m, struct arena *arena, size_t count_max)
{
    size_t slots = 4;
    while (slots / 2 < count_max && slots < SIZE_MAX / 2)
        slots *= 2;
    m->slots = arena_array(arena, slots, sizeof *m->slots);
    m->mask = slots - 1;
    m->count = 0;
    m->count_max = count_max;
    return m->slots != NULL;
}

/* Keys are often consecutive: spread them (the finalizer of splitmix64). */
static uint64_t spread(uint64_t key)
{
    key = (key ^ (key >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    key = (key ^ (key >> 27)) * UINT64_C(0x94d049bb133111eb);
    return key ^ (key >> 31);
}

/* At most half of the slots are taken, so the probe ends. */
static struct int_map_slot *slot_of(const struct int_map *m, int64_t key)
{
    size_t at = (size_t)spread((uint64_t)key) & m->mask;
    while (m->slots[at].taken && m->slots[at].key != key)
        at = (at + 1) & m->mask;
    return &m->slots[at];
}

uint32_t *int_map_put(struct int_map *m, int64_t key, uint32_t fresh)
{
    struct int_map_slot *slot = slot_of(m, key);
    if (!slot->taken) {
        assert(m->count < m->count_max);
        *slot = (struct int_map_slot){.key = key, .value = fresh, .taken = true};
        m->count++;
    }
    return &slot->value;
}

uint32_t *int_map_get(const struct int_map *m, int64_t key)
{
    struct int_map_slot *slot = slot_of(m, key);
    return slot->taken ? &slot->value : NULL;
}
