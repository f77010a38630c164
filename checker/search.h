/* Is there an order of these operations that the model allows and real time
 * permits? Wing and Gong's search with Lowe's memo (Concurrency and Computation
 * 29(4), 2017), for any model; it never recurses and always ends.
 *
 * Knows nothing of keys or histories: it is handed the operations of one object. */
#ifndef CHECKER_SEARCH_H
#define CHECKER_SEARCH_H

#include "checker/problem.h"

struct search_answer {
    enum { SEARCH_POSSIBLE, SEARCH_IMPOSSIBLE, SEARCH_GAVE_UP } result;
    const char *why; /* gave up: "its memory was used up" */
    /* Impossible: the longest order that works leaves the object in `state`, and
     * then nothing lets the operation `stuck` (its index) happen before it returned. */
    int64_t state[1];
    size_t stuck;
};

/* `ops` are ordered by called_at_ns. Fails only without memory; out of budget is an
 * answer. */
enum err_code search_order(const struct model_ops *model, const struct timed_op *ops,
                           size_t count, struct budget *budget, struct search_answer *out,
                           struct err *err) MUST_CHECK;

#endif
