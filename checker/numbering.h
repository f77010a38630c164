/* Numbers from 0 for integers, in the order of their first use: keys, processes. Grows
 * with what it holds, so that nobody has to guess how many there are. */
#ifndef CHECKER_NUMBERING_H
#define CHECKER_NUMBERING_H

#include "checker/int_map.h"

struct numbering {
    struct int_map map;
    int64_t *names; /* by number */
    uint32_t count, count_max;
    struct arena *arena;
    int64_t latest; /* the same one often comes again */
    uint32_t latest_number;
};

/* False without memory. */
bool numbering_init(struct numbering *n, struct arena *arena) MUST_CHECK;

/* The number of `name`; UINT32_MAX without memory. */
uint32_t numbering_of(struct numbering *n, int64_t name);

#endif
