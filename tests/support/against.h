/* An algorithm against brute force: the same small random histories, and no other
 * answer. Orders must be orders; of a proof, alone, there must be none. */
#ifndef TESTS_SUPPORT_AGAINST_H
#define TESTS_SUPPORT_AGAINST_H

#include "tests/support/small.h"

struct against {
    unsigned long tried, orders, refusals, not_mine;
    unsigned long proof_ops, claims; /* of the refusals */
};

/* Does `decide` agree with brute force about one problem? If not, why not is on stderr. */
bool against_one(algorithm decide, const struct problem *p, struct against *sum);

/* `count` histories of the form; a million with FAULTLINE_LONG set. Fails the test at the
 * first difference, and prints what was seen. */
struct against against_brute(algorithm decide, const struct small_form *form,
                             unsigned long count);

#endif
