/* The values of one register, each with whoever wrote it and whoever saw it: what
 * zones and its relatives start from. Level 0 is the value before all operations,
 * level i + 1 that of the i-th writer. It only collects; it decides nothing, except
 * that a value came from nowhere. */
#ifndef CHECKER_LEVELS_H
#define CHECKER_LEVELS_H

#include "checker/problem.h"
#include "checker/value_index.h"

#define LEVEL_NONE VALUE_ABSENT

struct level {
    int64_t called_at_ns, returned_at_ns; /* of the writer; both INT64_MIN in level 0 */
    int64_t first_return_at_ns,
        last_call_at_ns; /* of the readers; INT64_MAX, INT64_MIN: none */
    uint32_t writer;     /* an operation; LEVEL_NONE in level 0 */
    uint32_t from;       /* what the writer found and replaced; LEVEL_NONE: it did not look */
    uint32_t successor;  /* whose writer replaced this one; LEVEL_NONE: none did */
    uint32_t first_reader, last_reader; /* who returned first, who was called last */
    uint32_t reader_count;
    uint32_t place; /* free for the caller; 0 at first */
    bool kept;      /* it was certainly there: acknowledged, or seen */
    bool repeated;  /* several wrote it, or it was there from the start */
};

struct levels {
    const struct problem *p;
    int64_t initial; /* as the model understands it */
    struct level *at;
    uint32_t count;
    struct value_index index; /* for levels_find */
    uint32_t *of;             /* by operation: what it wrote or read; LEVEL_NONE: neither */
    uint32_t blind_count;     /* refused CAS that were not told what they found */

    enum levels_state {
        LEVELS_DISTINCT,   /* each value that was there tells its writer */
        LEVELS_FOREIGN,    /* an operation is none of a register's, or contradicts itself */
        LEVELS_REPEATED,   /* a value that was there had several writers */
        LEVELS_NOWHERE,    /* `culprit` saw a value that nobody wrote */
        LEVELS_TAKEN_TWICE /* `culprit` and, called later, `other` replaced the same value */
    } state;
    uint32_t culprit, other; /* operations */
};

/* Does it say what was there? A refused CAS may. */
bool levels_is_reader(const struct model_op *op);

/* Does its writing depend on what was there, and is that known? */
bool levels_replaces(const struct model_op *op);

/* The level of any value, of a repeated one the first; or LEVEL_NONE. */
uint32_t levels_find(const struct levels *l, int64_t value);

/* Everything in `work`. Unanswered writers are kept where somebody who certainly
 * happened saw their value, or who is kept replaced it: any other can be left out,
 * since the next to notice it could only replace it. Only refused CAS may need one.
 * False without memory, or when `budget` says no. */
bool levels_collect(const struct problem *p, struct budget *budget, struct arena *work,
                    struct levels *out) MUST_CHECK;

#endif
