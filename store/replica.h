/* One replica of the store, as a pure step function.
 *
 * A replica never reads a clock, draws a random number, opens a socket or writes a
 * file: it is told what happened, with the time and one random number, and answers
 * with what must be done; node.c carries that out. It joins consensus on the log
 * (raft.h), the state that log leads to (machine.h) and the clients who wait.
 *
 * The promises: `ok` of a change on a consensus table is given only once a majority of
 * replicas has it on disk; a linearizable read shows every change acknowledged before
 * it was asked; `fail` is given only for what was never begun, or was decided by the
 * log; a retry is applied at most once. */
#ifndef STORE_REPLICA_H
#define STORE_REPLICA_H

#include "store/async.h"
#include "store/machine.h"
#include "store/raft.h"

enum { REPLICA_PENDING_MAX = 4096 /* changes, and as many reads, under way here */ };

struct event {
    enum event_type {
        EVENT_CLIENT,    /* `message` of a client on `connection` */
        EVENT_PEER,      /* `message` of the replica `peer` */
        EVENT_CONNECTED, /* the channel to `peer` stands */
        EVENT_SYNCED,    /* the first `count` records of `log` are durable */
        EVENT_TIMER      /* the time replica_wake_at_ns has come */
    } type;
    uint64_t connection; /* never given twice */
    uint8_t peer;
    uint8_t log;
    uint64_t count;
    const struct message *message; /* as decoded: every field is in range */
};

/* A change in the log that a client waits for. */
struct pending_change {
    uint64_t connection, client, sequence;
    uint64_t index;
    bool answered; /* early, by a planted bug */
    enum request_kind kind;
};

struct pending_read {
    uint64_t connection;
    struct request request;
    struct raft_read read;
};

/* Read only outside replica*.c. */
struct replica {
    struct node_config config;
    struct raft raft;
    struct machine machine;

    struct async *asyncs[STORE_TABLES_MAX]; /* NULL for consensus tables */
    bool has_async;
    struct lost_log lost;
    int64_t pulse_at_ns; /* of the async tables */

    uint64_t led_term;              /* the term in which what is pending was begun */
    struct pending_change *changes; /* by rising index */
    struct pending_read *reads;     /* by rising round */
    size_t change_count, read_count;

    int64_t *members; /* space for one list */
    struct state_item *items;
    struct err why; /* when a step failed */
};

enum err_code replica_init(struct replica *r, const struct node_config *config,
                           struct err *err) MUST_CHECK;
void replica_done(struct replica *r); /* also half-built */

/* A record of one of our logs, oldest first; then replica_start, once. */
enum err_code replica_recover(struct replica *r, uint8_t log, struct bytes record,
                              struct err *err) MUST_CHECK;
enum err_code replica_start(struct replica *r, const struct moment *at,
                            struct err *err) MUST_CHECK;

/* Advance by one event; at->out is filled. On failure the replica must not be used
 * again, nor anything in at->out be done. */
enum err_code replica_step(struct replica *r, const struct moment *at,
                           const struct event *event, struct err *err) MUST_CHECK;

/* When EVENT_TIMER is due; look again after every step. */
int64_t replica_wake_at_ns(const struct replica *r);

#endif
