/* A replica of an async table: takes what the primary ships, in order, and cuts off what
 * the primary of a later epoch does not have - after it is safe in the log `lost`. */
#include <assert.h>

#include "store/async_parts.h"
#include "store/record.h"

void async_acknowledge(struct async *a, const struct moment *at)
{
    uint64_t durable = a->disk.durable_index;
    struct shipped m = {.table = a->table,
                        .epoch = a->epoch,
                        .matched = true,
                        .index = a->verified_index < durable ? a->verified_index : durable};
    a->owes_ack = a->verified_index > durable;
    effects_send(at->out, a->shipper, &(struct message){.type = MESSAGE_SHIPPED, .shipped = m});
}

static void refuse(struct async *a, const struct moment *at, const struct ship *m)
{
    uint64_t meet = entry_log_meet(&a->log, m->prev_index, m->prev_epoch);
    struct shipped no = {.table = a->table,
                         .epoch = a->epoch,
                         .index = meet,
                         .hint_epoch = entry_log_term(&a->log, meet),
                         .rejected = m->prev_index};
    effects_send(at->out, a->shipper,
                 &(struct message){.type = MESSAGE_SHIPPED, .shipped = no});
}

static bool fits(const struct async *a, const struct ship *m)
{
    return m->prev_index <= async_last(a) &&
           entry_log_term(&a->log, m->prev_index) == m->prev_epoch;
}

/* --- what was lost --------------------------------------------------------- */

/* One record per change: table, position, entry. */
static void save_lost(struct async *a, const struct moment *at, struct lost_log *lost,
                      uint64_t from)
{
    for (uint64_t index = from; index <= async_last(a); index++) {
        struct record record;
        if (entry_log_at(&a->log, index)->type != ENTRY_CHANGE)
            continue;
        record_begin(&record, RECORD_LOST);
        write_u32(&record.w, a->table);
        write_u64(&record.w, index);
        wire_entry_encode(entry_log_at(&a->log, index), record.w.at);
        record.w.at += WIRE_ENTRY_BYTES;
        record.w.left_bytes -= WIRE_ENTRY_BYTES;
        effects_append(at->out, LOG_LOST, record_bytes(&record));
        a->lost_record = ++lost->record_count;
    }
    a->lost_from = from;
    a->lost_to = async_last(a);
}

/* True once everything from `from` on is kept elsewhere; else that is begun. */
static bool is_saved(struct async *a, const struct moment *at, struct lost_log *lost,
                     uint64_t from)
{
    if (a->lost_from != from || a->lost_to != async_last(a)) {
        save_lost(a, at, lost, from);
        return false;
    }
    return lost->synced_count >= a->lost_record;
}

static void cut(struct async *a, const struct moment *at, uint64_t from)
{
    for (uint64_t index = from; index <= async_last(a); index++)
        a->lost_count += entry_log_at(&a->log, index)->type == ENTRY_CHANGE;
    a->lost_from = a->lost_to = 0;
    entry_log_cut(&a->log, from - 1);
    sync_queue_cut(&a->disk, from - 1);
    if (a->machine.applied_index >= from && !async_rebuild(a, from - 1))
        at->out->failed = true;
}

/* --- taking ---------------------------------------------------------------- */

/* How many of the entries we hold already. */
static uint32_t held(const struct async *a, const struct ship *m)
{
    uint32_t i = 0;
    while (i < m->entry_count && m->prev_index + 1 + i <= async_last(a) &&
           entry_log_term(&a->log, m->prev_index + 1 + i) == m->entries[i].term)
        i++;
    return i;
}

/* False when surplus entries must be saved first: the primary will ship again. */
static bool take(struct async *a, const struct moment *at, struct lost_log *lost,
                 const struct ship *m)
{
    uint32_t have = held(a, m);
    if (have == m->entry_count)
        return true;
    uint64_t first = m->prev_index + 1 + have;
    if (first <= async_last(a)) {
        if (!is_saved(a, at, lost, first))
            return false;
        cut(a, at, first);
    }
    for (uint32_t i = have; i < m->entry_count; i++)
        if (!entry_log_append(&a->log, &m->entries[i])) {
            at->out->failed = true;
            return false;
        }
    async_persist(a, at, first);
    return true;
}

void async_on_ship(struct async *a, const struct moment *at, struct lost_log *lost,
                   uint8_t from, const struct ship *m)
{
    if (m->epoch < a->epoch || (a->primary.epoch == m->epoch && a->primary.node != from))
        return; /* its time is over; it will learn from the consensus log */
    if (m->epoch > a->epoch || a->shipper != from) {
        a->epoch = m->epoch;
        a->shipper = from;
        a->verified_index = 0;
        a->owes_ack = false;
    }
    if (!fits(a, m)) {
        refuse(a, at, m);
        return;
    }
    if (!take(a, at, lost, m))
        return;
    uint64_t end = m->prev_index + m->entry_count;
    if (end > a->verified_index)
        a->verified_index = end;
    a->owes_ack = true;
    if (end <= a->disk.durable_index || m->entry_count == 0)
        async_acknowledge(a, at);
}

void async_on_ask_position(struct async *a, const struct moment *at, uint8_t from,
                           const struct ask_position *m)
{
    uint64_t durable = a->disk.durable_index;
    struct position position = {.table = a->table,
                                .poll = m->poll,
                                .index = durable,
                                .epoch = entry_log_term(&a->log, durable)};
    effects_send(at->out, from,
                 &(struct message){.type = MESSAGE_POSITION, .position = position});
}
