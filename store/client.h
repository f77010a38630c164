/* A client of the store: asks the node it thinks best, follows hints of who leads,
 * tries again under the same request id until its time is over, and says exactly what
 * it knows in the end.
 *
 * It keeps no promise of its own: what a level means is decided by the nodes. One
 * operation at a time. Knows nothing of histories and workloads. */
#ifndef STORE_CLIENT_H
#define STORE_CLIENT_H

#include "io/io.h"
#include "store/wire.h"

struct store_client_config {
    uint64_t cluster;
    uint64_t id; /* not 0; no other client of the cluster has it, ever */
    uint32_t node_count;
    struct io_address addresses[STORE_NODES_MAX];
    uint8_t nearest[STORE_NODES_MAX]; /* all nodes, the nearest first */
    bool async[STORE_TABLES_MAX];     /* a promotion may undo what a refusal rested on */
    int64_t operation_timeout_ns;
    int64_t attempt_timeout_ns;
    /* After the n-th try that led nowhere: a random part of backoff * 2^n. */
    int64_t backoff_ns, backoff_ns_max;
};

/* 2 s, 900 ms, 20 ms, 500 ms; nothing else is set. */
struct store_client_config store_client_config_default(void);

struct store_operation {
    uint32_t table;
    enum request_kind kind;
    int64_t key, argument, expected; /* STORE_NIL where the kind takes none */
    enum request_level level;
};

struct store_answer {
    enum reply_status status; /* FAIL: no try happened, and none ever will */
    const char *error;        /* NULL when ok; one of few phrases, for ever */
    int node;                 /* that answered, or -1 */
    int64_t value;            /* as in struct reply */
    uint64_t version;
    bool is_list;
    uint32_t member_count;
    const int64_t *members; /* valid during the callback */
};

struct store_attempt {
    unsigned number; /* from 1 */
    uint8_t node;
    int64_t sent_at_ns, ended_at_ns;
    enum reply_status status;
    const char *error;
};

struct store_client_handler {
    void *user;
    void (*attempted)(void *user, const struct store_attempt *attempt); /* NULL is fine */
    /* From inside it the client may be asked again or freed. */
    void (*answered)(void *user, const struct store_answer *answer);
};

struct store_client;

/* `config` is copied, `io` outlives the client. Connects when first needed. NULL
 * without memory. */
struct store_client *store_client_new(struct io *io, const struct store_client_config *config);

/* Answered later, within the operation's time-out. */
void store_client_invoke(struct store_client *c, const struct store_operation *op,
                         const struct store_client_handler *handler);

/* Has any node of the cluster said hello yet? One of another cluster hangs up instead. */
bool store_client_was_greeted(const struct store_client *c);

/* An operation under way is not answered any more. NULL is fine. */
void store_client_free(struct store_client *c);

#endif
