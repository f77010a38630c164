/* Snapshots in place of old entries (thesis 5): taken of what is applied, sent in parts to
 * followers that lag behind the log, installed whole or not at all. */
#include <assert.h>
#include <stdlib.h>

#include "store/raft_parts.h"

struct snapshot *snapshot_new(uint64_t last_index, uint64_t last_term)
{
    struct snapshot *s = malloc(sizeof *s);
    if (s)
        *s = (struct snapshot){.users = 1, .last_index = last_index, .last_term = last_term};
    return s;
}

struct snapshot *snapshot_share(struct snapshot *s)
{
    s->users++;
    return s;
}

void snapshot_drop(struct snapshot **s)
{
    if (*s && --(*s)->users == 0) {
        buffer_done(&(*s)->bytes);
        free(*s);
    }
    *s = NULL;
}

/* Followers that are only a little behind get entries, not the snapshot. */
static void keep_tail(struct raft *r)
{
    uint64_t last = r->snapshot->last_index;
    uint64_t keep_from = last > r->config.tail_max ? last - r->config.tail_max : 0;
    if (keep_from > r->log.base_index)
        entry_log_drop_front(&r->log, keep_from);
}

void raft_compact(struct raft *r, const struct moment *at, uint64_t index, struct buffer *state)
{
    assert(!raft_is_replacing(r) && index <= r->commit_index && state->size > 0);
    struct snapshot *s = snapshot_new(index, entry_log_term(&r->log, index));
    if (!s) {
        at->out->failed = true;
        return;
    }
    s->bytes = *state;
    *state = (struct buffer){0};
    snapshot_drop(&r->snapshot);
    r->snapshot = s;
    keep_tail(r);
    raft_persist_all(r, at);
}

/* --- the leader's side ----------------------------------------------------- */

static void send_part(struct raft *r, const struct moment *at, uint8_t to)
{
    struct follower *f = &r->followers[to];
    const struct snapshot *s = f->snapshot;
    size_t size = s->bytes.size - f->snapshot_sent;
    if (size > WIRE_CHUNK_BYTES_MAX)
        size = WIRE_CHUNK_BYTES_MAX;
    struct chunk m = {.term = r->term,
                      .last_index = s->last_index,
                      .last_term = s->last_term,
                      .total_bytes = s->bytes.size,
                      .offset = f->snapshot_sent,
                      .part = {s->bytes.at + f->snapshot_sent, size}};
    raft_send(r, at, to, &(struct message){.type = MESSAGE_CHUNK, .chunk = m});
    f->snapshot_sent += size;
}

/* The one begun is sent to its end even when a newer one was taken meanwhile, or a slow
 * link would never see the end of any. */
void raft_send_snapshot(struct raft *r, const struct moment *at, uint8_t to)
{
    struct follower *f = &r->followers[to];
    if (!f->snapshot) {
        assert(r->snapshot && r->snapshot->last_index >= r->log.base_index);
        f->snapshot = snapshot_share(r->snapshot);
        f->snapshot_sent = f->snapshot_received = 0;
    }
    uint64_t window = (uint64_t)RAFT_CHUNKS_IN_FLIGHT_MAX * WIRE_CHUNK_BYTES_MAX;
    /* A part that is repeated lies before what was received. */
    while (f->snapshot_sent < f->snapshot->bytes.size &&
           f->snapshot_sent < f->snapshot_received + window)
        send_part(r, at, to);
}

/* What is under way may be lost: go back to what was received. When that is everything,
 * the follower is still writing it; repeat the last part, so that it answers again. */
void raft_rewind_snapshot(struct follower *f)
{
    if (!f->snapshot)
        return;
    uint64_t size = f->snapshot->bytes.size;
    f->snapshot_sent = f->snapshot_received;
    if (f->snapshot_received == size)
        f->snapshot_sent = size - ((size - 1) % WIRE_CHUNK_BYTES_MAX + 1);
}

void raft_on_chunked(struct raft *r, const struct moment *at, uint8_t from,
                     const struct chunked *m)
{
    if (m->term > r->term) {
        raft_follow(r, at, m->term, RAFT_NOBODY);
        return;
    }
    if (m->term < r->term || r->role != RAFT_LEADER)
        return;
    struct follower *f = &r->followers[from];
    f->heard_at_ns = at->now_ns;
    if (!f->snapshot || f->snapshot->last_index != m->last_index ||
        m->received_bytes > f->snapshot->bytes.size)
        return;
    bool less = m->received_bytes < f->snapshot_received; /* it began anew, or an old answer */
    f->snapshot_received = m->received_bytes;
    if (less || f->snapshot_sent < f->snapshot_received)
        f->snapshot_sent = f->snapshot_received;
    if (!less)
        raft_send_snapshot(r, at, from);
}

/* --- the follower's side --------------------------------------------------- */

static void say_received(struct raft *r, const struct moment *at, uint8_t to,
                         const struct chunk *m, uint64_t received)
{
    struct chunked yes = {
        .term = r->term, .last_index = m->last_index, .received_bytes = received};
    if (raft_hard_is_durable(r))
        raft_send(r, at, to, &(struct message){.type = MESSAGE_CHUNKED, .chunked = yes});
}

/* We have what it covers: entries are what we need. */
static void say_not_needed(struct raft *r, const struct moment *at, uint8_t to,
                           const struct chunk *m)
{
    if (r->verified_index < m->last_index)
        r->verified_index = m->last_index;
    uint64_t index =
        r->verified_index < r->disk.durable_index ? r->verified_index : r->disk.durable_index;
    struct appended yes = {
        .term = r->term, .matched = true, .index = index, .round = r->leader_round};
    r->owes_ack = r->verified_index > r->disk.durable_index;
    if (raft_hard_is_durable(r))
        raft_send(r, at, to, &(struct message){.type = MESSAGE_APPENDED, .appended = yes});
}

static bool begin_incoming(struct raft *r, const struct chunk *m)
{
    struct snapshot *s = r->incoming;
    if (s && s->last_index == m->last_index && s->last_term == m->last_term)
        return true;
    snapshot_drop(&r->incoming);
    r->incoming = snapshot_new(m->last_index, m->last_term);
    return r->incoming != NULL;
}

const struct snapshot *raft_receive_chunk(struct raft *r, const struct moment *at, uint8_t from,
                                          const struct chunk *m)
{
    if (m->term < r->term) {
        raft_refuse_old_leader(r, at, from);
        return NULL;
    }
    assert(m->term > r->term || r->role != RAFT_LEADER);
    raft_follow(r, at, m->term, from);
    raft_patience(r, at);
    r->leader_heard_at_ns = at->now_ns;
    if (m->last_index <= r->commit_index) {
        snapshot_drop(&r->incoming);
        say_not_needed(r, at, from, m);
        return NULL;
    }
    if (!begin_incoming(r, m)) {
        at->out->failed = true;
        return NULL;
    }
    struct buffer *bytes = &r->incoming->bytes;
    if (m->offset == bytes->size && !buffer_append(bytes, m->part)) {
        at->out->failed = true;
        return NULL;
    }
    say_received(r, at, from, m, bytes->size);
    /* One replacement at a time; the leader repeats the last part. */
    return bytes->size == m->total_bytes && !raft_is_replacing(r) ? r->incoming : NULL;
}

/* Entries after the snapshot stay only if they surely continue it (5.1). */
void raft_install(struct raft *r, const struct moment *at)
{
    struct snapshot *s = r->incoming;
    assert(s && s->last_index > r->commit_index);
    bool continues = s->last_index <= raft_last(r) && s->last_index >= r->log.base_index &&
                     entry_log_term(&r->log, s->last_index) == s->last_term;
    r->incoming = NULL;
    snapshot_drop(&r->snapshot);
    r->snapshot = s;
    if (continues) {
        entry_log_drop_front(&r->log, s->last_index);
    } else {
        sync_queue_forget(&r->disk);
        entry_log_reset(&r->log, s->last_index, s->last_term);
    }
    r->commit_index = s->last_index;
    if (r->verified_index < s->last_index)
        r->verified_index = s->last_index;
    r->owes_ack = true;
    raft_persist_all(r, at);
}
