/* This machine's monotonic clock, for what happens outside any world: budgets of
 * checkers, progress lines. Inside a run time comes from a struct io. */
#ifndef IO_CLOCK_H
#define IO_CLOCK_H

#include <stdint.h>

/* Nanoseconds since some fixed moment; never goes back. */
int64_t clock_monotonic_ns(void);

/* Nanoseconds since 1970, for comparing with what the kernel stamped and for telling
 * people when a run was. May be set. */
int64_t clock_wall_ns(void);

#endif
