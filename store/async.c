#include "store/async.h"

#include <assert.h>
#include <stdlib.h>

#include "store/async_parts.h"
#include "store/record.h"

struct async *async_new(uint32_t table, const struct node_config *config)
{
    struct async *a = calloc(1, sizeof *a);
    if (!a)
        return NULL;
    *a = (struct async){.table = table,
                        .id = config->node_id,
                        .node_count = (uint8_t)config->node_count,
                        .lease_ns = config->election_timeout_ns,
                        .config = config,
                        .primary.node = STORE_NODE_NONE,
                        .shipper = STORE_NODE_NONE};
    machine_init(&a->machine, config);
    a->changes = calloc(ASYNC_PENDING_MAX, sizeof *a->changes);
    if (a->changes)
        return a;
    async_free(a);
    return NULL;
}

void async_free(struct async *a)
{
    if (!a)
        return;
    entry_log_done(&a->log);
    sync_queue_done(&a->disk);
    machine_done(&a->machine);
    free(a->changes);
    free(a);
}

/* --- disk ------------------------------------------------------------------ */

enum err_code async_recover(struct async *a, struct bytes record, struct err *err)
{
    struct reader in = {.left = record};
    uint8_t type = read_u8(&in);
    if (type != RECORD_ENTRIES)
        return err_set(err, ERR_DAMAGED, "record type %u is not of a table's log", type);
    return record_recover_entries(&a->log, &in, INT64_MAX, err);
}

bool async_start(struct async *a)
{
    a->disk.durable_index = async_last(a);
    a->epoch = entry_log_term(&a->log, async_last(a));
    return async_rebuild(a, async_last(a));
}

void async_persist(struct async *a, const struct moment *at, uint64_t from_index)
{
    for (uint64_t next = from_index; next <= async_last(a);) {
        struct record record;
        next = record_entries(&record, &a->log, next);
        effects_append(at->out, async_log_number(a), record_bytes(&record));
        if (!sync_queue_await(&a->disk, next - 1))
            at->out->failed = true;
    }
}

/* --- state ----------------------------------------------------------------- */

static struct async_change *change_at(struct async *a, uint64_t index)
{
    for (size_t i = 0; i < a->change_count; i++)
        if (a->changes[i].index == index)
            return &a->changes[i];
    return NULL;
}

static bool apply_next(struct async *a)
{
    struct outcome outcome;
    uint64_t index = a->machine.applied_index + 1;
    const struct entry *entry = entry_log_at(&a->log, index);
    struct entry skipped = {.type = ENTRY_NOOP};
    if (store_has_bug(a->config->bugs, BUG_REPLICA_FORGETS_REMOVES) &&
        entry->kind == REQUEST_REMOVE && !async_is_primary(a))
        entry = &skipped;
    if (!machine_apply(&a->machine, entry, &outcome))
        return false;
    struct async_change *change = change_at(a, index);
    if (change) {
        change->applied = true;
        change->outcome = outcome;
    }
    return true;
}

/* What is on our disk is what we show. */
void async_apply(struct async *a, const struct moment *at)
{
    while (a->machine.applied_index < a->disk.durable_index && !at->out->failed)
        if (!apply_next(a))
            at->out->failed = true;
}

/* The state of the first entries alone: there is no way to undo one. */
bool async_rebuild(struct async *a, uint64_t upto)
{
    machine_done(&a->machine);
    machine_init(&a->machine, a->config);
    while (a->machine.applied_index < upto)
        if (!apply_next(a))
            return false;
    return true;
}

/* --- events ---------------------------------------------------------------- */

void async_learn(struct async *a, const struct primary *primary)
{
    if (primary->epoch <= a->primary.epoch)
        return;
    a->primary = *primary;
    if (primary->epoch > a->epoch) {
        a->epoch = primary->epoch;
        a->shipper = primary->node;
        a->verified_index = 0;
        a->owes_ack = false;
    }
}

void async_synced(struct async *a, const struct moment *at, uint64_t count)
{
    sync_queue_synced(&a->disk, count);
    assert(a->disk.durable_index <= async_last(a));
    async_apply(a, at);
    if (a->active_epoch == a->epoch && a->active_epoch != 0)
        async_ship(a, at);
    else if (a->owes_ack)
        async_acknowledge(a, at);
}
