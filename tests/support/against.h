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

/* How many histories a test tries: `count`, or a million with FAULTLINE_LONG set. */
unsigned long against_count(unsigned long count);

/* The test fails unless there were enough of both: more than a tenth with an order, and
 * more than a `part`th without. */
void against_saw_both(const struct against *sum, unsigned long part);

/* Tell what was seen. */
void against_print(const char *what, const struct against *sum);

/* against_count(`count`) histories of the form. Fails the test at the
 * first difference, and prints what was seen. */
struct against against_brute(algorithm decide, const struct small_form *form,
                             unsigned long count);

#endif
