/* Where a search has been: a set of records of one width. When it may not grow it
 * forgets: then a search may go the same way twice, but it never takes a way for tried
 * that was not, as records are compared in full and not by a fingerprint. */
#ifndef CHECKER_ALGORITHMS_TRIED_H
#define CHECKER_ALGORITHMS_TRIED_H

#include "base/arena.h"
#include "base/budget.h"

#include <stdint.h>

struct tried {
    struct memory *memory; /* who counts it; NULL: nobody */
    size_t bytes_max;      /* it does not grow past this, but has a few records always */
    size_t width;          /* of a record, in words */
    bool alike;            /* it is asked for records that are alike: tried_like */
    uint64_t *records;     /* the first word of an empty one is 0 */
    size_t slots;          /* a power of two */
    size_t count;
    bool full;   /* it may not grow any more */
    size_t next; /* who is forgotten next, among neighbours */
    uint64_t forgotten_count;
};

/* `t` has `memory`, `bytes_max` and `width`, and else is zero. False without memory. */
bool tried_init(struct tried *t) MUST_CHECK;
void tried_done(struct tried *t);

/* False: it is there already. Its first word must not be 0. */
bool tried_add(struct tried *t, const uint64_t *record) MUST_CHECK;

/* For records that are alike but for their last word: the one from `*at` (0 at first) on
 * that is like `record`, NULL: no more. A few of those alike are known, not all. */
const uint64_t *tried_like(const struct tried *t, const uint64_t *record, size_t *at);

/* Forget everything. */
void tried_clear(struct tried *t);

/* Why a search that has stopped did not end: what `budget` says, and how much was
 * forgotten on the way. In `keep`, or a text that always lives. */
const char *tried_why(const struct tried *t, const struct budget *budget, struct arena *keep);

/* How much of the memory that all computations share one table may take: `share` of
 * `parts`, and never more than `bytes_max`. */
size_t tried_share(const struct memory *m, size_t parts, size_t bytes_max);

#endif
