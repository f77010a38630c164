/* The leader's side of the log: send entries ahead of their acknowledgements, step
 * back where a follower's log differs, commit what a majority has on disk. */
#include <assert.h>

#include "store/raft_parts.h"

void raft_lead(struct raft *r, const struct moment *at)
{
    assert(r->role == RAFT_CANDIDATE && raft_hard_is_durable(r));
    r->role = RAFT_LEADER;
    r->leader = r->config.id;
    r->round = r->confirmed_round = 0;
    r->round_wanted = false;
    for (uint8_t i = 0; i < r->config.node_count; i++) {
        assert(!r->followers[i].snapshot);
        r->followers[i] =
            (struct follower){.next_index = raft_last(r) + 1, .heard_at_ns = at->now_ns};
    }
    r->first_index = raft_last(r) + 1;
    /* Entries of older terms are committed by committing this one (3.6.2). */
    uint64_t index = raft_propose(r, at,
                                  (struct entry){.type = ENTRY_NOOP,
                                                 .key = STORE_NIL,
                                                 .argument = STORE_NIL,
                                                 .expected = STORE_NIL});
    assert(index == r->first_index || at->out->failed);
    raft_heartbeat(r, at);
}

uint64_t raft_propose(struct raft *r, const struct moment *at, struct entry e)
{
    assert(r->role == RAFT_LEADER);
    e.term = r->term;
    if (!entry_log_append(&r->log, &e)) {
        at->out->failed = true;
        return 0;
    }
    raft_persist_entries(r, at, raft_last(r));
    raft_replicate(r, at);
    return raft_last(r);
}

/* `count` entries from the follower's next on; none is a heartbeat. */
static void send_append(struct raft *r, const struct moment *at, uint8_t to, uint64_t count)
{
    uint64_t prev_index = r->followers[to].next_index - 1;
    assert(prev_index >= r->log.base_index && prev_index + count <= raft_last(r));
    struct append m = {.term = r->term,
                       .prev_index = prev_index,
                       .prev_term = entry_log_term(&r->log, prev_index),
                       .commit_index = r->commit_index,
                       .round = r->round,
                       .entry_count = (uint32_t)count};
    if (count > 0)
        m.entries = entry_log_at(&r->log, prev_index + 1);
    raft_send(r, at, to, &(struct message){.type = MESSAGE_APPEND, .append = m});
}

static uint64_t waiting_for(const struct raft *r, const struct follower *f)
{
    uint64_t waiting = raft_last(r) + 1 - f->next_index;
    return waiting < WIRE_ENTRIES_MAX ? waiting : WIRE_ENTRIES_MAX;
}

/* What it lacks is in a snapshot only. */
static bool needs_snapshot(const struct raft *r, const struct follower *f)
{
    return f->snapshot || f->next_index <= r->log.base_index;
}

void raft_replicate_to(struct raft *r, const struct moment *at, uint8_t to)
{
    struct follower *f = &r->followers[to];
    if (needs_snapshot(r, f)) {
        raft_send_snapshot(r, at, to);
        return;
    }
    if (f->probing) {
        if (!f->probe_sent)
            send_append(r, at, to, waiting_for(r, f));
        f->probe_sent = true;
        return;
    }
    while (f->next_index <= raft_last(r) &&
           f->next_index <= f->match_index + RAFT_ENTRIES_IN_FLIGHT_MAX) {
        uint64_t count = waiting_for(r, f);
        send_append(r, at, to, count);
        f->next_index += count;
    }
}

void raft_replicate(struct raft *r, const struct moment *at)
{
    for (uint8_t to = 0; to < r->config.node_count; to++)
        if (to != r->config.id)
            raft_replicate_to(r, at, to);
}

/* A heartbeat carries the index before the next: a follower that lost what was under
 * way refuses it, and the leader steps back. */
static void heartbeat_to(struct raft *r, const struct moment *at, uint8_t to)
{
    struct follower *f = &r->followers[to];
    f->probe_sent = false;
    if (needs_snapshot(r, f)) {
        raft_rewind_snapshot(f);
        raft_send_snapshot(r, at, to);
    } else if (f->probing) {
        raft_replicate_to(r, at, to);
    } else {
        send_append(r, at, to, 0);
    }
}

void raft_heartbeat(struct raft *r, const struct moment *at)
{
    r->heartbeat_at_ns = at->now_ns + r->config.heartbeat_ns;
    if (r->round_wanted) {
        r->round_wanted = false;
        r->round++;
    }
    for (uint8_t to = 0; to < r->config.node_count; to++)
        if (to != r->config.id)
            heartbeat_to(r, at, to);
    raft_round_heard(r, at);
}

static uint64_t matched(const struct follower *f)
{
    return f->match_index;
}

/* Only an entry of our own term may be committed by counting (3.6.2, figure 3.7). We
 * count ourselves only for what is on our own disk (10.2.1). */
void raft_advance_commit(struct raft *r)
{
    uint64_t index = raft_majority_value(r, r->disk.durable_index, matched);
    if (index <= r->commit_index || entry_log_term(&r->log, index) != r->term)
        return;
    r->commit_index = index;
}

static void on_refused(struct raft *r, const struct moment *at, uint8_t from,
                       const struct appended *m)
{
    struct follower *f = &r->followers[from];
    if (m->rejected <= f->match_index || m->rejected >= f->next_index)
        return; /* an old refusal, overtaken by what we know now */
    uint64_t meet = m->index < m->rejected ? m->index : m->rejected - 1;
    /* Before our base the logs may meet, but only the snapshot can tell. */
    if (meet >= r->log.base_index)
        meet = entry_log_meet(&r->log, meet, m->hint_term);
    f->next_index = (meet > f->match_index ? meet : f->match_index) + 1;
    f->probing = true;
    f->probe_sent = false;
    raft_replicate_to(r, at, from);
}

static void on_matched(struct raft *r, const struct moment *at, uint8_t from,
                       const struct appended *m)
{
    struct follower *f = &r->followers[from];
    if (m->index > raft_last(r))
        return; /* nobody of this term can have said so */
    f->probing = false;
    if (m->index > f->match_index)
        f->match_index = m->index;
    if (f->next_index <= f->match_index)
        f->next_index = f->match_index + 1;
    if (f->snapshot && f->match_index >= f->snapshot->last_index)
        snapshot_drop(&f->snapshot);
    raft_advance_commit(r);
    raft_replicate_to(r, at, from);
}

void raft_on_appended(struct raft *r, const struct moment *at, uint8_t from,
                      const struct appended *m)
{
    if (m->term > r->term) {
        raft_follow(r, at, m->term, RAFT_NOBODY);
        return;
    }
    if (m->term < r->term || r->role != RAFT_LEADER)
        return;
    struct follower *f = &r->followers[from];
    f->heard_at_ns = at->now_ns;
    if (m->round > f->round && m->round <= r->round)
        f->round = m->round;
    if (m->matched)
        on_matched(r, at, from, m);
    else
        on_refused(r, at, from, m);
    raft_round_heard(r, at);
}
