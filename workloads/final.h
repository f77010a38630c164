/* The final phase: what every replica holds once the network is whole again, asked
 * round after round until all say the same or time is up. Knows nothing of clients. */
#ifndef WORKLOADS_FINAL_H
#define WORKLOADS_FINAL_H

#include "history/writer.h"
#include "io/io.h"
#include "scenarios/scenario.h"
#include "systems/system.h"

/* Which keys of a table operations were for: a flag per key. */
struct touched_keys {
    uint8_t *flags;
    size_t count;
};

struct final_setup {
    const struct scenario *scenario;
    struct system *system;
    struct io *io;
    struct history_writer *history;
    const struct touched_keys *touched; /* by table */
    int64_t *next_process;              /* each final read is a process of its own */
    void (*done)(void *user, bool agreed);
    void *user;
};

struct final_phase;

/* `setup` is copied. `done` is told from a timer. NULL without memory. */
struct final_phase *final_start(const struct final_setup *setup);

void final_free(struct final_phase *f);

#endif
