/* What the consensus leader does for an async table: confirms the primary's lease, and
 * when it surely ran out promotes the most advanced replica that answers. */
#include <assert.h>

#include "store/async_parts.h"

/* --- renewals -------------------------------------------------------------- */

void async_on_renew(struct async *a, const struct moment *at, struct raft *raft, uint8_t from,
                    const struct renew *m)
{
    if (raft->role != RAFT_LEADER || a->watch_term != raft->term ||
        a->renewal_count == ASYNC_RENEWALS_MAX)
        return;
    a->renewals[a->renewal_count++] =
        (struct renewal){.from = from, .renew = *m, .read = raft_read(raft, at)};
}

/* Only while its epoch is the last that was decided or proposed: what we proposed may be
 * committed any moment. */
static void grant(struct async *a, const struct moment *at, const struct primary *primary,
                  const struct renewal *renewal)
{
    uint64_t epoch = renewal->renew.epoch;
    if (primary->epoch != epoch || primary->node != renewal->from || a->proposed_epoch > epoch)
        return;
    a->renewed_at_ns = at->now_ns;
    a->polling = false;
    struct message m = {.type = MESSAGE_RENEWED, .renew = renewal->renew};
    if (renewal->from == a->id)
        async_on_renewed(a, at, &m.renew);
    else
        effects_send(at->out, renewal->from, &m);
}

static void grant_confirmed(struct async *a, const struct moment *at, const struct raft *raft,
                            const struct machine *machine)
{
    size_t kept = 0;
    for (size_t i = 0; i < a->renewal_count; i++) {
        const struct renewal *renewal = &a->renewals[i];
        if (renewal->read.round <= raft->confirmed_round &&
            renewal->read.index <= machine->applied_index)
            grant(a, at, &machine->primaries[a->table], renewal);
        else
            a->renewals[kept++] = *renewal;
    }
    a->renewal_count = kept;
}

/* --- promotion ------------------------------------------------------------- */

static void promote(struct async *a, const struct moment *at, struct raft *raft, uint8_t node,
                    uint64_t epoch, uint64_t start)
{
    struct entry e = {.type = ENTRY_PRIMARY,
                      .table = a->table,
                      .key = node,
                      .argument = (int64_t)epoch,
                      .expected = (int64_t)start};
    a->proposed_epoch = epoch;
    a->polling = false;
    a->renewed_at_ns = at->now_ns; /* the new one gets a whole lease to come forward */
    raft_propose(raft, at, e);
}

static struct position own_position(const struct async *a)
{
    uint64_t durable = a->disk.durable_index;
    return (struct position){.index = durable, .epoch = entry_log_term(&a->log, durable)};
}

static void begin_poll(struct async *a, const struct moment *at)
{
    struct message m = {.type = MESSAGE_ASK_POSITION, .ask_position = {a->table, ++a->poll}};
    a->polling = true;
    a->poll_until_ns = at->now_ns + a->lease_ns / 2;
    a->best = a->id;
    a->best_position = own_position(a);
    for (uint8_t to = 0; to < a->node_count; to++)
        if (to != a->id)
            effects_send(at->out, to, &m);
}

static bool is_ahead(const struct position *x, const struct position *y)
{
    return x->epoch != y->epoch ? x->epoch > y->epoch : x->index > y->index;
}

/* Equals: the first in the order of regions. */
void async_on_position(struct async *a, uint8_t from, const struct position *m)
{
    if (!a->polling || m->poll != a->poll)
        return;
    bool equal = m->epoch == a->best_position.epoch && m->index == a->best_position.index;
    if (!is_ahead(m, &a->best_position) && !(equal && from < a->best))
        return;
    a->best = from;
    a->best_position = *m;
}

/* A new leader does not know when the last lease was given: it counts from its election,
 * which is later. */
static void begin_watch(struct async *a, const struct moment *at, uint64_t term)
{
    a->watch_term = term;
    a->renewed_at_ns = at->now_ns;
    a->proposed_epoch = 0;
    a->renewal_count = 0;
    a->polling = false;
}

void async_watch(struct async *a, const struct moment *at, struct raft *raft,
                 const struct machine *machine)
{
    if (raft->role != RAFT_LEADER)
        return;
    if (a->watch_term != raft->term)
        begin_watch(a, at, raft->term);
    grant_confirmed(a, at, raft, machine);
    const struct primary *primary = &machine->primaries[a->table];
    if (machine->applied_index < raft->first_index || a->proposed_epoch > primary->epoch)
        return;
    /* Clocks may differ in rate: a quarter more than the lease. */
    if (primary->epoch == 0)
        promote(a, at, raft, 0, 1, 0);
    else if (!a->polling && at->now_ns - a->renewed_at_ns > a->lease_ns + a->lease_ns / 4)
        begin_poll(a, at);
    else if (a->polling && at->now_ns >= a->poll_until_ns)
        promote(a, at, raft, a->best, primary->epoch + 1, a->best_position.index);
}
