/* How stale were the reads of a register? A version is newer than what a read found if
 * its write began after somebody knew of the value found, by writing or reading it;
 * and it was there when somebody knew of it before the read began. All of that is
 * certain: in no order could such a read have been newer. A history may be without an
 * order and yet show none: then its reads contradict each other. */
#ifndef CHECKER_RELATIVES_STALE_H
#define CHECKER_RELATIVES_STALE_H

#include "checker/relatives/relative.h"

struct staleness {
    enum relative_state state;
    const char *why;      /* GAVE_UP */
    uint32_t culprit;     /* IMPOSSIBLE: who saw what was not written, or not yet */
    uint64_t read_count;  /* who looked at all */
    uint64_t stale_count; /* who found what had been replaced; 0: the rest is 0, too */
    uint64_t versions;    /* newer than what `by_versions` found, when it was called */
    struct stale_read by_versions;
    int64_t late_ns; /* from when the first of them was known to the call of `by_time` */
    struct stale_read by_time;
};

/* O(n log n), for registers with distinct values; CAS as in relatives/regular.h. */
enum err_code stale_measure(const struct problem *p, struct budget *budget, struct arena *work,
                            struct staleness *out, struct err *err) MUST_CHECK;

#endif
