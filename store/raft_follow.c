/* The follower's side of the log: take what fits, refuse what does not with a hint where
 * the logs may meet, acknowledge what is on disk. */
#include <assert.h>

#include "store/raft_parts.h"

/* Whoever speaks for an older term learns ours from the answer. */
void raft_refuse_old_leader(struct raft *r, const struct moment *at, uint8_t from)
{
    struct message m = {.type = MESSAGE_APPENDED, .appended = {.term = r->term}};
    raft_send(r, at, from, &m);
}

static void acknowledge(struct raft *r, const struct moment *at)
{
    uint64_t index =
        r->verified_index < r->disk.durable_index ? r->verified_index : r->disk.durable_index;
    struct appended m = {
        .term = r->term, .matched = true, .index = index, .round = r->leader_round};
    r->owes_ack = r->verified_index > r->disk.durable_index;
    raft_send(r, at, r->leader, &(struct message){.type = MESSAGE_APPENDED, .appended = m});
}

static void refuse(struct raft *r, const struct moment *at, const struct append *m)
{
    uint64_t meet = entry_log_meet(&r->log, m->prev_index, m->prev_term);
    struct appended no = {.term = r->term,
                          .index = meet,
                          .hint_term = entry_log_term(&r->log, meet),
                          .rejected = m->prev_index,
                          .round = r->leader_round};
    raft_send(r, at, r->leader, &(struct message){.type = MESSAGE_APPENDED, .appended = no});
}

/* What lies before our base is committed, hence the same everywhere. */
static bool fits(const struct raft *r, const struct append *m)
{
    if (m->prev_index < r->log.base_index)
        return true;
    return m->prev_index <= raft_last(r) &&
           entry_log_term(&r->log, m->prev_index) == m->prev_term;
}

/* Cut our log only where it really differs: an old message that arrives late must not
 * take away what came after it (3.5). */
static void take_entries(struct raft *r, const struct moment *at, const struct append *m)
{
    uint64_t first_new = 0;
    for (uint32_t i = 0; i < m->entry_count; i++) {
        uint64_t index = m->prev_index + 1 + i;
        if (index <= r->log.base_index)
            continue;
        if (index <= raft_last(r)) {
            if (entry_log_term(&r->log, index) == m->entries[i].term)
                continue;
            assert(index > r->commit_index);
            raft_entries_cut(r, index - 1);
        }
        if (!entry_log_append(&r->log, &m->entries[i])) {
            at->out->failed = true;
            return;
        }
        first_new = first_new ? first_new : index;
    }
    if (first_new > 0)
        raft_persist_entries(r, at, first_new);
}

static void learn_commit(struct raft *r, const struct append *m)
{
    uint64_t index = m->commit_index < r->verified_index ? m->commit_index : r->verified_index;
    if (index > r->commit_index)
        r->commit_index = index;
}

void raft_on_append(struct raft *r, const struct moment *at, uint8_t from,
                    const struct append *m)
{
    if (m->term < r->term) {
        raft_refuse_old_leader(r, at, from);
        return;
    }
    assert(m->term > r->term || r->role != RAFT_LEADER); /* one leader per term */
    raft_follow(r, at, m->term, from);
    raft_patience(r, at);
    r->leader_heard_at_ns = at->now_ns;
    bool new_round = m->round > r->leader_round;
    if (new_round)
        r->leader_round = m->round;
    if (!fits(r, m)) {
        if (raft_hard_is_durable(r))
            refuse(r, at, m);
        return;
    }
    take_entries(r, at, m);
    uint64_t end = m->prev_index + m->entry_count;
    if (end > r->verified_index)
        r->verified_index = end < raft_last(r) ? end : raft_last(r);
    learn_commit(r, m);
    r->owes_ack = true;
    bool on_disk = end <= r->disk.durable_index;
    if (raft_hard_is_durable(r) && (on_disk || new_round || m->entry_count == 0))
        acknowledge(r, at);
}

void raft_follow_synced(struct raft *r, const struct moment *at)
{
    if (r->owes_ack && r->leader != RAFT_NOBODY && raft_hard_is_durable(r))
        acknowledge(r, at);
}
