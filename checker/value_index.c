#include "checker/value_index.h"

#include <assert.h>

/* As an array at most this many times as long as there are values: about what open
 * addressing would take. */
enum { SPARSEST = 8 };

bool value_index_init(struct value_index *x, struct arena *arena, const int64_t *values,
                      uint32_t count)
{
    int64_t least = count > 0 ? values[0] : 0, most = least;
    for (uint32_t i = 1; i < count; i++) {
        least = values[i] < least ? values[i] : least;
        most = values[i] > most ? values[i] : most;
    }
    *x = (struct value_index){.least = least};
    uint64_t span = (uint64_t)most - (uint64_t)least;
    if (span < (uint64_t)SPARSEST * count) {
        x->span = span + 1;
        x->dense = arena_array(arena, x->span, sizeof *x->dense);
        return x->dense != NULL;
    }
    uint64_t slots = 4;
    while (slots < 2 * (uint64_t)count)
        slots *= 2;
    x->mask = slots - 1;
    x->slots = arena_array(arena, slots, sizeof *x->slots);
    return x->slots != NULL;
}

/* Values that are numbered in steps must not meet in few slots: the product's upper
 * half depends on all of the value. */
static uint64_t first_slot(const struct value_index *x, int64_t value)
{
    uint64_t product = (uint64_t)value * UINT64_C(0x9e3779b97f4a7c15);
    return (product ^ product >> 32) & x->mask;
}

/* At most half of the slots are taken, so the probe ends. */
static struct value_slot *slot_of(const struct value_index *x, int64_t value)
{
    uint64_t at = first_slot(x, value);
    while (x->slots[at].number != 0 && x->slots[at].value != value)
        at = (at + 1) & x->mask;
    return &x->slots[at];
}

uint32_t value_index_put(struct value_index *x, int64_t value, uint32_t number)
{
    uint32_t *kept;
    if (x->span > 0) {
        uint64_t at = (uint64_t)value - (uint64_t)x->least;
        assert(at < x->span);
        kept = &x->dense[at];
    } else {
        struct value_slot *slot = slot_of(x, value);
        slot->value = value;
        kept = &slot->number;
    }
    if (*kept == 0)
        *kept = number + 1;
    return *kept - 1;
}

uint32_t value_index_get(const struct value_index *x, int64_t value)
{
    if (x->span > 0) {
        uint64_t at = (uint64_t)value - (uint64_t)x->least;
        return at < x->span ? x->dense[at] - 1 : VALUE_ABSENT;
    }
    return slot_of(x, value)->number - 1;
}
