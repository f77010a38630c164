/* Operations that wait, the one that returns soonest first; on a tie the one that was
 * called first. Its capacity is told once. */
#ifndef CHECKER_ALGORITHMS_SOONEST_H
#define CHECKER_ALGORITHMS_SOONEST_H

#include "checker/problem.h"

struct soonest {
    struct waiting {
        int64_t until_ns;
        uint32_t op;
    } * heap;
    size_t count, max;
};

/* Room for `max` operations; false without memory. */
bool soonest_init(struct soonest *s, struct arena *arena, size_t max) MUST_CHECK;

void soonest_put(struct soonest *s, int64_t until_ns, uint32_t op);

/* Not of an empty one. */
uint32_t soonest_first(const struct soonest *s);
uint32_t soonest_take(struct soonest *s);

#endif
