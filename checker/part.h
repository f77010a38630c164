/* Parts of a problem that are problems themselves. */
#ifndef CHECKER_PART_H
#define CHECKER_PART_H

#include "checker/problem.h"

/* The operations that `kept` names, in any order and none twice. `ops` has room for
 * `count` and lives as long as what is returned. */
struct problem part_kept(const struct problem *p, const uint32_t *kept, size_t count,
                         struct timed_op *ops);

/* The history as it was at `at_ns`: what was called by then, unanswered where the
 * answer came later. Possible if all of it is. `ops` has room for all. */
struct problem part_until(const struct problem *p, int64_t at_ns, struct timed_op *ops);

#endif
