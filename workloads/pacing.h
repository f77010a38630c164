/* When the next operation arrives. Integers only, so that every machine and compiler
 * gets the same instants from the same seed. */
#ifndef WORKLOADS_PACING_H
#define WORKLOADS_PACING_H

#include "base/random.h"

enum pacing { PACING_POISSON, PACING_CONSTANT, PACING_CLOSED };

/* From one arrival to the next; one draw, whatever the pacing. `rate_per_ks`:
 * operations per 1,000 seconds. Closed pacing has no arrivals and is not asked. */
int64_t pacing_gap_ns(enum pacing pacing, int64_t rate_per_ks, struct random_stream *random);

/* From the start to the first arrival: streams of equal rate must not march in step. */
int64_t pacing_first_gap_ns(enum pacing pacing, int64_t rate_per_ks,
                            struct random_stream *random);

#endif
