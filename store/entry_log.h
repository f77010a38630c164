/* A replicated log in memory: the entries after a base, found by index. What came
 * before the base is in a snapshot. Knows nothing of disks and of what entries mean. */
#ifndef STORE_ENTRY_LOG_H
#define STORE_ENTRY_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "store/entry.h"

/* All zero is an empty log. Indexes count from 1; read only outside entry_log.c. */
struct entry_log {
    uint64_t base_index, base_term; /* of the last entry that is not here; 0, 0: none */
    struct entry *entries;          /* entries[0] has the index base_index + 1 */
    size_t count, capacity;
};

static inline uint64_t entry_log_last(const struct entry_log *log)
{
    return log->base_index + log->count;
}

/* `index` must be held: base_index < index <= last. */
const struct entry *entry_log_at(const struct entry_log *log, uint64_t index);

/* The term of an entry held, or of the base. */
uint64_t entry_log_term(const struct entry_log *log, uint64_t index);

/* The highest index <= `index` whose term is <= `term`; the base at least. Where two
 * logs differ, this skips whole terms at a time. */
uint64_t entry_log_meet(const struct entry_log *log, uint64_t index, uint64_t term);

/* Behind the last; false, and nothing changed, without memory. */
bool entry_log_append(struct entry_log *log, const struct entry *e) MUST_CHECK;

/* Forget every entry after `index`, which must not be below the base. */
void entry_log_cut(struct entry_log *log, uint64_t index);

/* Forget every entry up to `index`, which must be held or the base. */
void entry_log_drop_front(struct entry_log *log, uint64_t index);

/* Start again, empty, after an entry that a snapshot covers. */
void entry_log_reset(struct entry_log *log, uint64_t base_index, uint64_t base_term);

void entry_log_done(struct entry_log *log);

#endif
