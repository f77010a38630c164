/* A node that is a process: started again and again, killed, paused, and in the end
 * made sure to be gone. What it runs and how it is spoken to is not known here. */
#ifndef SYSTEMS_NODE_PROCESS_H
#define SYSTEMS_NODE_PROCESS_H

#include "io/world.h"

struct node_process;

struct node_process_spec {
    struct world *world;
    struct io *clock;         /* gives timers */
    struct process_spec what; /* its callbacks are the node process's own */
};

/* `spec` is copied, what it points to outlives the node process. Does not run yet.
 * NULL without memory. */
struct node_process *node_process_new(const struct node_process_spec *spec);

/* When the process before it was killed and is still on its way out, it starts as soon
 * as that is gone: it must not find its port and its files in use. */
enum err_code node_process_start(struct node_process *p, struct err *err) MUST_CHECK;

/* The one that was started last is there; not one before it, on its way out. */
bool node_process_runs(const struct node_process *p);

/* It was started and ended by itself: `why` becomes "ended with status 2: the last line of
 * its log". */
bool node_process_ended(const struct node_process *p, char *why, size_t size);

/* SIGTERM or SIGKILL; nothing follows it. */
enum err_code node_process_end(struct node_process *p, int signal, struct err *err);

/* SIGSTOP or SIGCONT. Fine when it is gone already. */
enum err_code node_process_signal(struct node_process *p, int signal, struct err *err);

/* Ask all of them to end, then make them; wait and free. Lets time pass. NULLs in the
 * list are fine. */
void node_processes_free(struct world *world, struct node_process **list, size_t count);

#endif
