/* Every way in which an object of any model may stand at one moment, and how that set
 * moves on when an operation is called or returns: what frontier.h is for registers,
 * for whoever knows nothing but the model's steps.
 *
 * A configuration is a state and, for each pending operation, whether it is done or may
 * be left out. Only the return of one that is not done forces anything to happen (Lowe
 * 2017, "just in time"): then sequences of pending operations that end with it are
 * tried. What only looks is done as soon as it fits; of two configurations with one
 * state, the one that owes no more and could do no less makes the other superfluous.
 *
 * Knows nothing of time: whoever calls it feeds events in their order. */
#ifndef CHECKER_ALGORITHMS_WAYS_H
#define CHECKER_ALGORITHMS_WAYS_H

#include "base/budget.h"
#include "checker/algorithms/frontier.h"
#include "checker/algorithms/word_table.h"
#include "checker/model.h"

struct ways;

struct ways_limits {
    size_t configs_max;    /* keep only the best of more, and be no longer complete */
    struct budget *budget; /* kept */
    /* Kept: what states are called, here and in the copies. It grows; who made it may
     * compact it between two events, see ways_copy. */
    struct word_table *states;
};

/* NULL without memory. `slots`: how many operations are pending at a time, at most. */
struct ways *ways_new(const struct model_ops *model, uint32_t slots, struct ways_limits limits);
void ways_free(struct ways *w);

/* As if it were new, with `state` alone. */
void ways_begin(struct ways *w, uint32_t state);

/* `to` stands where `from` does, whatever it was before. It has at least as many slots. */
void ways_copy(struct ways *to, const struct ways *from, struct renaming renaming);

void ways_each_state(const struct ways *w, void (*visit)(void *user, uint32_t state),
                     void *user);

/* The state, where it is certain that it is no other, and nothing is pending; else
 * UINT32_MAX. */
uint32_t ways_only_state(const struct ways *w);

/* `op` is pending from now on, in `slot`, which must be free. Its list, if it has one,
 * stays where it is until it returns. */
void ways_call(struct ways *w, uint32_t slot, const struct model_op *op);

/* It must have happened by now, if it is answered. The slot is free again. */
void ways_return(struct ways *w, uint32_t slot);

/* As those of a frontier. */
enum frontier_state ways_state(const struct ways *w);
bool ways_were_cut(const struct ways *w);
size_t ways_count(const struct ways *w);

#endif
