/* The calls and returns of a problem in time order. At one instant calls come first:
 * intervals are closed. Whoever is unanswered never returns. */
#ifndef CHECKER_ALGORITHMS_MOMENTS_H
#define CHECKER_ALGORITHMS_MOMENTS_H

#include "checker/problem.h"

struct moments {
    struct moment {
        uint32_t op : 31;
        uint32_t is_return : 1;
    } * at;
    size_t count;
};

/* In `arena`; false without memory. */
bool moments_make(const struct problem *p, struct arena *arena, struct moments *out) MUST_CHECK;

#endif
