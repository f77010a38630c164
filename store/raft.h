/* Consensus on one log of entries, as a pure core: Raft, after Ongaro's thesis
 * (Consensus: Bridging Theory and Practice, 2014; sections are cited where they bite).
 *
 * Its caller (replica.c) tells it what happened and looks afterwards at what became
 * true: role, commit_index, confirmed_round. It neither knows what entries mean nor
 * reads a clock, draws chance, sends or writes: it asks for that in moment.out.
 *
 * The promises: at most one leader per term; a committed entry is on a majority's
 * disks and in the log of every later leader; a term, a vote or an entry is spoken of
 * to others only once it is on this node's own disk.
 *
 * raft.c            roles, terms, timers
 * raft_election.c   votes, pre-votes, check-quorum   (thesis 3.4, 4.2.3, 6.2, 9.6)
 * raft_replicate.c  the leader's side of the log     (3.5, 3.6, 10.2)
 * raft_follow.c     the follower's side
 * raft_read.c       rounds that confirm reads        (6.4)
 * raft_disk.c       records, recovery, what is durable
 * raft_snapshot.c   taking, sending, installing      (5) */
#ifndef STORE_RAFT_H
#define STORE_RAFT_H

#include "base/err.h"
#include "store/effect.h"
#include "store/entry_log.h"
#include "store/sync_queue.h"

enum {
    RAFT_ENTRIES_IN_FLIGHT_MAX = 4096, /* per follower */
    RAFT_ROUNDS_IN_FLIGHT_MAX = 16,
    RAFT_CHUNKS_IN_FLIGHT_MAX = 8,
    RAFT_NOBODY = STORE_NODE_NONE
};

struct raft_config {
    uint8_t id;
    uint8_t node_count;
    int64_t election_timeout_ns, heartbeat_ns;
    uint64_t tail_max; /* entries kept in memory behind a snapshot, for slow followers */
    uint32_t bugs;
};

/* Counted, because it may be on its way to a follower when a newer one is taken. */
struct snapshot {
    unsigned users;
    uint64_t last_index, last_term;
    struct buffer bytes;
};

/* A leader's view of one follower. */
struct follower {
    uint64_t match_index; /* on its disk and equal to ours, up to here */
    uint64_t next_index;  /* to send next */
    uint64_t round;       /* the highest it echoed */
    int64_t heard_at_ns;
    bool probing;              /* one message at a time, until the logs meet */
    bool probe_sent;           /* and it is under way */
    struct snapshot *snapshot; /* being sent instead of entries; NULL: none */
    uint64_t snapshot_sent, snapshot_received;
};

enum raft_role { RAFT_FOLLOWER, RAFT_PRE_CANDIDATE, RAFT_CANDIDATE, RAFT_LEADER };

/* Read only outside raft*.c. */
struct raft {
    struct raft_config config;

    uint64_t term;
    uint8_t voted_for;
    uint8_t leader; /* of `term`, as far as known */
    enum raft_role role;
    struct entry_log log;
    uint64_t commit_index;

    /* what the disk holds */
    struct sync_queue disk;
    uint64_t hard_record; /* the one with our term and vote */

    /* follower */
    int64_t election_at_ns;     /* time to doubt the leader */
    int64_t leader_heard_at_ns; /* valid while leader is known */
    uint64_t verified_index;    /* equal to this term's leader up to here */
    uint64_t leader_round;      /* the highest heard from it */
    bool owes_ack;
    uint8_t owes_vote_to;

    /* candidate, pre-candidate */
    uint32_t votes; /* bit set */
    bool asked;     /* our own vote is on disk, the others know */

    /* leader */
    int64_t heartbeat_at_ns;
    uint64_t first_index; /* of our no-op: all committed before our term precedes it */
    struct follower followers[STORE_NODES_MAX];
    uint64_t round, confirmed_round;
    bool round_wanted;

    /* snapshots */
    struct snapshot *snapshot; /* the newest we have, NULL for none */
    struct snapshot *incoming; /* being received or recovered */
    uint64_t replace_record;   /* of the last replacement of the log on disk */
};

void raft_init(struct raft *r, const struct raft_config *config);
void raft_done(struct raft *r);

/* One record of our log, oldest first, before raft_start. What makes no sense means
 * that the disk is not to be trusted: ERR_DAMAGED. */
enum err_code raft_recover(struct raft *r, struct bytes record, struct err *err) MUST_CHECK;

/* Everything is recovered: begin to wait for a leader. Fails on half a snapshot. */
enum err_code raft_start(struct raft *r, const struct moment *at, struct err *err) MUST_CHECK;

/* From the replica `from`; types VOTE to CHUNKED but CHUNK. */
void raft_receive(struct raft *r, const struct moment *at, uint8_t from,
                  const struct message *m);

/* The first `count` records since the start are on disk. */
void raft_synced(struct raft *r, const struct moment *at, uint64_t count);

/* Call when the time raft_wake_at_ns has come; early is fine. */
void raft_tick(struct raft *r, const struct moment *at);
int64_t raft_wake_at_ns(const struct raft *r);

/* The channel to a peer stands anew: what was under way may be lost. */
void raft_connected(struct raft *r, const struct moment *at, uint8_t peer);

/* Leaders only: append `e` (its term is filled in) and begin to replicate it. The
 * index it will have if it commits; 0 when out of memory. */
uint64_t raft_propose(struct raft *r, const struct moment *at, struct entry e);

/* Leaders only: the state up to `index` may be shown once `confirmed_round` has reached
 * `round` while we still lead this term. */
struct raft_read {
    uint64_t index, round;
};
struct raft_read raft_read(struct raft *r, const struct moment *at);

/* Keep `state` of everything up to the committed `index` in place of its entries. Takes
 * the bytes. Not while raft_is_replacing. */
void raft_compact(struct raft *r, const struct moment *at, uint64_t index,
                  struct buffer *state);
bool raft_is_replacing(const struct raft *r);

/* A part of the leader's snapshot. When it was the last, and news: the whole, for the
 * caller to take over and hand to raft_install, or to refuse by doing nothing. */
const struct snapshot *raft_receive_chunk(struct raft *r, const struct moment *at, uint8_t from,
                                          const struct chunk *m);
void raft_install(struct raft *r, const struct moment *at);

#endif
