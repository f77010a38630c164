/* What the files of the Raft core share among themselves; nobody else's business. */
#ifndef STORE_RAFT_PARTS_H
#define STORE_RAFT_PARTS_H

#include "store/bug.h"
#include "store/raft.h"

static inline unsigned raft_majority(const struct raft *r)
{
    return r->config.node_count / 2u + 1;
}

static inline uint64_t raft_last(const struct raft *r)
{
    return entry_log_last(&r->log);
}

/* raft.c */
void raft_send(struct raft *r, const struct moment *at, uint8_t to, const struct message *m);
void raft_follow(struct raft *r, const struct moment *at, uint64_t term, uint8_t leader);
void raft_patience(struct raft *r, const struct moment *at);

/* The value that a majority has reached, when every follower's is told by `of`. */
uint64_t raft_majority_value(const struct raft *r, uint64_t own,
                             uint64_t (*of)(const struct follower *));

/* raft_election.c */
void raft_doubt_leader(struct raft *r, const struct moment *at);
void raft_election_synced(struct raft *r, const struct moment *at);
void raft_on_vote(struct raft *r, const struct moment *at, uint8_t from, const struct vote *m);
void raft_on_voted(struct raft *r, const struct moment *at, uint8_t from,
                   const struct voted *m);
void raft_check_quorum(struct raft *r, const struct moment *at);

/* raft_replicate.c */
void raft_lead(struct raft *r, const struct moment *at);
void raft_heartbeat(struct raft *r, const struct moment *at);
void raft_replicate(struct raft *r, const struct moment *at);
void raft_replicate_to(struct raft *r, const struct moment *at, uint8_t to);
void raft_on_appended(struct raft *r, const struct moment *at, uint8_t from,
                      const struct appended *m);
void raft_advance_commit(struct raft *r);

/* raft_follow.c */
void raft_on_append(struct raft *r, const struct moment *at, uint8_t from,
                    const struct append *m);
void raft_follow_synced(struct raft *r, const struct moment *at);
void raft_refuse_old_leader(struct raft *r, const struct moment *at, uint8_t from);

/* raft_read.c */
void raft_round_heard(struct raft *r, const struct moment *at);

/* raft_disk.c */
void raft_persist_hard(struct raft *r, const struct moment *at);
void raft_persist_entries(struct raft *r, const struct moment *at, uint64_t from_index);
void raft_persist_all(struct raft *r, const struct moment *at);
void raft_entries_cut(struct raft *r, uint64_t index);
bool raft_hard_is_durable(const struct raft *r);

/* raft_snapshot.c */
struct snapshot *snapshot_new(uint64_t last_index, uint64_t last_term);
struct snapshot *snapshot_share(struct snapshot *s);
void snapshot_drop(struct snapshot **s);
void raft_send_snapshot(struct raft *r, const struct moment *at, uint8_t to);
void raft_rewind_snapshot(struct follower *f);
void raft_on_chunked(struct raft *r, const struct moment *at, uint8_t from,
                     const struct chunked *m);

#endif
