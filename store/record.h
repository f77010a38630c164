/* Records of the store's logs on disk: a type byte, then integers, at most
 * RECORD_BYTES_MAX in all. Entries are kept alike in every log. */
#ifndef STORE_RECORD_H
#define STORE_RECORD_H

#include "base/codec.h"
#include "base/err.h"
#include "store/entry_log.h"
#include "store/wire.h"

enum record_type { RECORD_HARD = 1, RECORD_ENTRIES, RECORD_SNAPSHOT, RECORD_LOST };
enum { RECORD_ENTRIES_MAX = 512, RECORD_BYTES_MAX = 64 + WIRE_CHUNK_BYTES_MAX };

struct record {
    uint8_t bytes[RECORD_BYTES_MAX];
    struct writer w;
};

void record_begin(struct record *record, enum record_type type);

static inline struct bytes record_bytes(const struct record *record)
{
    return (struct bytes){record->bytes, sizeof record->bytes - record->w.left_bytes};
}

/* Entries of `log` from `first` on, as many as fit: first index u64, count u32, entries.
 * They replace whatever was at the first index and after it, so cutting a log needs no
 * record of its own. Returns the index after the last of them. */
uint64_t record_entries(struct record *record, const struct entry_log *log, uint64_t first);

/* Apply such a record, its type already read. No entry may have a term above
 * `term_max`. */
enum err_code record_recover_entries(struct entry_log *log, struct reader *in,
                                     uint64_t term_max, struct err *err) MUST_CHECK;

#endif
