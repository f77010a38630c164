/* A frontier led through a timeline, from its first event to the last or to where
 * nothing is possible any more.
 *
 * Gives operations their slots. Of unanswered writes of one value, which pile up and are
 * as good as each other, only a few are pending at a time; others wait until some
 * configuration has used those up. */
#ifndef CHECKER_ALGORITHMS_WALK_H
#define CHECKER_ALGORITHMS_WALK_H

#include "checker/algorithms/frontier.h"
#include "checker/algorithms/timeline.h"

struct walk_limits {
    size_t configs_max;
    uint32_t spares_max; /* unanswered writes of one value that are pending, at least 2 */
    struct budget *budget;
    struct arena *work;
};

/* What is left of the walk; free it before `work` goes. NULL without memory. */
struct frontier *walk(const struct timeline *t, struct walk_limits limits);

#endif
