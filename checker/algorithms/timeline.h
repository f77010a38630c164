/* The calls and returns of a problem in time order. At one instant calls come first:
 * intervals are closed. Whoever is unanswered never returns. */
#ifndef CHECKER_ALGORITHMS_TIMELINE_H
#define CHECKER_ALGORITHMS_TIMELINE_H

#include "checker/problem.h"

struct timeline {
    struct moment {
        uint32_t op : 31;
        uint32_t is_return : 1;
    } * moments;
    size_t count;
};

/* In `arena`; false without memory. */
bool timeline_make(const struct problem *p, struct arena *arena,
                   struct timeline *out) MUST_CHECK;

#endif
