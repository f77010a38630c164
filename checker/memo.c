#include "checker/memo.h"

#include <assert.h>
#include <string.h>

enum { RECORD_HEAD = 2, SLOTS_FIRST = 1024, WORDS_FIRST = 4096 };

static uint64_t hash_of(const uint64_t *words, size_t count)
{
    uint64_t hash = UINT64_C(0x9e3779b97f4a7c15) ^ count;
    for (size_t i = 0; i < count; i++) {
        hash = (hash ^ words[i]) * UINT64_C(0xff51afd7ed558ccd);
        hash ^= hash >> 32;
    }
    return hash;
}

static bool same(const uint64_t *record, uint64_t hash, const uint64_t *words, size_t count)
{
    return record[0] == hash && record[1] == count &&
           memcmp(record + RECORD_HEAD, words, count * sizeof *words) == 0;
}

/* The slot that holds the record, or the empty one where it belongs. */
static size_t probe(const struct memo *m, uint64_t hash, const uint64_t *words, size_t count)
{
    size_t at = (size_t)hash & (m->slot_count - 1);
    while (m->slots[at] && !same(&m->records[m->slots[at] - 1], hash, words, count))
        at = (at + 1) & (m->slot_count - 1);
    return at;
}

static bool grow_slots(struct memo *m)
{
    size_t count = m->slot_count ? m->slot_count * 2 : SLOTS_FIRST;
    size_t *slots = arena_array(m->arena, count, sizeof *slots);
    if (!slots)
        return false;
    for (size_t old = 0; old < m->slot_count; old++) {
        if (!m->slots[old])
            continue;
        size_t at = (size_t)m->records[m->slots[old] - 1] & (count - 1);
        while (slots[at])
            at = (at + 1) & (count - 1);
        slots[at] = m->slots[old];
    }
    m->slots = slots;
    m->slot_count = count;
    return true;
}

/* The old place stays in the arena: half of the memory at most, freed with it. */
static bool grow_records(struct memo *m, size_t extra)
{
    size_t capacity = m->capacity ? m->capacity * 2 : WORDS_FIRST;
    while (capacity - m->used < extra)
        capacity *= 2;
    uint64_t *records = arena_array(m->arena, capacity, sizeof *records);
    if (!records)
        return false;
    if (m->used > 0)
        memcpy(records, m->records, m->used * sizeof *records);
    m->records = records;
    m->capacity = capacity;
    return true;
}

enum memo_answer memo_add(struct memo *m, const uint64_t *words, size_t count)
{
    if (m->count * 2 >= m->slot_count && !grow_slots(m))
        return MEMO_FULL;
    uint64_t hash = hash_of(words, count);
    size_t at = probe(m, hash, words, count);
    if (m->slots[at])
        return MEMO_KNOWN;
    if (m->capacity - m->used < count + RECORD_HEAD && !grow_records(m, count + RECORD_HEAD))
        return MEMO_FULL;
    uint64_t *record = m->records + m->used;
    record[0] = hash;
    record[1] = count;
    memcpy(record + RECORD_HEAD, words, count * sizeof *words);
    m->slots[at] = m->used + 1;
    m->used += count + RECORD_HEAD;
    m->count++;
    assert(m->count < m->slot_count);
    return MEMO_NEW;
}
