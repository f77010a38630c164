/* How long was all well? The first return that no order can account for, found by
 * deciding beginnings of the history: if one is impossible, so are all longer ones. */
#ifndef CHECKER_PREFIX_H
#define CHECKER_PREFIX_H

#include "checker/portfolio.h"

struct prefix {
    bool is_exact;         /* false: the budget ended the search for it */
    int64_t broken_at_ns;  /* the history is impossible once this return is in it; where
                              that is not exact, it may have been so before */
    uint32_t broken_by;    /* the operation that returned then */
    int64_t well_until_ns; /* the latest return with which it is still possible;
                              INT64_MIN: none is known */
};

/* `p` is impossible, and so are the operations `proof` alone (NULL: all of them are
 * needed). Fails only without memory. */
enum err_code prefix_find(const struct problem *p, const uint32_t *proof, size_t proof_count,
                          struct budget *budget, struct prefix *out,
                          struct err *err) MUST_CHECK;

#endif
