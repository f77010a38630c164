#include "store/raft.h"

#include <assert.h>

#include "store/raft_parts.h"

void raft_init(struct raft *r, const struct raft_config *config)
{
    assert(config->node_count > 0 && config->node_count <= STORE_NODES_MAX);
    assert(config->id < config->node_count);
    assert(config->election_timeout_ns > 0 && config->heartbeat_ns > 0);
    *r = (struct raft){.config = *config,
                       .voted_for = RAFT_NOBODY,
                       .leader = RAFT_NOBODY,
                       .owes_vote_to = RAFT_NOBODY};
}

void raft_done(struct raft *r)
{
    for (uint8_t i = 0; i < STORE_NODES_MAX; i++)
        snapshot_drop(&r->followers[i].snapshot);
    snapshot_drop(&r->snapshot);
    snapshot_drop(&r->incoming);
    entry_log_done(&r->log);
    sync_queue_done(&r->disk);
}

void raft_send(struct raft *r, const struct moment *at, uint8_t to, const struct message *m)
{
    assert(to < r->config.node_count && to != r->config.id);
    (void)r;
    effects_send(at->out, to, m);
}

/* Between one and two election time-outs from now (thesis 3.4). */
void raft_patience(struct raft *r, const struct moment *at)
{
    int64_t timeout_ns = r->config.election_timeout_ns;
    r->election_at_ns = at->now_ns + timeout_ns + (int64_t)(at->random % (uint64_t)timeout_ns);
}

static void forget_leadership(struct raft *r)
{
    for (uint8_t i = 0; i < r->config.node_count; i++)
        snapshot_drop(&r->followers[i].snapshot);
    r->round_wanted = false;
}

/* Become a follower in `term`, which is not below ours, of `leader` if known. */
void raft_follow(struct raft *r, const struct moment *at, uint64_t term, uint8_t leader)
{
    assert(term >= r->term);
    bool news = term > r->term || r->role == RAFT_LEADER;
    if (r->role == RAFT_LEADER)
        forget_leadership(r);
    if (r->role != RAFT_FOLLOWER || news)
        raft_patience(r, at);
    r->role = RAFT_FOLLOWER;
    if (news || leader != r->leader) {
        r->verified_index = 0;
        r->leader_round = 0;
        r->owes_ack = false;
    }
    r->leader = leader;
    if (term == r->term)
        return;
    r->term = term;
    r->voted_for = RAFT_NOBODY;
    r->owes_vote_to = RAFT_NOBODY;
    raft_persist_hard(r, at);
}

enum err_code raft_start(struct raft *r, const struct moment *at, struct err *err)
{
    if (r->incoming)
        return err_set(err, ERR_DAMAGED, "the log holds half a snapshot");
    raft_patience(r, at);
    return ERR_OK;
}

/* Older terms are answered where an answer helps the sender to catch up; newer ones
 * end ours. Votes come first to the election rules: they may not count at all. */
void raft_receive(struct raft *r, const struct moment *at, uint8_t from,
                  const struct message *m)
{
    assert(from < r->config.node_count && from != r->config.id);
    switch (m->type) {
    case MESSAGE_VOTE: raft_on_vote(r, at, from, &m->vote); break;
    case MESSAGE_VOTED: raft_on_voted(r, at, from, &m->voted); break;
    case MESSAGE_APPEND: raft_on_append(r, at, from, &m->append); break;
    case MESSAGE_APPENDED: raft_on_appended(r, at, from, &m->appended); break;
    case MESSAGE_CHUNKED: raft_on_chunked(r, at, from, &m->chunked); break;
    default: assert(false);
    }
}

void raft_tick(struct raft *r, const struct moment *at)
{
    if (r->role != RAFT_LEADER) {
        if (at->now_ns >= r->election_at_ns)
            raft_doubt_leader(r, at);
        return;
    }
    if (at->now_ns < r->heartbeat_at_ns)
        return;
    raft_check_quorum(r, at);
    if (r->role == RAFT_LEADER)
        raft_heartbeat(r, at);
}

int64_t raft_wake_at_ns(const struct raft *r)
{
    return r->role == RAFT_LEADER ? r->heartbeat_at_ns : r->election_at_ns;
}

void raft_connected(struct raft *r, const struct moment *at, uint8_t peer)
{
    if (r->role != RAFT_LEADER)
        return;
    struct follower *f = &r->followers[peer];
    f->probing = true;
    f->probe_sent = false;
    f->next_index = f->match_index > 0 ? f->match_index + 1 : f->next_index;
    raft_rewind_snapshot(f);
    raft_replicate_to(r, at, peer);
}

uint64_t raft_majority_value(const struct raft *r, uint64_t own,
                             uint64_t (*of)(const struct follower *))
{
    uint64_t sorted[STORE_NODES_MAX]; /* falling */
    unsigned count = 0;
    for (uint8_t i = 0; i < r->config.node_count; i++) {
        uint64_t value = i == r->config.id ? own : of(&r->followers[i]);
        unsigned to = count++;
        for (; to > 0 && sorted[to - 1] < value; to--)
            sorted[to] = sorted[to - 1];
        sorted[to] = value;
    }
    return sorted[raft_majority(r) - 1];
}

void raft_synced(struct raft *r, const struct moment *at, uint64_t count)
{
    sync_queue_synced(&r->disk, count);
    assert(r->disk.durable_index <= raft_last(r));
    raft_election_synced(r, at);
    if (r->role == RAFT_LEADER)
        raft_advance_commit(r);
    else
        raft_follow_synced(r, at);
}
