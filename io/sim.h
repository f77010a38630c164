/* The world in one process: virtual time, a seeded network, disks that forget.
 *
 * The same seed and the same calls give the same run, bit for bit; the digest
 * proves it. Nothing here reads a clock or depends on an address.
 *
 * Power is on until power_off, and again when an endpoint is opened there. A host
 * without power answers nothing; once it is back, whoever still speaks to a channel
 * of its former life is told "reset". Within a host the network is perfect whatever
 * its links are. Out of memory, run() fails: an event that was forgotten makes the
 * run another one. */
#ifndef IO_SIM_H
#define IO_SIM_H

#include "io/world.h"

struct sim_config {
    uint64_t seed;
    uint16_t host_count;      /* places 0 to host_count - 1 */
    int64_t sync_ns;          /* how long a disk takes to make records durable */
    int64_t wall_at_start_ns; /* what wall clocks show at the run's time 0 */
};

/* NULL when out of memory. A place there is known by its `host` alone. */
struct world *sim_new(const struct sim_config *config);

/* Every endpoint must have been closed. */
void sim_free(struct world *w);

#endif
