/* Sorting by number in linear time, for lists of a million. */
#ifndef CHECKER_ALGORITHMS_RADIX_H
#define CHECKER_ALGORITHMS_RADIX_H

#include <stddef.h>
#include <stdint.h>

struct keyed {
    uint64_t key;
    uint32_t item;
};

/* Ascending by key; equal keys stay in their order. `spare` has room for as many. */
void radix_sort(struct keyed *items, struct keyed *spare, size_t count);

#endif
