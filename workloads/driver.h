/* Issues operations from clients placed in regions and records every one of them.
 * The same code in every world; what an operation means is not its business.
 *
 * Each workload has one stream of operations per region. They arrive when their
 * pacing says and wait for an idle client, so a slow system cannot slow the arrivals
 * down; latency counts from the intended time. After an unknown outcome a client's
 * process number is retired and a fresh client takes its place. */
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
    uint64_t late;    /* started over 1 ms after their intended time: clients were busy */
    uint64_t dropped; /* arrived and never invoked: the queue was full, or time was up */
};

struct driver;

/* How many arrivals of a stream may wait for an idle client. */
enum { DRIVER_QUEUE_MAX = 1024 };

/* Opens every client; nodes need not be up. `setup` is copied, what it points to
 * outlives the driver. */
enum err_code driver_new(const struct driver_setup *setup, struct driver **out,
                         struct err *err) MUST_CHECK;

/* Clients begin at `start_at_ns` and invoke nothing new after the scenario's
 * duration; `done` is told when the last operation was answered, from a timer: it may
 * free what it likes. */
void driver_start(struct driver *d, int64_t start_at_ns, void (*done)(void *user), void *user);

/* Invoke nothing new from now on; `done` follows. */
void driver_stop(struct driver *d);

struct driver_counts driver_counts(const struct driver *d);

/* The final phase, after heal and `done`: read every key of every table from every
 * replica, round after round, until all agree or the scenario's settle time is over.
 * Keys that some operation was for are recorded also where no replica holds them. */
void driver_final(struct driver *d, void (*done)(void *user, bool agreed), void *user);

void driver_free(struct driver *d);

#endif
