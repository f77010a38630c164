/* Follows the plan: begins each fault at its time, resolves whom it hits, folds all
 * faults that are on into one desired state, and lets a backend make it so.
 *
 * Time comes from a struct io; what happens is told to a listener, which harness/
 * writes into the history. */
#ifndef INJECTOR_INJECTOR_H
#define INJECTOR_INJECTOR_H

#include "injector/backend.h"
#include "injector/node_ops.h"
#include "io/io.h"
#include "scenarios/plan.h"

struct fault_listener {
    void *user;
    /* `state` is one of struct fault_row's (history/rows.h); `detail` is the reason of
     * "not applied". `resolved` and `measured` are JSON texts or NULL. */
    void (*changed)(void *user, const struct planned_fault *fault, const char *state,
                    const char *resolved, const char *measured, const char *detail);
};

struct injector_setup {
    const struct plan *plan;
    struct io *io;
    struct backend *backend;
    struct node_ops nodes;
    struct fault_listener listener;
    const char *const *forced; /* by fault: resolved JSON of an earlier run
                                  (--targets), or NULL */
};

struct injector;

/* Base shapes of the topology are applied at once. */
enum err_code injector_new(const struct injector_setup *setup, struct injector **out,
                           struct err *err) MUST_CHECK;

/* The workload begins: the plan's times count from `start_at_ns`. */
void injector_start(struct injector *in, int64_t start_at_ns);

/* Take every fault away now, restart what was killed and resume what was paused.
 * On failure the rest is healed all the same, and `err` names what was not. */
enum err_code injector_heal(struct injector *in, struct err *err) MUST_CHECK;

/* Is every fault over, or was it never applied? */
bool injector_done(const struct injector *in);

/* How many faults could not be applied or had no effect so far. */
uint32_t injector_failed_count(const struct injector *in);

void injector_free(struct injector *in);

/* The desired state of the topology without any fault. */
void topology_links(const struct topology *topology, struct link_table *out);

#endif
