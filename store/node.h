/* A node of the store bound to a world: io events become steps of its replica, the
 * effects of a step become calls.
 *
 * The only file of the store that knows both sides, and it decides nothing but how
 * to stay connected: it dials peers, says hello, notices silence and dials again. A
 * node whose disk or memory fails stops for good, as after a crash: once a sync has
 * failed, nobody can say any more what the disk holds. */
#ifndef STORE_NODE_H
#define STORE_NODE_H

#include <stdbool.h>

#include "io/io.h"
#include "store/config.h"

struct node;

/* Open and recover the logs of `io`, listen on this node's port, take part. `config` is
 * copied, `io` must outlive the node. On failure nothing stays open. */
enum err_code node_new(struct io *io, const struct node_config *config, struct node **out,
                       struct err *err) MUST_CHECK;

/* Hang up, close the logs, forget everything; also right after the power of its place
 * failed. There is no way to stop listening but to close the endpoint: do that too,
 * before the world runs on. NULL is fine. */
void node_free(struct node *n);

/* Why it stopped by itself; NULL while it takes part. A stopped node holds no channel
 * and answers nobody; it still must be freed. */
const char *node_stopped(const struct node *n);

/* Be told when it stops by itself, once; not from inside node_new. */
void node_on_stop(struct node *n, void (*told)(void *user, const char *why), void *user);

/* Where the node's events go: one call per event, for a log. NULL: nowhere. What
 * node_new had to cut off a log's end is told at once. */
typedef void (*node_trace_fn)(void *user, int64_t at_ns, const char *name, const char *text);
void node_on_trace(struct node *n, node_trace_fn trace, void *user);

struct replica;
/* What it thinks, for tests' invariants and for people; read only. */
const struct replica *node_replica(const struct node *n);

#endif
