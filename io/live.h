/* The world for real: one libuv loop over any number of network namespaces, TCP,
 * files, child processes. An endpoint's sockets are made inside its place; the
 * thread itself stays where it is. */
#ifndef IO_LIVE_H
#define IO_LIVE_H

#include "io/world.h"

struct live_config {
    uint64_t seed;      /* of the endpoints' random streams */
    const char *folder; /* exists; the log NAME of endpoint E is E.NAME.log */
};

/* NULL and `err` on failure; nothing stays open then. Starts libuv's thread pool
 * before any namespace is entered, and ignores SIGPIPE for the process. */
struct world *live_new(const struct live_config *config, struct err *err) MUST_CHECK;

/* Waits for file calls under way. Every endpoint must have been closed and every
 * process freed. */
void live_free(struct world *w);

#endif
