/* Sets of operations by number, for a search that adds one at a time and often comes to
 * the same set in another way: equal sets have equal numbers, and each costs one pair. */
#ifndef CHECKER_ALGORITHMS_OP_SET_H
#define CHECKER_ALGORITHMS_OP_SET_H

#include "base/arena.h"
#include "checker/algorithms/word_table.h"

#define EMPTY_SET 0

struct op_sets {
    struct word_table pairs; /* the greatest operation, the set of the others */
    uint32_t *greater;       /* room for one set */
};

/* `s->pairs` has its memory and its limit. `op_count`: how many a set may hold. False
 * without memory. */
bool op_sets_init(struct op_sets *s, uint32_t op_count, struct arena *work) MUST_CHECK;
void op_sets_done(struct op_sets *s);

/* `set` and `op`, which is not in it; NO_STRING without memory or past the limit. */
uint32_t op_set_with(struct op_sets *s, uint32_t set, uint32_t op) MUST_CHECK;

/* Is all of `part` in `whole`? */
bool op_set_is_within(const struct op_sets *s, uint32_t part, uint32_t whole);

/* Forget all but the empty set. */
void op_sets_clear(struct op_sets *s);

/* Is there much room left? */
bool op_sets_are_roomy(const struct op_sets *s);

#endif
