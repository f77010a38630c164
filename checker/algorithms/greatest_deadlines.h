/* By when must a lost value have left a priority queue, whoever took it? Before
 * somebody who was called after it had come sees a lesser value or nothing, or before a
 * lesser lost value must leave that nobody can have taken before it came. */
#ifndef CHECKER_ALGORITHMS_GREATEST_DEADLINES_H
#define CHECKER_ALGORITHMS_GREATEST_DEADLINES_H

#include "checker/algorithms/greatest.h"

struct greatest_deadline {
    uint32_t instant; /* `never`: it may stay */
    uint32_t lesser;  /* the stay that was seen then, or that must leave then */
    uint32_t op;      /* who saw it, or STAY_NOBODY */
};

struct greatest_deadlines {
    struct greatest_deadline *of; /* by stay, of those lost */
    uint32_t *soonest_first;      /* those lost */
    uint32_t count;
};

/* After a greatest_place that succeeded, for which everybody lost was taken by the first
 * of the takers. */
enum err_code greatest_deadlines(const struct greatest *g, struct arena *work,
                                 struct greatest_deadlines *out, struct err *err) MUST_CHECK;

#endif
