/* The rows of a history that its writer and its readers share. Times are instants
 * on the run's clock. Texts are borrowed for the call, or belong to who lists them. */
#ifndef HISTORY_ROWS_H
#define HISTORY_ROWS_H

#include "history/op.h"

/* What a table promises. `checks` is a comma-separated list. */
struct promise {
    uint32_t table;
    const char *type, *mode, *level, *checks;
};

/* An invocation. */
struct op_row {
    int64_t process, session;
    uint32_t region;
    struct operation operation;
    int64_t intended_at_ns, invoked_at_ns;
};

/* One part of a transaction. */
struct micro_row {
    int64_t op;
    unsigned position;
    enum op_kind kind;
    int64_t key, argument, result;
};

/* A fault changing state. Several rows share one fault id, in time order. */
struct fault_row {
    uint32_t fault;   /* number in the plan */
    const char *name; /* "partition" */
    /* "asked", "on", "effective", "no effect", "off", "not applied". Neither of the
     * two about effects: nobody measured, or not long enough. */
    const char *state;
    int64_t at_ns;
    const char *asked;    /* the plan's words */
    const char *resolved; /* whom it hit: JSON of what each of its targets was, and
                              "nodes": [..] that are down, or "cut": [[from,to],..] */
    const char *measured; /* NULL, or what was seen on the wire, JSON */
};

/* Anything else worth a line: "leader" (detail: {"table": 0, "term": 3}), "lost"
 * (detail: {"table": 0, "count": 2}), "phase" (detail: which begins), ... */
struct event_row {
    int64_t at_ns;
    const char *name;
    int node; /* or -1 */
    const char *detail;
};

/* A number over time: lag, backlog, term. */
struct sample_row {
    int64_t at_ns;
    const char *name;
    int node; /* or -1 */
    double value;
};

struct attempt_row {
    int64_t op;
    struct attempt attempt;
};

#endif
