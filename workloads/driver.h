/* Issues operations from clients placed in regions and records every one of them.
 * The same code in every world. */
#ifndef WORKLOADS_DRIVER_H
#define WORKLOADS_DRIVER_H

#include "history/writer.h"
#include "io/io.h"
#include "scenarios/plan.h"
#include "systems/system.h"

struct driver_setup {
    const struct plan *plan;
    struct system *system;
    struct io *io; /* the run's clock and timers */
    struct history_writer *history;
};

struct driver_counts {
    uint64_t invoked, ok, failed, unknown;
    uint64_t late; /* started over 1 ms after their intended time: clients were busy */
};

struct driver;

enum err_code driver_new(const struct driver_setup *setup, struct driver **out,
                         struct err *err) MUST_CHECK;

/* Clients begin at `start_at_ns` and invoke nothing new after the scenario's
 * duration; `done` is told when the last operation was answered. */
void driver_start(struct driver *d, int64_t start_at_ns, void (*done)(void *user), void *user);

/* Invoke nothing new from now on; `done` follows. */
void driver_stop(struct driver *d);

struct driver_counts driver_counts(const struct driver *d);

/* The final phase, after heal: read every key of every table from every replica,
 * round after round, until all agree or the scenario's settle time is over. */
void driver_final(struct driver *d, void (*done)(void *user, bool agreed), void *user);

void driver_free(struct driver *d);

#endif
