/* How far from linearizable is a register? The smallest k so that some order, within
 * real time, has every read return one of the k latest writes (Golab, Li and Shah
 * 2011); 1 is linearizable.
 *
 * Only the order of writes has to be found: each is a job that must begin before
 * others that were called after it was known, and once it is placed, those that were
 * known before its last read was called must all have their place among the next
 * k - 1. Where no such debt is open, what was placed need never be taken back: any
 * order that works goes on working when it is moved to the front. So the search is
 * short runs from one such point to the next; for k = 2 a run has no choice but its
 * first write (compare Golab, Hurwitz and Li 2013). For larger k it may take too long:
 * then only bounds are told. */
#ifndef CHECKER_RELATIVES_K_ATOMIC_H
#define CHECKER_RELATIVES_K_ATOMIC_H

#include "checker/relatives/relative.h"

struct k_atomicity {
    enum relative_state state;
    const char *why;   /* GAVE_UP; there are no bounds then */
    uint32_t culprit;  /* IMPOSSIBLE: who saw what was not written, or not yet */
    uint64_t at_least; /* k; the same as at_most where it is known */
    uint64_t at_most;
    uint32_t *writes; /* an order of writes that shows at_most; operations */
    size_t write_count;
};

/* For reads and writes of distinct values; refused CAS are no part of it unless they
 * were told what they found. Searches for at most `steps`, each the placing of one
 * write, however large `budget` is. */
enum err_code k_atomic_measure(const struct problem *p, uint64_t steps, struct budget *budget,
                               struct arena *work, struct arena *keep, struct k_atomicity *out,
                               struct err *err) MUST_CHECK;

#endif
