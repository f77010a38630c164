/* Objects that are one small number: whether an element is in a set, how many permits a
 * semaphore has left. Operations move it by one, set it, or look whether it is at an end
 * of its scale.
 *
 * A sweep over time keeps every situation that may be the true one: the number, and what
 * is under way and done. It is exact, since
 *   - changes may wait until somebody returns who is not done without them;
 *   - of those that make the same change, the one that returns soonest may go first, for
 *     swapping two of them keeps an order an order;
 *   - unanswered ones that make the same change are alike from their call on, so that it
 *     is enough to count them;
 *   - what looks, or sets the number to what it is, is done as soon as it fits; but one
 *     that sets is kept as a change that may still be wanted until it returns.
 * Situations are few: the rule of who goes first leaves one choice of each kind. */
#ifndef CHECKER_ALGORITHMS_GAUGE_H
#define CHECKER_ALGORITHMS_GAUGE_H

#include "checker/algorithms/moments.h"

enum gauge_part {
    GAUGE_UP,        /* by one, if not at the top */
    GAUGE_DOWN,      /* by one, if not at zero */
    GAUGE_FILL,      /* to the top, which is 1 */
    GAUGE_CLEAR,     /* to zero; the top is 1 */
    GAUGE_SEES_TOP,  /* answered */
    GAUGE_SEES_ZERO, /* answered */
    GAUGE_PARTS
};

/* A call or return, and its index among those of the whole problem. */
struct gauge_moment {
    struct moment what;
    uint32_t at;
};

struct gauge {
    const struct timed_op *ops;
    const uint8_t *parts;               /* by operation */
    const struct gauge_moment *moments; /* of those that this number is about */
    size_t moment_count;
    int64_t start, top;
};

struct gauge_answer {
    enum gauge_result { GAUGE_ORDER, GAUGE_NO_ORDER, GAUGE_TOO_MANY, GAUGE_GAVE_UP } result;
    size_t failed_at; /* NO_ORDER: the index in `moments` of the return that none survives */

    /* ORDER: who happens, in order, and in which moment (`at`). Valid until the next. */
    const struct gauge_event {
        uint32_t op, at;
    } * events;
    size_t event_count;
};

/* What is needed on the way, for as many gauges as there are. */
struct gauge_bench;
struct gauge_bench *gauge_bench_new(size_t ops, struct arena *arena);

/* False without memory. */
bool gauge_read(const struct gauge *g, struct gauge_bench *bench, struct budget *budget,
                struct gauge_answer *out) MUST_CHECK;

/* Fill in the proof of FINDING_NO_ORDER, in `keep`, from the answer GAUGE_NO_ORDER; role 0
 * is whoever could not be done. `work` is for what is needed on the way. False without
 * memory. */
bool gauge_prove(const struct gauge *g, size_t failed_at, struct gauge_bench *bench,
                 struct budget *budget, struct arena *work, struct arena *keep,
                 struct finding *out) MUST_CHECK;

#endif
