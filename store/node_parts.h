/* What node.c (events and effects) and node_net.c (connections) share. */
#ifndef STORE_NODE_PARTS_H
#define STORE_NODE_PARTS_H

#include "store/node.h"
#include "store/replica.h"

enum { CONNECTIONS_MAX = 4096, BACKLOG_BYTES_MAX = 8 << 20 /* per connection */ };

/* One channel, dialled by us to a peer or accepted from anybody. */
struct connection {
    struct node *node;
    struct connection *next;
    struct io_channel *channel;
    uint64_t id; /* never given twice */
    enum connection_kind { CONNECTION_STRANGER, CONNECTION_CLIENT, CONNECTION_REPLICA } kind;
    bool dialled, opened;
    bool only_asks; /* a client that comes and goes with one question: not worth a line */
    uint8_t peer;   /* of a replica, and of what we dialled */
    int64_t heard_at_ns, said_at_ns;
    uint64_t client, sequence; /* the newest request that came over it */
};

struct peer {
    struct connection *connection; /* NULL: none */
    int64_t dial_at_ns;            /* when there is none and it is ours to dial */
    int64_t patience_ns;           /* the next wait is drawn from this */
};

struct node_log {
    struct node *node;
    struct io_log *log;
    uint8_t number;
    size_t cut_bytes; /* of a torn tail, when it was opened */
};

struct node {
    struct io *io;
    struct node_config config;
    struct replica replica;
    struct effects effects;
    struct node_log logs[LOG_COUNT];
    struct io_timer wake;  /* of the replica */
    struct io_timer pulse; /* of the connections */
    struct connection *connections;
    size_t connection_count;
    uint64_t last_connection_id;
    struct peer peers[STORE_NODES_MAX];
    struct wire_space space;
    struct buffer frame;
    struct err recovery; /* of a record that makes no sense */
    bool started, stopped;
    struct err why;
    void (*told)(void *user, const char *why);
    void *told_user;
    node_trace_fn trace;
    void *trace_user;
    uint64_t traced_term;
    enum raft_role traced_role;
};

/* node.c */
void node_step(struct node *n, const struct event *event);
void node_stop(struct node *n, const struct err *why);
void node_trace(struct node *n, const char *name, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* node_net.c */
enum err_code node_net_start(struct node *n, struct err *err) MUST_CHECK;
void node_net_send(struct node *n, uint8_t peer, struct bytes frame);
void node_net_answer(struct node *n, uint64_t connection, struct bytes frame);
void node_net_done(struct node *n);

#endif
