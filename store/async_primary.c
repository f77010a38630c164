/* The primary: holds a lease, takes changes, ships what is on its disk. */
#include <assert.h>
#include <string.h>

#include "store/async_parts.h"

/* --- the lease ------------------------------------------------------------- */

bool async_is_primary(const struct async *a)
{
    return a->primary.node == a->id && a->primary.epoch == a->epoch && a->epoch != 0;
}

bool async_has_lease(const struct async *a, const struct moment *at)
{
    bool in_time = at->now_ns < a->lease_until_ns ||
                   store_has_bug(a->config->bugs, BUG_PRIMARY_WITHOUT_LEASE);
    return async_is_primary(a) && a->active_epoch == a->epoch && in_time;
}

/* The first lease of an epoch. A no-op in the new epoch makes whoever has more than we
 * notice: without it, surplus entries of the old one could stay for ever. */
static void activate(struct async *a, const struct moment *at)
{
    assert(a->epoch >= entry_log_term(&a->log, async_last(a)));
    assert(a->change_count == 0);
    a->active_epoch = a->epoch;
    for (uint8_t i = 0; i < a->node_count; i++)
        a->shipping[i] = (struct shipping){.next_index = a->disk.durable_index + 1};
    struct entry noop = {.term = a->epoch,
                         .type = ENTRY_NOOP,
                         .key = STORE_NIL,
                         .argument = STORE_NIL,
                         .expected = STORE_NIL};
    if (!entry_log_append(&a->log, &noop)) {
        at->out->failed = true;
        return;
    }
    async_persist(a, at, async_last(a));
}

/* Counted from when we asked: whoever answered did so later. */
void async_on_renewed(struct async *a, const struct moment *at, const struct renew *m)
{
    if (!async_is_primary(a) || m->epoch != a->epoch || (int64_t)m->sent_at_ns > at->now_ns)
        return;
    int64_t until_ns = (int64_t)m->sent_at_ns + a->lease_ns;
    if (until_ns > a->lease_until_ns)
        a->lease_until_ns = until_ns;
    if (a->active_epoch != a->epoch)
        activate(a, at);
}

static void ask_to_renew(struct async *a, const struct moment *at, struct raft *raft)
{
    struct message m = {.type = MESSAGE_RENEW,
                        .renew = {a->table, a->epoch, (uint64_t)at->now_ns}};
    if (raft->leader == a->id)
        async_on_renew(a, at, raft, a->id, &m.renew);
    else if (raft->leader != RAFT_NOBODY)
        effects_send(at->out, raft->leader, &m);
}

void async_tick(struct async *a, const struct moment *at, struct raft *raft)
{
    if (!async_is_primary(a))
        return;
    ask_to_renew(a, at, raft);
    if (a->active_epoch != a->epoch)
        return;
    for (uint8_t to = 0; to < a->node_count; to++)
        if (to != a->id)
            async_ship_heartbeat(a, at, to);
}

/* --- changes --------------------------------------------------------------- */

uint64_t async_propose(struct async *a, const struct moment *at, struct entry e,
                       const struct async_change *change)
{
    assert(async_has_lease(a, at));
    if (a->change_count == ASYNC_PENDING_MAX)
        return 0;
    e.term = a->epoch;
    if (!entry_log_append(&a->log, &e)) {
        at->out->failed = true;
        return 0;
    }
    async_persist(a, at, async_last(a));
    a->changes[a->change_count] = *change;
    a->changes[a->change_count++].index = async_last(a);
    return async_last(a);
}

static const struct outcome lost_office = {
    .status = REPLY_UNKNOWN, .reason = REASON_LOST_LEADERSHIP, .value = STORE_NIL};

bool async_answer(struct async *a, const struct moment *at, struct async_change *out)
{
    if (a->change_count == 0)
        return false;
    bool deposed = !async_is_primary(a) || a->active_epoch != a->epoch;
    if (!deposed && !(a->changes[0].applied && async_has_lease(a, at)))
        return false;
    *out = a->changes[0];
    if (deposed)
        out->outcome = lost_office;
    a->change_count--;
    memmove(&a->changes[0], &a->changes[1], a->change_count * sizeof *a->changes);
    return true;
}

/* --- shipping -------------------------------------------------------------- */

static void send_ship(struct async *a, const struct moment *at, uint8_t to, uint64_t count)
{
    uint64_t prev_index = a->shipping[to].next_index - 1;
    struct ship m = {.table = a->table,
                     .epoch = a->epoch,
                     .prev_index = prev_index,
                     .prev_epoch = entry_log_term(&a->log, prev_index),
                     .entry_count = (uint32_t)count};
    if (count > 0)
        m.entries = entry_log_at(&a->log, prev_index + 1);
    effects_send(at->out, to, &(struct message){.type = MESSAGE_SHIP, .ship = m});
}

/* Only what is on our own disk is shipped: after a restart in the same epoch we must not
 * put other entries where a replica has taken ours. */
static uint64_t waiting_for(const struct async *a, const struct shipping *s)
{
    if (s->next_index > a->disk.durable_index)
        return 0;
    uint64_t waiting = a->disk.durable_index + 1 - s->next_index;
    return waiting < WIRE_ENTRIES_MAX ? waiting : WIRE_ENTRIES_MAX;
}

void async_ship_to(struct async *a, const struct moment *at, uint8_t to)
{
    struct shipping *s = &a->shipping[to];
    if (s->probing) {
        if (!s->probe_sent)
            send_ship(a, at, to, waiting_for(a, s));
        s->probe_sent = true;
        return;
    }
    for (uint64_t count = waiting_for(a, s);
         count > 0 && s->next_index <= s->match_index + ASYNC_IN_FLIGHT_MAX;
         count = waiting_for(a, s)) {
        send_ship(a, at, to, count);
        s->next_index += count;
    }
}

/* It carries the position before the next: a replica that lost what was under way
 * refuses it. */
void async_ship_heartbeat(struct async *a, const struct moment *at, uint8_t to)
{
    a->shipping[to].probe_sent = false;
    if (a->shipping[to].probing)
        async_ship_to(a, at, to);
    else
        send_ship(a, at, to, 0);
}

void async_ship(struct async *a, const struct moment *at)
{
    for (uint8_t to = 0; to < a->node_count; to++)
        if (to != a->id)
            async_ship_to(a, at, to);
}

void async_connected(struct async *a, const struct moment *at, uint8_t peer)
{
    if (!async_is_primary(a) || a->active_epoch != a->epoch)
        return;
    struct shipping *s = &a->shipping[peer];
    s->probing = true;
    s->probe_sent = false;
    s->next_index = s->match_index + 1;
    async_ship_to(a, at, peer);
}

static void on_refused(struct async *a, const struct shipped *m, struct shipping *s)
{
    if (m->rejected <= s->match_index || m->rejected >= s->next_index)
        return;
    uint64_t meet = m->index < m->rejected ? m->index : m->rejected - 1;
    meet = entry_log_meet(&a->log, meet, m->hint_epoch);
    s->next_index = (meet > s->match_index ? meet : s->match_index) + 1;
    s->probing = true;
    s->probe_sent = false;
}

void async_on_shipped(struct async *a, const struct moment *at, uint8_t from,
                      const struct shipped *m)
{
    if (!async_is_primary(a) || a->active_epoch != a->epoch || m->epoch != a->epoch ||
        m->index > async_last(a))
        return;
    struct shipping *s = &a->shipping[from];
    if (m->matched) {
        s->probing = false;
        if (m->index > s->match_index)
            s->match_index = m->index;
        if (s->next_index <= s->match_index)
            s->next_index = s->match_index + 1;
    } else {
        on_refused(a, m, s);
    }
    async_ship_to(a, at, from);
}
