/* Faults that nobody wrote down: kind, strength, targets and times drawn from the
 * catalogue, so that a new fault takes part as soon as it is registered. */
#ifndef SCENARIOS_DRAW_H
#define SCENARIOS_DRAW_H

#include "base/random.h"
#include "scenarios/plan.h"

/* Draw one fault that the system can take and that is over before the workload is.
 * Fills plugin, config and times; id, words and order are the plan's. */
enum err_code draw_fault(const struct scenario *scenario, const struct catalogue *faults,
                         struct random_stream *random, struct arena *arena,
                         struct planned_fault *out, struct err *err) MUST_CHECK;

#endif
