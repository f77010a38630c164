#include "checker/algorithms/radix.h"

#include <string.h>

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS, FEW = 256 };

static void sort_by_digit(const struct keyed *from, struct keyed *to, size_t count,
                          unsigned shift)
{
    size_t starts[DIGITS] = {0};
    for (size_t i = 0; i < count; i++)
        starts[from[i].key >> shift & (DIGITS - 1)]++;
    for (size_t digit = 0, start = 0; digit < DIGITS; digit++) {
        size_t next = start + starts[digit];
        starts[digit] = start;
        start = next;
    }
    for (size_t i = 0; i < count; i++)
        to[starts[from[i].key >> shift & (DIGITS - 1)]++] = from[i];
}

/* The bits in which any two keys differ; 0 also where all is in order already. */
static uint64_t bits_to_sort(const struct keyed *items, size_t count)
{
    uint64_t bits = 0, in_order = 1;
    for (size_t i = 1; i < count; i++) {
        bits |= items[i].key ^ items[0].key;
        in_order &= items[i - 1].key <= items[i].key;
    }
    return in_order ? 0 : bits;
}

/* Few items, or such as are nearly in order, are moved to their places one by one. */
static void insert_in_order(struct keyed *items, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct keyed item = items[i];
        size_t at = i;
        for (; at > 0 && items[at - 1].key > item.key; at--)
            items[at] = items[at - 1];
        items[at] = item;
    }
}

void radix_sort(struct keyed *items, struct keyed *spare, size_t count)
{
    if (count <= FEW) {
        insert_in_order(items, count);
        return;
    }
    uint64_t bits = bits_to_sort(items, count);
    struct keyed *from = items, *to = spare;
    for (unsigned shift = 0; shift < 64; shift += DIGIT_BITS) {
        if (!(bits >> shift & (DIGITS - 1)))
            continue;
        sort_by_digit(from, to, count, shift);
        struct keyed *sorted = to;
        to = from;
        from = sorted;
    }
    if (from != items)
        memcpy(items, from, count * sizeof *items);
}
