/* Is a register linearizable? In O(n log n), where every value was written at most
 * once: then each read names the write it read from.
 *
 * A write, the reads of its value, and the compare-and-sets that follow from it are
 * contiguous in any order that works: a block. A block whose first return comes
 * before its last call must hold the register from one to the other; two such
 * claims that cross are a contradiction, and if no two do, an order exists (Gibbons
 * and Korach 1997; Golab, Li and Shah 2011). So a violation is at most four
 * operations, and those that they followed from. */
#ifndef CHECKER_ALGORITHMS_ZONES_H
#define CHECKER_ALGORITHMS_ZONES_H

#include "checker/problem.h"

/* An `algorithm` for registers: read, write, cas, rmw. Not its own are values that
 * were written twice or were there at the start, and some refused CAS that were not
 * told what they found. */
enum err_code zones_decide(const struct problem *p, struct budget *budget, struct arena *work,
                           struct arena *keep, struct finding *out, struct err *err) MUST_CHECK;

#endif
