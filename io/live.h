/* The world for real: one libuv loop over any number of network namespaces, TCP,
 * files, child processes. An endpoint's sockets are made inside its place; the
 * thread itself stays where it is. */
#ifndef IO_LIVE_H
#define IO_LIVE_H

#include "io/world.h"

struct live_config {
    uint64_t seed;      /* of the endpoints' random streams */
    const char *folder; /* exists; the log NAME of endpoint E is E.NAME.log. NULL: no logs */
    /* How long sent data may stay without an answer before the channel is given up;
     * near one election time-out, or a cut is felt long after it has healed. 0: 1 s. */
    int64_t answer_timeout_ns;
};

/* NULL and `err` on failure; nothing stays open then. Starts libuv's thread pool
 * before any namespace is entered, and ignores SIGPIPE for the process.
 *
 * An endpoint listens on its place's address; on all of them when that is zero. A
 * listener serves 256 channels at a time, later callers wait. A channel with more
 * than 8 MiB waiting to be sent is closed. */
struct world *live_new(const struct live_config *config, struct err *err) MUST_CHECK;

/* Waits for file calls under way. Every endpoint must have been closed and every
 * process freed. */
void live_free(struct world *w);

#endif
