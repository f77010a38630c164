#include "store/replica.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "store/record.h"
#include "store/replica_parts.h"

static bool asyncs_new(struct replica *r)
{
    for (uint32_t i = 0; i < r->config.table_count; i++) {
        if (r->config.tables[i].mode != STORE_ASYNC)
            continue;
        r->has_async = true;
        r->asyncs[i] = async_new(i, &r->config);
        if (!r->asyncs[i])
            return false;
    }
    return true;
}

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
    if (!r->changes || !r->reads || !r->members || !r->items || !asyncs_new(r))
        return err_set(err, ERR_NOMEM, "no memory for a replica");
    return ERR_OK;
}

void replica_done(struct replica *r)
{
    raft_done(&r->raft);
    machine_done(&r->machine);
    for (uint32_t i = 0; i < STORE_TABLES_MAX; i++)
        async_free(r->asyncs[i]);
    free(r->changes);
    free(r->reads);
    free(r->members);
    free(r->items);
    *r = (struct replica){0};
}

/* The log `lost` is for people; of its records we need the number alone. */
static enum err_code recover_lost(struct replica *r, struct bytes record, struct err *err)
{
    struct reader in = {.left = record};
    uint8_t type = read_u8(&in);
    uint32_t table = read_u32(&in);
    if (in.ended_early || type != RECORD_LOST || table >= STORE_TABLES_MAX || !r->asyncs[table])
        return err_set(err, ERR_DAMAGED, "a record is not of a lost change");
    r->asyncs[table]->lost_count++;
    return ERR_OK;
}

enum err_code replica_recover(struct replica *r, uint8_t log, struct bytes record,
                              struct err *err)
{
    if (log == LOG_CONSENSUS)
        return raft_recover(&r->raft, record, err);
    if (log == LOG_LOST)
        return recover_lost(r, record, err);
    assert(r->asyncs[log - LOG_TABLE]);
    return async_recover(r->asyncs[log - LOG_TABLE], record, err);
}

enum err_code replica_start(struct replica *r, const struct moment *at, struct err *err)
{
    const struct snapshot *s = r->raft.snapshot;
    if (s && machine_load(&r->machine, buffer_bytes(&s->bytes), err))
        return err->code;
    if (s && r->machine.applied_index != s->last_index)
        return err_set(err, ERR_DAMAGED, "the snapshot is not of the index it is kept under");
    for (uint32_t i = 0; i < STORE_TABLES_MAX; i++)
        if (r->asyncs[i] && !async_start(r->asyncs[i]))
            return err_set(err, ERR_NOMEM, "no memory for table %u", i);
    r->pulse_at_ns = at->now_ns;
    return raft_start(&r->raft, at, err);
}

int64_t replica_wake_at_ns(const struct replica *r)
{
    int64_t raft_at_ns = raft_wake_at_ns(&r->raft);
    return r->has_async && r->pulse_at_ns < raft_at_ns ? r->pulse_at_ns : raft_at_ns;
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

static void answer_async(struct replica *r, const struct moment *at, struct async *a)
{
    struct async_change change;
    while (async_answer(a, at, &change))
        replica_answer_async(r, at, a, &change);
}

/* Whoever was deposed answers before a new epoch may begin here. */
static void settle_asyncs(struct replica *r, const struct moment *at)
{
    for (uint32_t i = 0; i < r->config.table_count; i++) {
        struct async *a = r->asyncs[i];
        if (!a)
            continue;
        async_learn(a, &r->machine.primaries[i]);
        answer_async(r, at, a);
        async_watch(a, at, &r->raft, &r->machine);
        answer_async(r, at, a);
    }
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
    settle_asyncs(r, at);
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

/* A table that is not async here is nobody's: the configurations differ. */
static void on_async_message(struct replica *r, const struct moment *at, uint8_t from,
                             const struct message *m, uint32_t table)
{
    struct async *a = r->asyncs[table];
    if (!a)
        return;
    switch (m->type) {
    case MESSAGE_SHIP: async_on_ship(a, at, &r->lost, from, &m->ship); break;
    case MESSAGE_SHIPPED: async_on_shipped(a, at, from, &m->shipped); break;
    case MESSAGE_RENEW: async_on_renew(a, at, &r->raft, from, &m->renew); break;
    case MESSAGE_RENEWED: async_on_renewed(a, at, &m->renew); break;
    case MESSAGE_ASK_POSITION: async_on_ask_position(a, at, from, &m->ask_position); break;
    case MESSAGE_POSITION: async_on_position(a, from, &m->position); break;
    default: assert(false);
    }
}

static void on_chunk(struct replica *r, const struct moment *at, uint8_t from,
                     const struct chunk *m)
{
    const struct snapshot *s = raft_receive_chunk(&r->raft, at, from, m);
    if (s)
        install(r, at, s);
}

static void on_peer(struct replica *r, const struct moment *at, uint8_t from,
                    const struct message *m)
{
    switch (m->type) {
    case MESSAGE_CHUNK: on_chunk(r, at, from, &m->chunk); break;
    case MESSAGE_SHIP: on_async_message(r, at, from, m, m->ship.table); break;
    case MESSAGE_SHIPPED: on_async_message(r, at, from, m, m->shipped.table); break;
    case MESSAGE_RENEW:
    case MESSAGE_RENEWED: on_async_message(r, at, from, m, m->renew.table); break;
    case MESSAGE_ASK_POSITION: on_async_message(r, at, from, m, m->ask_position.table); break;
    case MESSAGE_POSITION: on_async_message(r, at, from, m, m->position.table); break;
    default: raft_receive(&r->raft, at, from, m); break;
    }
}

static void on_connected(struct replica *r, const struct moment *at, uint8_t peer)
{
    raft_connected(&r->raft, at, peer);
    for (uint32_t i = 0; i < r->config.table_count; i++)
        if (r->asyncs[i])
            async_connected(r->asyncs[i], at, peer);
}

static void on_timer(struct replica *r, const struct moment *at)
{
    raft_tick(&r->raft, at);
    if (!r->has_async || at->now_ns < r->pulse_at_ns)
        return;
    r->pulse_at_ns = at->now_ns + r->config.heartbeat_ns;
    for (uint32_t i = 0; i < r->config.table_count; i++)
        if (r->asyncs[i])
            async_tick(r->asyncs[i], at, &r->raft);
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

static void on_synced(struct replica *r, const struct moment *at, uint8_t log, uint64_t count)
{
    if (log == LOG_LOST) {
        r->lost.synced_count = count;
    } else if (log == LOG_CONSENSUS) {
        raft_synced(&r->raft, at, count);
        on_leader_synced(r, at);
    } else {
        async_synced(r->asyncs[log - LOG_TABLE], at, count);
    }
}

enum err_code replica_step(struct replica *r, const struct moment *at,
                           const struct event *event, struct err *err)
{
    assert(at->out->count == 0 && !at->out->failed);
    r->why = (struct err){0};
    switch (event->type) {
    case EVENT_CLIENT: replica_on_client(r, at, event->connection, event->message); break;
    case EVENT_PEER: on_peer(r, at, event->peer, event->message); break;
    case EVENT_CONNECTED: on_connected(r, at, event->peer); break;
    case EVENT_SYNCED: on_synced(r, at, event->log, event->count); break;
    case EVENT_TIMER: on_timer(r, at); break;
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
