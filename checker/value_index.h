/* From values to small numbers, for millions of them: an array where values are
 * dense, as counters are, and open addressing where not. */
#ifndef CHECKER_VALUE_INDEX_H
#define CHECKER_VALUE_INDEX_H

#include <stdint.h>

#include "base/arena.h"

#define VALUE_ABSENT UINT32_MAX

/* Numbers are kept plus one, so that zeroed memory is empty. */
struct value_index {
    int64_t least;
    uint64_t span; /* of `dense`; 0: `slots` are used */
    uint32_t *dense;
    struct value_slot {
        int64_t value;
        uint32_t number;
    } * slots;
    uint64_t mask;
};

/* Make room for `values`, and put none in. False without memory. */
bool value_index_init(struct value_index *x, struct arena *arena, const int64_t *values,
                      uint32_t count) MUST_CHECK;

/* Put one of those `values` in as `number`, unless it has one; the one it has then. */
uint32_t value_index_put(struct value_index *x, int64_t value, uint32_t number);

/* The number of any value, or VALUE_ABSENT. */
uint32_t value_index_get(const struct value_index *x, int64_t value);

#endif
