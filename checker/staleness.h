/* How stale the stalest read of a register was, in a sentence. */
#ifndef CHECKER_STALENESS_H
#define CHECKER_STALENESS_H

#include "checker/problem.h"
#include "checker/tell.h"

/* "the stalest read, operation 92, missed 3 newer writes, ...": in the teller's arena.
 * NULL where none was certainly stale, nobody can tell, or without memory: it is a
 * courtesy. `row` of the operations is that of the columns. */
const char *staleness_tell(const struct problem *p, const struct budget *budget,
                           const struct teller *t);

#endif
