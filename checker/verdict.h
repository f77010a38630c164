/* What a check found. */
#ifndef CHECKER_VERDICT_H
#define CHECKER_VERDICT_H

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

/* Texts and arrays belong to the arena of the check. */
struct verdict {
    enum verdict_value value;
    const char *check;    /* "linearizable" */
    const char *table;    /* its name */
    const char *sentence; /* what was found, or why undecided; never NULL */
    size_t witness_count;
    const int64_t *witness; /* ids of operations, ascending: in the order of their calls */
    int64_t checked_count;  /* operations looked at */
};

#endif
