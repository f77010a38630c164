#include "store/record.h"

enum { ENTRIES_HEAD_BYTES = 1 + 8 + 4 };
_Static_assert(ENTRIES_HEAD_BYTES + RECORD_ENTRIES_MAX * WIRE_ENTRY_BYTES <= RECORD_BYTES_MAX,
               "a record of entries fits the same space");

void record_begin(struct record *record, enum record_type type)
{
    record->w = (struct writer){record->bytes, sizeof record->bytes};
    write_u8(&record->w, (uint8_t)type);
}

uint64_t record_entries(struct record *record, const struct entry_log *log, uint64_t first)
{
    uint64_t count = entry_log_last(log) + 1 - first;
    if (count > RECORD_ENTRIES_MAX)
        count = RECORD_ENTRIES_MAX;
    record_begin(record, RECORD_ENTRIES);
    write_u64(&record->w, first);
    write_u32(&record->w, (uint32_t)count);
    for (uint64_t i = 0; i < count; i++) {
        wire_entry_encode(entry_log_at(log, first + i), record->w.at);
        record->w.at += WIRE_ENTRY_BYTES;
        record->w.left_bytes -= WIRE_ENTRY_BYTES;
    }
    return first + count;
}

static enum err_code recover_entry(struct entry_log *log, struct reader *in, uint64_t term_max,
                                   struct err *err)
{
    struct entry e;
    uint64_t last = entry_log_last(log);
    if (in->left.size < WIRE_ENTRY_BYTES)
        return err_set(err, ERR_DAMAGED, "a record ends within an entry");
    if (wire_entry_decode((struct bytes){in->left.at, WIRE_ENTRY_BYTES}, &e, err))
        return err->code = ERR_DAMAGED;
    in->left.at += WIRE_ENTRY_BYTES;
    in->left.size -= WIRE_ENTRY_BYTES;
    if (e.term < entry_log_term(log, last) || e.term > term_max)
        return err_set(err, ERR_DAMAGED, "entry %llu has an impossible term",
                       (unsigned long long)last + 1);
    if (!entry_log_append(log, &e))
        return err_set(err, ERR_NOMEM, "no memory for the log");
    return ERR_OK;
}

enum err_code record_recover_entries(struct entry_log *log, struct reader *in,
                                     uint64_t term_max, struct err *err)
{
    uint64_t first = read_u64(in);
    uint32_t count = read_u32(in);
    if (in->ended_early || first <= log->base_index || first > entry_log_last(log) + 1)
        return err_set(err, ERR_DAMAGED, "entries at %llu do not follow the log",
                       (unsigned long long)first);
    entry_log_cut(log, first - 1);
    for (uint32_t i = 0; i < count; i++)
        if (recover_entry(log, in, term_max, err))
            return err->code;
    if (in->left.size > 0)
        return err_set(err, ERR_DAMAGED, "bytes follow the last entry of a record");
    return ERR_OK;
}
