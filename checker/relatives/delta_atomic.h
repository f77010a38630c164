/* How late are the reads of a register, by the clock? The smallest delta so that the
 * history would be linearizable, had every read been called that much earlier (Golab,
 * Li and Shah 2011); 0 is linearizable. */
#ifndef CHECKER_RELATIVES_DELTA_ATOMIC_H
#define CHECKER_RELATIVES_DELTA_ATOMIC_H

#include "checker/relatives/relative.h"

struct delta_atomicity {
    enum relative_state state;
    const char *why;  /* GAVE_UP */
    uint32_t culprit; /* IMPOSSIBLE: who saw what was not written, or not yet */
    int64_t delta_ns;
    /* Where it is not 0, operations. `read` has to be called no later than `observer`
     * returned, who had written or read another value; that could not come first,
     * since `early`, who wrote or read what `read` found (RELATIVE_NOBODY: it was there
     * at the start), returned before `late`, of the other value, was called. */
    uint32_t read, observer, early, late;
};

/* O(n log n) for each of a few dozen tries; for reads and writes of distinct values. */
enum err_code delta_atomic_measure(const struct problem *p, struct budget *budget,
                                   struct arena *work, struct delta_atomicity *out,
                                   struct err *err) MUST_CHECK;

#endif
