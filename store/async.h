/* One async table of one replica: a log that its primary ships, in order, to the others.
 *
 * Who is primary is an entry (table, epoch, node) of the consensus log. The primary
 * acknowledges a change once it is on its own disk and while it holds a lease; it never
 * waits for the others. So a promotion may lose what was acknowledged and not yet
 * shipped: the old primary cuts it off, counts it and keeps it in the log `lost`.
 *
 * The promises: at most one node at a time holds a lease; what is acknowledged is on the
 * primary's disk; every replica shows a prefix of one history, until it is cut.
 *
 * Its caller is replica.c; like everything in the core it asks for sends and records in
 * moment.out and does nothing itself. These logs are not compacted.
 *
 * async.c          state, recovery, what is applied
 * async_primary.c  lease, clients' changes, shipping
 * async_replica.c  taking what is shipped, cutting what was lost
 * async_watch.c    the consensus leader's watch over leases, promotion */
#ifndef STORE_ASYNC_H
#define STORE_ASYNC_H

#include "store/machine.h"
#include "store/raft.h"

enum { ASYNC_PENDING_MAX = 4096, ASYNC_RENEWALS_MAX = 32, ASYNC_IN_FLIGHT_MAX = 4096 };

struct async_change {
    uint64_t connection, client, sequence;
    uint64_t index;
    bool applied; /* on our disk: `outcome` holds, a lease may still be missing */
    struct outcome outcome;
};

/* The primary's view of one replica. */
struct shipping {
    uint64_t match_index, next_index;
    bool probing, probe_sent;
};

/* A renewal that waits for its read-index round. */
struct renewal {
    uint8_t from;
    struct renew renew;
    struct raft_read read;
};

/* Read only outside async*.c. */
struct async {
    uint32_t table;
    uint8_t id, node_count;
    int64_t lease_ns;

    struct entry_log log; /* terms are epochs */
    struct sync_queue disk;
    struct machine machine; /* of everything durable; only this table is in use */
    const struct node_config *config;
    uint64_t epoch; /* the highest heard of */

    /* primary */
    struct primary primary; /* as the consensus log says, as far as applied here */
    uint64_t active_epoch;  /* in which we have had a lease; 0: none */
    int64_t lease_until_ns;
    struct shipping shipping[STORE_NODES_MAX];
    struct async_change *changes; /* by rising index */
    size_t change_count;

    /* replica */
    uint8_t shipper; /* primary of `epoch`, as far as heard */
    uint64_t verified_index;
    bool owes_ack;
    uint64_t lost_from, lost_to; /* saved in `lost`, not cut yet; 0: none */
    uint64_t lost_record;        /* the last record of it */
    uint64_t lost_count;         /* changes cut off here, ever */

    /* consensus leader */
    uint64_t watch_term; /* the term in which the rest is valid */
    int64_t renewed_at_ns;
    uint64_t proposed_epoch;
    struct renewal renewals[ASYNC_RENEWALS_MAX];
    size_t renewal_count;
    uint64_t poll; /* number of the last one */
    bool polling;
    int64_t poll_until_ns;
    uint8_t best;
    struct position best_position;
};

/* The log `lost` is shared by all tables of a node. */
struct lost_log {
    uint64_t record_count, synced_count;
};

struct async *async_new(uint32_t table, const struct node_config *config);
void async_free(struct async *a);

enum err_code async_recover(struct async *a, struct bytes record, struct err *err) MUST_CHECK;
bool async_start(struct async *a) MUST_CHECK; /* false without memory */

/* The consensus log says who is primary. */
void async_learn(struct async *a, const struct primary *primary);

/* Every heartbeat. */
void async_tick(struct async *a, const struct moment *at, struct raft *raft);
void async_connected(struct async *a, const struct moment *at, uint8_t peer);
void async_synced(struct async *a, const struct moment *at, uint64_t count);

/* --- primary --- */
bool async_is_primary(const struct async *a); /* as far as it knows */
bool async_has_lease(const struct async *a, const struct moment *at);
/* Only with a lease. 0 when out of memory or when too much is under way. */
uint64_t async_propose(struct async *a, const struct moment *at, struct entry e,
                       const struct async_change *change);
void async_on_renewed(struct async *a, const struct moment *at, const struct renew *m);
void async_on_shipped(struct async *a, const struct moment *at, uint8_t from,
                      const struct shipped *m);
/* Take the next change to answer: applied under a lease, or of unknown outcome after the
 * loss of the office. False when none is due. */
bool async_answer(struct async *a, const struct moment *at, struct async_change *out);

/* --- replica --- */
void async_on_ship(struct async *a, const struct moment *at, struct lost_log *lost,
                   uint8_t from, const struct ship *m);
void async_on_ask_position(struct async *a, const struct moment *at, uint8_t from,
                           const struct ask_position *m);

/* --- consensus leader; `machine` is the consensus group's --- */
void async_on_renew(struct async *a, const struct moment *at, struct raft *raft, uint8_t from,
                    const struct renew *m);
void async_on_position(struct async *a, uint8_t from, const struct position *m);
void async_watch(struct async *a, const struct moment *at, struct raft *raft,
                 const struct machine *machine);

#endif
