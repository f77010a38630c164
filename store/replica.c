#include "store/replica.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "store/replica_parts.h"

enum err_code replica_init(struct replica *r, const struct node_config *config, struct err *err)
{
    *r = (struct replica){.config = *config};
    struct raft_config raft = {.id = config->node_id,
                               .node_count = (uint8_t)config->node_count,
                               .election_timeout_ns = config->election_timeout_ns,
                               .heartbeat_ns = config->heartbeat_ns,
                               .tail_max = config->snapshot_every,
                               .bugs = config->bugs};
    raft_init(&r->raft, &raft);
    machine_init(&r->machine, config);
    r->changes = calloc(REPLICA_PENDING_MAX, sizeof *r->changes);
    r->reads = calloc(REPLICA_PENDING_MAX, sizeof *r->reads);
    r->members = calloc(WIRE_MEMBERS_MAX, sizeof *r->members);
    r->items = calloc(WIRE_ITEMS_MAX, sizeof *r->items);
    if (!r->changes || !r->reads || !r->members || !r->items)
        return err_set(err, ERR_NOMEM, "no memory for a replica");
    return ERR_OK;
}

void replica_done(struct replica *r)
{
    raft_done(&r->raft);
    machine_done(&r->machine);
    free(r->changes);
    free(r->reads);
    free(r->members);
    free(r->items);
    *r = (struct replica){0};
}

enum err_code replica_recover(struct replica *r, uint8_t log, struct bytes record,
                              struct err *err)
{
    assert(log == LOG_CONSENSUS);
    (void)log;
    return raft_recover(&r->raft, record, err);
}

enum err_code replica_start(struct replica *r, const struct moment *at, struct err *err)
{
    const struct snapshot *s = r->raft.snapshot;
    if (s && machine_load(&r->machine, buffer_bytes(&s->bytes), err))
        return err->code;
    if (s && r->machine.applied_index != s->last_index)
        return err_set(err, ERR_DAMAGED, "the snapshot is not of the index it is kept under");
    return raft_start(&r->raft, at, err);
}

int64_t replica_wake_at_ns(const struct replica *r)
{
    return raft_wake_at_ns(&r->raft);
}

/* --- what became true ------------------------------------------------------ */

/* We no longer lead the term in which these were begun. Reads did nothing; changes may
 * be committed by whoever leads next. */
static void drop_pending(struct replica *r, const struct moment *at)
{
    for (size_t i = 0; i < r->change_count; i++)
        if (!r->changes[i].answered)
            replica_answer_change(r, at, &r->changes[i],
                                  &(struct outcome){.status = REPLY_UNKNOWN,
                                                    .reason = REASON_LOST_LEADERSHIP,
                                                    .value = STORE_NIL});
    for (size_t i = 0; i < r->read_count; i++)
        replica_refuse(r, at, r->reads[i].connection, &r->reads[i].request, REASON_NOT_LEADER);
    r->change_count = r->read_count = 0;
}

static void answer_applied(struct replica *r, const struct moment *at,
                           const struct outcome *outcome)
{
    if (r->change_count == 0 || r->changes[0].index > r->machine.applied_index)
        return;
    assert(r->changes[0].index == r->machine.applied_index);
    if (!r->changes[0].answered)
        replica_answer_change(r, at, &r->changes[0], outcome);
    r->change_count--;
    memmove(&r->changes[0], &r->changes[1], r->change_count * sizeof *r->changes);
}

static void apply_committed(struct replica *r, const struct moment *at)
{
    while (r->machine.applied_index < r->raft.commit_index && !at->out->failed) {
        const struct entry *e = entry_log_at(&r->raft.log, r->machine.applied_index + 1);
        struct outcome outcome;
        if (machine_apply(&r->machine, e, &outcome))
            answer_applied(r, at, &outcome);
        else
            at->out->failed = true;
    }
}

static void answer_reads(struct replica *r, const struct moment *at)
{
    size_t done = 0;
    for (; done < r->read_count; done++) {
        const struct pending_read *p = &r->reads[done];
        if (p->read.round > r->raft.confirmed_round || p->read.index > r->machine.applied_index)
            break;
        replica_answer_read(r, at, p->connection, &p->request);
    }
    r->read_count -= done;
    memmove(&r->reads[0], &r->reads[done], r->read_count * sizeof *r->reads);
}

static void take_snapshot(struct replica *r, const struct moment *at)
{
    uint64_t before = r->raft.snapshot ? r->raft.snapshot->last_index : 0;
    if (r->machine.applied_index - before < r->config.snapshot_every ||
        raft_is_replacing(&r->raft))
        return;
    struct buffer state = {0};
    if (machine_save(&r->machine, &state))
        raft_compact(&r->raft, at, r->machine.applied_index, &state);
    else
        at->out->failed = true;
    buffer_done(&state);
}

static void settle(struct replica *r, const struct moment *at)
{
    bool leads = r->raft.role == RAFT_LEADER;
    if (!leads || r->raft.term != r->led_term)
        drop_pending(r, at);
    if (leads)
        r->led_term = r->raft.term;
    apply_committed(r, at);
    answer_reads(r, at);
    take_snapshot(r, at);
}

/* --- events ---------------------------------------------------------------- */

/* What was decided by a majority cannot be read: our tables or our memory differ from
 * the leader's. To go on would be to diverge. */
static void install(struct replica *r, const struct moment *at, const struct snapshot *s)
{
    struct err err;
    if (machine_load(&r->machine, buffer_bytes(&s->bytes), &err)) {
        r->why = err;
        at->out->failed = true;
        return;
    }
    raft_install(&r->raft, at);
}

static void on_peer(struct replica *r, const struct moment *at, uint8_t from,
                    const struct message *m)
{
    if (m->type != MESSAGE_CHUNK) {
        raft_receive(&r->raft, at, from, m);
        return;
    }
    const struct snapshot *s = raft_receive_chunk(&r->raft, at, from, &m->chunk);
    if (s)
        install(r, at, s);
}

/* The planted bug: our own disk is enough to acknowledge what needs no state to decide. */
static void on_leader_synced(struct replica *r, const struct moment *at)
{
    if (!store_has_bug(r->config.bugs, BUG_ACK_BEFORE_QUORUM) || r->raft.role != RAFT_LEADER)
        return;
    for (size_t i = 0; i < r->change_count; i++) {
        struct pending_change *p = &r->changes[i];
        if (p->answered || p->kind == REQUEST_CAS || p->index > r->raft.disk.durable_index)
            continue;
        p->answered = true;
        replica_answer_change(r, at, p,
                              &(struct outcome){.value = STORE_NIL, .version = p->index});
    }
}

static void on_synced(struct replica *r, const struct moment *at, uint64_t count)
{
    raft_synced(&r->raft, at, count);
    on_leader_synced(r, at);
}

enum err_code replica_step(struct replica *r, const struct moment *at,
                           const struct event *event, struct err *err)
{
    assert(at->out->count == 0 && !at->out->failed);
    r->why = (struct err){0};
    switch (event->type) {
    case EVENT_CLIENT: replica_on_client(r, at, event->connection, event->message); break;
    case EVENT_PEER: on_peer(r, at, event->peer, event->message); break;
    case EVENT_CONNECTED: raft_connected(&r->raft, at, event->peer); break;
    case EVENT_SYNCED: on_synced(r, at, event->count); break;
    case EVENT_TIMER: raft_tick(&r->raft, at); break;
    }
    if (!at->out->failed)
        settle(r, at);
    if (!at->out->failed)
        return ERR_OK;
    if (r->why.code == ERR_OK)
        return err_set(err, ERR_NOMEM, "replica %u has no memory left", r->config.node_id);
    *err = r->why;
    return err->code;
}
