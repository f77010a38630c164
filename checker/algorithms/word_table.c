#include "checker/algorithms/word_table.h"

#include <assert.h>
#include <string.h>

#include "base/counted.h"

enum { STRINGS_FIRST = 32, WORDS_FIRST = 64 };

void word_table_done(struct word_table *t)
{
    counted_free(t->memory, t->words, t->words_max * sizeof *t->words);
    counted_free(t->memory, t->strings, t->strings_max * sizeof *t->strings);
    counted_free(t->memory, t->slots, 2 * (size_t)t->strings_max * sizeof *t->slots);
    *t = (struct word_table){.memory = t->memory, .bytes_max = t->bytes_max};
}

static uint32_t hash_of(const int64_t *words, uint32_t count)
{
    uint64_t hash = UINT64_C(0x9e3779b97f4a7c15) ^ count;
    for (uint32_t i = 0; i < count; i++) {
        hash = (hash ^ (uint64_t)words[i]) * UINT64_C(0xff51afd7ed558ccd);
        hash ^= hash >> 32;
    }
    return (uint32_t)hash;
}

/* --- growth --- */

static size_t bytes_of(size_t words_max, size_t strings_max)
{
    return words_max * sizeof(int64_t) +
           strings_max * (sizeof(struct word_string) + 2 * sizeof(uint32_t));
}

static bool may_hold(const struct word_table *t, size_t words_max, size_t strings_max)
{
    return t->bytes_max == 0 || bytes_of(words_max, strings_max) <= t->bytes_max;
}

static bool grow_words(struct word_table *t, uint32_t extra)
{
    size_t max = t->words_max ? 2 * t->words_max : WORDS_FIRST;
    while (max - t->used < extra)
        max *= 2;
    if (!may_hold(t, max, t->strings_max))
        return false;
    int64_t *words =
        counted_resize(t->memory, t->words, t->words_max * sizeof *words, max * sizeof *words);
    if (!words)
        return false;
    t->words = words;
    t->words_max = max;
    return true;
}

static void fill_slots(struct word_table *t)
{
    size_t mask = 2 * (size_t)t->strings_max - 1;
    memset(t->slots, 0, (mask + 1) * sizeof *t->slots);
    for (uint32_t i = 0; i < t->count; i++) {
        size_t at = t->strings[i].hash & mask;
        while (t->slots[at])
            at = (at + 1) & mask;
        t->slots[at] = i + 1;
    }
}

static bool grow_strings(struct word_table *t)
{
    uint32_t old = t->strings_max, max = old ? 2 * old : STRINGS_FIRST;
    if (max > UINT32_MAX / 4 || !may_hold(t, t->words_max, max))
        return false;
    uint32_t *slots = counted_resize(t->memory, NULL, 0, 2 * (size_t)max * sizeof *slots);
    if (!slots)
        return false;
    struct word_string *strings =
        counted_resize(t->memory, t->strings, old * sizeof *strings, max * sizeof *strings);
    if (!strings) {
        counted_free(t->memory, slots, 2 * (size_t)max * sizeof *slots);
        return false;
    }
    counted_free(t->memory, t->slots, 2 * (size_t)old * sizeof *slots);
    t->slots = slots;
    t->strings = strings;
    t->strings_max = max;
    fill_slots(t);
    return true;
}

/* --- strings --- */

static bool is_it(const struct word_table *t, uint32_t number, const int64_t *words,
                  uint32_t count)
{
    const struct word_string *s = &t->strings[number];
    return s->count == count &&
           (count == 0 || memcmp(t->words + s->at, words, count * sizeof *words) == 0);
}

uint32_t word_table_add(struct word_table *t, const int64_t *words, uint32_t count)
{
    if (t->count == t->strings_max && !grow_strings(t))
        return NO_STRING;
    size_t mask = 2 * (size_t)t->strings_max - 1;
    uint32_t hash = hash_of(words, count);
    size_t at = hash & mask;
    for (; t->slots[at]; at = (at + 1) & mask)
        if (is_it(t, t->slots[at] - 1, words, count))
            return t->slots[at] - 1;
    if (t->words_max - t->used < count && !grow_words(t, count))
        return NO_STRING;
    t->strings[t->count] = (struct word_string){.at = t->used, .count = count, .hash = hash};
    if (count > 0)
        memcpy(t->words + t->used, words, count * sizeof *words);
    t->used += count;
    t->slots[at] = ++t->count;
    return t->count - 1;
}

const int64_t *word_table_at(const struct word_table *t, uint32_t number, uint32_t *count)
{
    assert(number < t->count);
    *count = t->strings[number].count;
    return t->words + t->strings[number].at;
}

/* --- forgetting --- */

void word_table_clear(struct word_table *t)
{
    t->used = t->count = 0;
    if (t->strings_max > 0)
        fill_slots(t);
}

bool word_table_is_roomy(const struct word_table *t)
{
    return t->used <= t->words_max / 4 * 3 && t->count <= t->strings_max / 4 * 3;
}

void word_table_mark(struct word_table *t)
{
    for (uint32_t i = 0; i < t->count; i++)
        t->strings[i].moved = NO_STRING;
}

void word_table_keep(struct word_table *t, uint32_t number)
{
    assert(number < t->count);
    t->strings[number].moved = number;
}

/* New numbers are not above the old ones, and words move down only. What `moved` says
 * is kept apart from what moves. */
void word_table_compact(struct word_table *t)
{
    uint32_t count = 0;
    size_t used = 0;
    for (uint32_t i = 0; i < t->count; i++) {
        struct word_string s = t->strings[i];
        if (s.moved == NO_STRING)
            continue;
        if (s.count > 0)
            memmove(t->words + used, t->words + s.at, s.count * sizeof *t->words);
        t->strings[i].moved = count;
        t->strings[count].at = used;
        t->strings[count].count = s.count;
        t->strings[count].hash = s.hash;
        used += s.count;
        count++;
    }
    t->used = used;
    t->count = count;
    if (t->strings_max > 0)
        fill_slots(t);
}

uint32_t word_table_moved(const struct word_table *t, uint32_t old_number)
{
    assert(old_number < t->strings_max && t->strings[old_number].moved < t->count);
    return t->strings[old_number].moved;
}
