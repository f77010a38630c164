/* Is a register regular? Each read returns the value of a write that overlaps with it
 * or that no other write has certainly replaced before the read began: one that began
 * after that write had ended, and ended before the read began (Lamport 1986, with many
 * writers: Shao, Pierce and Welch 2003, the weakest of their kinds). Reads need not
 * agree with each other. */
#ifndef CHECKER_RELATIVES_REGULAR_H
#define CHECKER_RELATIVES_REGULAR_H

#include "checker/problem.h"

/* An `algorithm`, O(n log n), for registers with distinct values. FINDING_ORDER means
 * that it is regular; there is no order to give. A CAS that happened counts as a write
 * and as a read of what it replaced; a refused one, as a read if it was told. */
enum err_code regular_decide(const struct problem *p, struct budget *budget, struct arena *work,
                             struct arena *keep, struct finding *out,
                             struct err *err) MUST_CHECK;

#endif
