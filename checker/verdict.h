/* What a check found. */
#ifndef CHECKER_VERDICT_H
#define CHECKER_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum verdict_value {
    VERDICT_HOLDS,
    VERDICT_VIOLATED,     /* with the operations that prove it */
    VERDICT_UNDECIDED,    /* with the reason */
    VERDICT_NOT_EXERCISED /* the run never did what the guarantee is about */
};
const char *verdict_name(enum verdict_value value); /* "holds", "not exercised", ... */

enum { WITNESS_MAX = 8 };

/* Operations of one object, by their ids: all that happened, in an order that is
 * allowed, or those that alone have none. */
struct witness_order {
    int64_t key; /* OP_NIL: all keys are one object, or have one order */
    const int64_t *ids;
    size_t count;
};

/* Texts and arrays belong to the arena of the check. */
struct verdict {
    enum verdict_value value;
    const char *check;    /* "linearizable" */
    const char *table;    /* its name */
    const char *sentence; /* what was found, or why undecided; never NULL */
    size_t witness_count;
    const int64_t *witness; /* ids of operations, ascending: in the order of their calls */
    int64_t checked_count;  /* operations looked at */

    /* The rest is zero for checks that do not know it. */
    const char *note;  /* more about it, in sentences */
    bool is_our_fault; /* UNDECIDED because this program contradicts itself */

    /* VIOLATED: how long all was well. */
    struct {
        bool is_known;
        bool is_exact;         /* else it may have broken before, but after well_until_ns */
        bool is_another;       /* than those that the sentence speaks of */
        int64_t broken_by;     /* the operation with whose return it was broken, */
        int64_t broken_at_ns;  /* which was then */
        int64_t well_until_ns; /* the last return before that; INT64_MIN: none */
    } prefix;

    /* Who decided the objects: "zones: 19, search: 1". */
    const char *decided_by;
    size_t object_count, undecided_count, violated_count;
    uint64_t steps;

    /* Only where they were asked for: an order of each object that has one, in the order
     * of the keys' first use, and of the first violated one what proves it. */
    const struct witness_order *orders;
    size_t order_count;
    const int64_t *undecided_keys; /* as many as undecided_count; NULL: not asked for */
    struct witness_order proof;
};

#endif
