#include "store/entry_log.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const struct entry *entry_log_at(const struct entry_log *log, uint64_t index)
{
    assert(index > log->base_index && index <= entry_log_last(log));
    return &log->entries[index - log->base_index - 1];
}

uint64_t entry_log_term(const struct entry_log *log, uint64_t index)
{
    return index == log->base_index ? log->base_term : entry_log_at(log, index)->term;
}

uint64_t entry_log_meet(const struct entry_log *log, uint64_t index, uint64_t term)
{
    if (index > entry_log_last(log))
        index = entry_log_last(log);
    while (index > log->base_index && entry_log_term(log, index) > term)
        index--;
    return index < log->base_index ? log->base_index : index;
}

bool entry_log_append(struct entry_log *log, const struct entry *e)
{
    if (log->count == log->capacity) {
        size_t capacity = log->capacity ? 2 * log->capacity : 64;
        struct entry *entries = realloc(log->entries, capacity * sizeof *entries);
        if (!entries)
            return false;
        log->entries = entries;
        log->capacity = capacity;
    }
    log->entries[log->count++] = *e;
    return true;
}

void entry_log_cut(struct entry_log *log, uint64_t index)
{
    assert(index >= log->base_index && index <= entry_log_last(log));
    log->count = (size_t)(index - log->base_index);
}

void entry_log_drop_front(struct entry_log *log, uint64_t index)
{
    assert(index >= log->base_index && index <= entry_log_last(log));
    size_t dropped = (size_t)(index - log->base_index);
    log->base_term = entry_log_term(log, index);
    log->base_index = index;
    log->count -= dropped;
    if (dropped > 0)
        memmove(log->entries, log->entries + dropped, log->count * sizeof *log->entries);
}

void entry_log_reset(struct entry_log *log, uint64_t base_index, uint64_t base_term)
{
    log->base_index = base_index;
    log->base_term = base_term;
    log->count = 0;
}

void entry_log_done(struct entry_log *log)
{
    free(log->entries);
    *log = (struct entry_log){0};
}
