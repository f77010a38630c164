/* A queue, stack, priority queue, set, log or source of ids that is changed in place.
 * Their models copy a state at each step, which for a hundred thousand elements takes
 * seconds; this takes as good as no time, and has no more to do with the models' code
 * than that both do the same. */
#ifndef CHECKER_COLLECTION_H
#define CHECKER_COLLECTION_H

#include "checker/algorithms/heap.h"
#include "checker/int_map.h"
#include "checker/problem.h"

struct collection {
    enum collection_kind kind;
    int64_t *words; /* elements; of a set those that were ever there */
    uint32_t first, count;
    struct heap heap;       /* the elements of a priority queue, instead */
    struct int_map numbers; /* of a set: where in `words` an element is */
    bool *there;
};

/* Can operations of `p` be played by one? Not where somebody sees all elements at once. */
bool collection_fits(const struct problem *p);

/* As it is before all operations; in `arena`. False without memory. */
bool collection_init(struct collection *c, const struct problem *p,
                     struct arena *arena) MUST_CHECK;

/* May `op` happen now and answer what it did? If so, it has happened. */
bool collection_take(struct collection *c, const struct model_op *op);

/* The state, as the model would have it; in `arena`. False without memory. */
bool collection_state(const struct collection *c, struct arena *arena,
                      struct model_state *out) MUST_CHECK;

#endif
