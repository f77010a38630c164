/* The values of one register, each with whoever wrote it and whoever saw it: what
 * zones and its relatives start from. Version 0 is the value before all operations,
 * version i + 1 that of the i-th writer. It only collects; it decides nothing, except
 * that a value came from nowhere. */
#ifndef CHECKER_VERSIONS_H
#define CHECKER_VERSIONS_H

#include "checker/problem.h"
#include "checker/value_index.h"

#define VERSION_NONE VALUE_ABSENT

struct version {
    int64_t called_at_ns, returned_at_ns; /* of the writer; both INT64_MIN in version 0 */
    int64_t first_return_at_ns,
        last_call_at_ns; /* of the readers; INT64_MAX, INT64_MIN: none */
    uint32_t writer;     /* an operation; VERSION_NONE in version 0 */
    uint32_t from;       /* what the writer found and replaced; VERSION_NONE: it did not look;
                            VERSION_NONE - 1: what nobody wrote, see VERSIONS_NOWHERE */
    uint32_t successor;  /* whose writer replaced this one; VERSION_NONE: none did */
    uint32_t first_reader, last_reader; /* who returned first, who was called last */
    uint32_t reader_count;
    uint32_t place; /* free for the caller; 0 at first */
    bool kept;      /* it was certainly there: acknowledged, or seen */
    bool repeated;  /* several wrote it, or it was there from the start */
};

struct versions {
    const struct problem *p;
    int64_t initial; /* as the model understands it */
    struct version *at;
    uint32_t count;
    struct value_index index; /* for versions_find */
    uint32_t *of;             /* by operation: what it wrote or read; VERSION_NONE: neither */
    uint32_t blind_count;     /* refused CAS that were not told what they found */

    enum versions_state {
        VERSIONS_DISTINCT,   /* each value that was there tells its writer */
        VERSIONS_FOREIGN,    /* an operation is none of a register's, or contradicts itself */
        VERSIONS_REPEATED,   /* a value that was there had several writers */
        VERSIONS_NOWHERE,    /* `culprit` saw a value that nobody wrote */
        VERSIONS_TAKEN_TWICE /* `culprit` and, called later, `other` replaced the same value */
    } state;
    uint32_t culprit, other; /* operations */
};

/* Does it say what was there? A refused CAS may. */
bool versions_is_reader(const struct model_op *op);

/* Does its writing depend on what was there, and is that known? */
bool versions_replaces(const struct model_op *op);

/* The version of any value, of a repeated one the first; or VERSION_NONE. */
uint32_t versions_find(const struct versions *l, int64_t value);

/* Everything in `work`. Unanswered writers are kept where somebody who certainly
 * happened saw their value, or who is kept replaced it: any other can be left out,
 * since the next to notice it could only replace it. Only refused CAS may need one.
 * False without memory, or when `budget` says no. */
bool versions_collect(const struct problem *p, struct budget *budget, struct arena *work,
                      struct versions *out) MUST_CHECK;

#endif
