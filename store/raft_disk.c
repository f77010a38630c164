/* What the log on disk holds, and what of it is durable.
 *
 * A record is one of:
 *   HARD      term u64, voted_for u8
 *   ENTRIES   as in record.h
 *   SNAPSHOT  last index u64, last term u64, total u64, offset u64, size u32, bytes: one
 *             part; the parts follow each other, and the last one makes it valid */
#include <assert.h>
#include <string.h>

#include "io/frame.h"
#include "store/raft_parts.h"
#include "store/record.h"

enum { SNAPSHOT_HEAD_BYTES = 1 + 8 + 8 + 8 + 8 + 4 };
_Static_assert(SNAPSHOT_HEAD_BYTES + WIRE_CHUNK_BYTES_MAX <= RECORD_BYTES_MAX,
               "a record holds a part of a snapshot");

/* --- writing --------------------------------------------------------------- */

static void record_hard(struct record *record, const struct raft *r)
{
    record_begin(record, RECORD_HARD);
    write_u64(&record->w, r->term);
    write_u8(&record->w, r->voted_for);
}

/* The part of the snapshot at `offset`; the offset after it. */
static size_t record_snapshot(struct record *record, const struct snapshot *s, size_t offset)
{
    size_t size = s->bytes.size - offset;
    if (size > WIRE_CHUNK_BYTES_MAX)
        size = WIRE_CHUNK_BYTES_MAX;
    record_begin(record, RECORD_SNAPSHOT);
    write_u64(&record->w, s->last_index);
    write_u64(&record->w, s->last_term);
    write_u64(&record->w, s->bytes.size);
    write_u64(&record->w, offset);
    write_u32(&record->w, (uint32_t)size);
    memcpy(record->w.at, s->bytes.at + offset, size);
    record->w.at += size;
    record->w.left_bytes -= size;
    return offset + size;
}

/* One more record; our entries up to `last_index` are durable with it. */
static void await_entries(struct raft *r, const struct moment *at, uint64_t last_index)
{
    if (!sync_queue_await(&r->disk, last_index))
        at->out->failed = true;
}

void raft_persist_hard(struct raft *r, const struct moment *at)
{
    struct record record;
    record_hard(&record, r);
    effects_append(at->out, LOG_CONSENSUS, record_bytes(&record));
    await_entries(r, at, 0);
    r->hard_record = r->disk.record_count;
}

void raft_persist_entries(struct raft *r, const struct moment *at, uint64_t from_index)
{
    for (uint64_t next = from_index; next <= raft_last(r);) {
        struct record record;
        next = record_entries(&record, &r->log, next);
        effects_append(at->out, LOG_CONSENSUS, record_bytes(&record));
        await_entries(r, at, next - 1);
    }
}

static bool add_frame(struct buffer *out, const struct record *record)
{
    return frame_append(out, record_bytes(record));
}

static bool all_records(const struct raft *r, struct buffer *out)
{
    struct record record;
    record_hard(&record, r);
    bool fits = add_frame(out, &record);
    uint64_t next = r->log.base_index + 1;
    if (r->snapshot) {
        for (size_t offset = 0; fits && offset < r->snapshot->bytes.size;) {
            offset = record_snapshot(&record, r->snapshot, offset);
            fits = add_frame(out, &record);
        }
        next = r->snapshot->last_index + 1;
    }
    while (fits && next <= raft_last(r)) {
        next = record_entries(&record, &r->log, next);
        fits = add_frame(out, &record);
    }
    return fits;
}

/* The snapshot and what follows it, in place of everything on disk. */
void raft_persist_all(struct raft *r, const struct moment *at)
{
    struct buffer records = {0};
    if (all_records(r, &records))
        effects_replace(at->out, LOG_CONSENSUS, buffer_bytes(&records));
    else
        at->out->failed = true;
    buffer_done(&records);
    await_entries(r, at, raft_last(r));
    r->hard_record = r->replace_record = r->disk.record_count;
}

bool raft_is_replacing(const struct raft *r)
{
    return r->disk.synced_count < r->replace_record;
}

bool raft_hard_is_durable(const struct raft *r)
{
    return r->disk.synced_count >= r->hard_record;
}

void raft_entries_cut(struct raft *r, uint64_t index)
{
    entry_log_cut(&r->log, index);
    sync_queue_cut(&r->disk, index);
}

/* --- recovery -------------------------------------------------------------- */

static enum err_code recover_hard(struct raft *r, struct reader *in, struct err *err)
{
    uint64_t term = read_u64(in);
    uint8_t voted_for = read_u8(in);
    if (in->ended_early || in->left.size > 0)
        return err_set(err, ERR_DAMAGED, "a record of term and vote has the wrong size");
    if (term < r->term)
        return err_set(err, ERR_DAMAGED, "term %llu follows term %llu",
                       (unsigned long long)term, (unsigned long long)r->term);
    if (voted_for >= r->config.node_count && voted_for != RAFT_NOBODY)
        return err_set(err, ERR_DAMAGED, "a vote for node %u, which is not there", voted_for);
    r->term = term;
    r->voted_for = voted_for;
    return ERR_OK;
}

static enum err_code recover_entries(struct raft *r, struct reader *in, struct err *err)
{
    if (record_recover_entries(&r->log, in, r->term, err))
        return err->code;
    r->disk.durable_index = raft_last(r);
    return ERR_OK;
}

static void adopt_recovered(struct raft *r)
{
    snapshot_drop(&r->snapshot);
    r->snapshot = r->incoming;
    r->incoming = NULL;
    entry_log_reset(&r->log, r->snapshot->last_index, r->snapshot->last_term);
    r->commit_index = r->disk.durable_index = r->snapshot->last_index;
}

static enum err_code recover_snapshot(struct raft *r, struct reader *in, struct err *err)
{
    uint64_t last_index = read_u64(in), last_term = read_u64(in);
    uint64_t total = read_u64(in), offset = read_u64(in);
    uint32_t size = read_u32(in);
    if (offset == 0 && !r->incoming)
        r->incoming = snapshot_new(last_index, last_term);
    struct snapshot *s = r->incoming;
    if (!s && offset == 0)
        return err_set(err, ERR_NOMEM, "no memory for the snapshot");
    if (in->ended_early || !s || s->last_index != last_index || s->bytes.size != offset ||
        in->left.size != size || size == 0 || size > total - offset)
        return err_set(err, ERR_DAMAGED, "a part of a snapshot does not follow the last");
    if (!buffer_append(&s->bytes, in->left))
        return err_set(err, ERR_NOMEM, "no memory for the snapshot");
    if (s->bytes.size == total)
        adopt_recovered(r);
    return ERR_OK;
}

enum err_code raft_recover(struct raft *r, struct bytes record, struct err *err)
{
    struct reader in = {.left = record};
    uint8_t type = read_u8(&in);
    if (r->incoming && type != RECORD_SNAPSHOT)
        return err_set(err, ERR_DAMAGED, "a record interrupts a snapshot");
    switch (type) {
    case RECORD_HARD: return recover_hard(r, &in, err);
    case RECORD_ENTRIES: return recover_entries(r, &in, err);
    case RECORD_SNAPSHOT: return recover_snapshot(r, &in, err);
    default: return err_set(err, ERR_DAMAGED, "record type %u is unknown", type);
    }
}
