/* Who leads: pre-votes (thesis 9.6) so that nobody who cannot win raises the term,
 * votes (3.4), and a leader that gives up without a quorum (6.2). */
#include <assert.h>

#include "store/raft_parts.h"

static void ask_for_votes(struct raft *r, const struct moment *at, bool pre)
{
    struct message m = {.type = MESSAGE_VOTE,
                        .vote = {.pre = pre,
                                 .term = r->term + (pre ? 1 : 0),
                                 .last_index = raft_last(r),
                                 .last_term = entry_log_term(&r->log, raft_last(r))}};
    for (uint8_t to = 0; to < r->config.node_count; to++)
        if (to != r->config.id)
            raft_send(r, at, to, &m);
}

static bool has_majority(const struct raft *r)
{
    return (unsigned)__builtin_popcount(r->votes) >= raft_majority(r);
}

/* Our own vote is one like any other: it counts, and the others hear of our term,
 * when it is on disk (raft_election_synced). */
static void stand_for_election(struct raft *r, const struct moment *at)
{
    raft_patience(r, at);
    r->role = RAFT_CANDIDATE;
    r->leader = RAFT_NOBODY;
    r->term++;
    r->voted_for = r->config.id;
    r->owes_vote_to = RAFT_NOBODY;
    r->votes = 0;
    r->asked = false;
    r->verified_index = 0;
    r->leader_round = 0;
    r->owes_ack = false;
    raft_persist_hard(r, at);
}

void raft_doubt_leader(struct raft *r, const struct moment *at)
{
    assert(r->role != RAFT_LEADER);
    raft_patience(r, at);
    r->role = RAFT_PRE_CANDIDATE;
    r->leader = RAFT_NOBODY;
    r->votes = UINT32_C(1) << r->config.id;
    if (has_majority(r))
        stand_for_election(r, at);
    else
        ask_for_votes(r, at, true);
}

static void grant(struct raft *r, const struct moment *at, uint8_t to)
{
    struct message m = {.type = MESSAGE_VOTED, .voted = {.granted = true, .term = r->term}};
    assert(raft_hard_is_durable(r));
    raft_send(r, at, to, &m);
}

void raft_election_synced(struct raft *r, const struct moment *at)
{
    if (!raft_hard_is_durable(r))
        return;
    if (r->owes_vote_to != RAFT_NOBODY) {
        uint8_t to = r->owes_vote_to;
        assert(r->voted_for == to);
        r->owes_vote_to = RAFT_NOBODY;
        grant(r, at, to);
    }
    if (r->role != RAFT_CANDIDATE || r->asked)
        return;
    r->asked = true;
    r->votes |= UINT32_C(1) << r->config.id;
    if (has_majority(r))
        raft_lead(r, at);
    else
        ask_for_votes(r, at, false);
}

/* A candidate must have every entry that may be committed (3.6.1). */
static bool is_up_to_date(const struct raft *r, const struct vote *m)
{
    uint64_t last_term = entry_log_term(&r->log, raft_last(r));
    return m->last_term != last_term ? m->last_term > last_term : m->last_index >= raft_last(r);
}

/* Who hears a leader does not help to depose it (4.2.3): a node that was cut off must
 * not disturb the others when it returns. */
static bool has_leader(const struct raft *r, const struct moment *at)
{
    if (r->role == RAFT_LEADER)
        return true;
    return r->leader != RAFT_NOBODY &&
           at->now_ns - r->leader_heard_at_ns < r->config.election_timeout_ns;
}

static void deny(struct raft *r, const struct moment *at, uint8_t to, bool pre)
{
    struct message m = {.type = MESSAGE_VOTED, .voted = {.pre = pre, .term = r->term}};
    raft_send(r, at, to, &m);
}

static void on_pre_vote(struct raft *r, const struct moment *at, uint8_t from,
                        const struct vote *m)
{
    struct message yes = {.type = MESSAGE_VOTED,
                          .voted = {.pre = true, .granted = true, .term = m->term}};
    if (m->term > r->term && is_up_to_date(r, m))
        raft_send(r, at, from, &yes);
    else
        deny(r, at, from, true);
}

static void on_real_vote(struct raft *r, const struct moment *at, uint8_t from,
                         const struct vote *m)
{
    if (m->term > r->term)
        raft_follow(r, at, m->term, RAFT_NOBODY);
    bool free = r->voted_for == RAFT_NOBODY || r->voted_for == from;
    if (!free || !is_up_to_date(r, m)) {
        deny(r, at, from, false);
        return;
    }
    assert(r->role == RAFT_FOLLOWER || r->role == RAFT_PRE_CANDIDATE);
    r->role = RAFT_FOLLOWER;
    raft_patience(r, at);
    if (r->voted_for == RAFT_NOBODY) {
        r->voted_for = from;
        raft_persist_hard(r, at);
    }
    if (raft_hard_is_durable(r))
        grant(r, at, from);
    else
        r->owes_vote_to = from;
}

void raft_on_vote(struct raft *r, const struct moment *at, uint8_t from, const struct vote *m)
{
    if (m->term < r->term)
        deny(r, at, from, m->pre);
    else if (m->term > r->term && has_leader(r, at))
        return;
    else if (m->pre)
        on_pre_vote(r, at, from, m);
    else
        on_real_vote(r, at, from, m);
}

void raft_on_voted(struct raft *r, const struct moment *at, uint8_t from, const struct voted *m)
{
    if (m->term > r->term && !(m->pre && m->granted)) {
        raft_follow(r, at, m->term, RAFT_NOBODY);
        return;
    }
    bool counts =
        m->granted && (m->pre ? r->role == RAFT_PRE_CANDIDATE && m->term == r->term + 1
                              : r->role == RAFT_CANDIDATE && m->term == r->term);
    if (!counts)
        return;
    r->votes |= UINT32_C(1) << from;
    if (!has_majority(r))
        return;
    if (r->role == RAFT_PRE_CANDIDATE)
        stand_for_election(r, at);
    else
        raft_lead(r, at);
}

/* A leader that a majority has not answered for an election time-out may have been
 * replaced; it stops before it keeps clients waiting for nothing (6.2). */
void raft_check_quorum(struct raft *r, const struct moment *at)
{
    if (store_has_bug(r->config.bugs, BUG_STALE_LEADER_READS))
        return;
    unsigned heard = 1;
    for (uint8_t i = 0; i < r->config.node_count; i++)
        heard += i != r->config.id &&
                 at->now_ns - r->followers[i].heard_at_ns < r->config.election_timeout_ns;
    if (heard < raft_majority(r))
        raft_follow(r, at, r->term, RAFT_NOBODY);
}
