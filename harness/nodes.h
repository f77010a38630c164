/* The nodes of a run, all together: start them, wait for them, ask who leads.
 *
 * Turns a system's one-node calls into the table the injector wants. */
#ifndef HARNESS_NODES_H
#define HARNESS_NODES_H

#include "injector/node_ops.h"
#include "systems/system.h"

struct nodes {
    struct system *system;
    struct world *world;
    const struct topology *topology;
    bool were_up; /* all of them, once */
};

/* Every node is told to start; false answers leave `err` about the first. */
enum err_code nodes_start(struct nodes *n, struct err *err) MUST_CHECK;

/* Let the world run until every node says that it is ready and every table of
 * `spec` has a leader (where the system knows roles). `stop` ends it early. The first
 * time a node that ends by itself ends it too: it will not come up. Later the others
 * may go on without it. */
enum err_code nodes_await(struct nodes *n, const struct system_spec *spec, const bool *stop,
                          int64_t within_ns, struct err *err) MUST_CHECK;

/* Ask every node how many changes of `table` it ever cut off; nodes that do not answer
 * are not told about. */
enum err_code nodes_ask_lost(struct nodes *n, uint32_t table,
                             void (*told)(void *user, uint32_t node, uint64_t count),
                             void *user, struct err *err) MUST_CHECK;

/* In order, as far as they run; errors are not told: the end of the run follows. */
void nodes_stop(struct nodes *n);

/* `n` outlives the table. */
struct node_ops nodes_ops(struct nodes *n);

#endif
