#include "checker/algorithms/configs.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/counted.h"

enum { CAPACITY_FIRST = 64, SLOTS_SMALL = 4 * CAPACITY_FIRST, FEW = 8 };

void configs_done(struct configs *c)
{
    counted_free(c->memory, c->words, c->capacity * configs_stride(c) * sizeof *c->words);
    counted_free(c->memory, c->slots, c->slot_count * sizeof *c->slots);
    *c = (struct configs){.mask_words = c->mask_words, .memory = c->memory};
}

void configs_clear(struct configs *c)
{
    if (c->is_hashed && c->count * 8 < c->slot_count && c->slot_count > SLOTS_SMALL) {
        counted_free(c->memory, c->slots, c->slot_count * sizeof *c->slots);
        c->slots = NULL;
        c->slot_count = 0;
    }
    c->is_hashed = false;
    c->count = 0;
}

/* --- the set --- */

static uint64_t hash_of(const struct configs *c, const uint64_t *config)
{
    uint64_t hash = (config_value(config) + 1) * UINT64_C(0x9e3779b97f4a7c15);
    for (size_t i = 1; i < configs_stride(c); i++) {
        hash = (hash ^ config[i]) * UINT64_C(0xff51afd7ed558ccd);
        hash ^= hash >> 32;
    }
    return hash;
}

static bool same(const struct configs *c, const uint64_t *a, const uint64_t *b)
{
    return config_value(a) == config_value(b) &&
           memcmp(a + 1, b + 1, (configs_stride(c) - 1) * sizeof *a) == 0;
}

static uint32_t *find_slot(const struct configs *c, const uint64_t *config)
{
    size_t at = (size_t)hash_of(c, config) & (c->slot_count - 1);
    while (c->slots[at] && !same(c, configs_at(c, c->slots[at] - 1), config))
        at = (at + 1) & (c->slot_count - 1);
    return &c->slots[at];
}

/* Put all there are into the table, with room for one more. */
static bool hash_all(struct configs *c)
{
    size_t count = c->slot_count ? c->slot_count : 2 * CAPACITY_FIRST;
    while (count < 2 * (c->count + 1))
        count *= 2;
    if (count != c->slot_count) {
        uint32_t *slots = counted_resize(c->memory, NULL, 0, count * sizeof *slots);
        if (!slots)
            return false;
        counted_free(c->memory, c->slots, c->slot_count * sizeof *slots);
        c->slots = slots;
        c->slot_count = count;
    }
    memset(c->slots, 0, count * sizeof *c->slots);
    for (size_t i = 0; i < c->count; i++)
        *find_slot(c, configs_at(c, i)) = (uint32_t)i + 1;
    c->is_hashed = true;
    return true;
}

static bool is_among_few(const struct configs *c, const uint64_t *config)
{
    for (size_t i = 0; i < c->count; i++)
        if (same(c, configs_at(c, i), config))
            return true;
    return false;
}

static bool grow(struct configs *c)
{
    size_t bytes = configs_stride(c) * sizeof *c->words;
    size_t capacity = c->capacity ? c->capacity * 2 : CAPACITY_FIRST;
    if (capacity > UINT32_MAX / 2)
        return false;
    uint64_t *words =
        counted_resize(c->memory, c->words, c->capacity * bytes, capacity * bytes);
    if (!words)
        return false;
    c->words = words;
    c->capacity = capacity;
    return true;
}

bool configs_add(struct configs *c, const uint64_t *config)
{
    bool few = c->count < FEW;
    bool crowded = !c->is_hashed || 2 * (c->count + 1) > c->slot_count;
    if ((!few && crowded && !hash_all(c)) || (c->count == c->capacity && !grow(c))) {
        c->full = true;
        return false;
    }
    uint32_t *slot = few ? NULL : find_slot(c, config);
    if (few ? is_among_few(c, config) : *slot != 0)
        return false;
    memcpy(configs_at(c, c->count), config, configs_stride(c) * sizeof *config);
    c->count++;
    if (slot)
        *slot = (uint32_t)c->count;
    return true;
}

/* --- dominance --- */

static bool dominates(const uint64_t *a, const uint64_t *b, const uint64_t *looks, size_t words)
{
    const uint64_t *a_done = a + CONFIG_HEAD, *b_done = b + CONFIG_HEAD;
    const uint64_t *a_free = a_done + words, *b_free = b_done + words;
    if (config_held(a).until > config_held(b).until)
        return false;
    for (size_t i = 0; i < words; i++) {
        uint64_t differ = (a_done[i] ^ b_done[i]) | (a_free[i] ^ b_free[i]);
        if (differ & ~a_free[i] & ~(a_done[i] & looks[i]))
            return false;
    }
    return true;
}

/* The hash table is stale after this; configs_clear is all that may follow. */
static void move(struct configs *c, size_t from, size_t to)
{
    if (from != to)
        memcpy(configs_at(c, to), configs_at(c, from), configs_stride(c) * sizeof *c->words);
}

/* Those with one value are chained, the latest first; the table serves for the heads. */
struct chains {
    struct configs *c;
    uint32_t *after; /* index plus one of the next in the chain; 0: the last */
    bool *dropped;
};

static uint32_t *head_of(const struct chains *h, uint32_t value)
{
    struct configs *c = h->c;
    size_t at = (size_t)(value * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (c->slot_count - 1);
    while (c->slots[at] && config_value(configs_at(c, c->slots[at] - 1)) != value)
        at = (at + 1) & (c->slot_count - 1);
    return &c->slots[at];
}

/* Comparing all with all would take too long where there are very many. */
enum { COMPARED_MAX = 256 };

static void compare_with_chain(const struct chains *h, uint32_t i, uint32_t first,
                               const uint64_t *looks)
{
    const struct configs *c = h->c;
    const uint64_t *mine = configs_at(c, i);
    int compared = 0;
    for (uint32_t k = first; k && compared < COMPARED_MAX; k = h->after[k - 1], compared++) {
        const uint64_t *other = configs_at(c, k - 1);
        if (h->dropped[k - 1])
            continue;
        if (dominates(other, mine, looks, c->mask_words)) {
            h->dropped[i] = true;
            return;
        }
        if (dominates(mine, other, looks, c->mask_words))
            h->dropped[k - 1] = true;
    }
}

static void drop_among_few(struct configs *c, const uint64_t *looks)
{
    bool dropped[FEW] = {false};
    for (size_t i = 1; i < c->count; i++)
        for (size_t k = 0; k < i && !dropped[i]; k++) {
            const uint64_t *mine = configs_at(c, i), *other = configs_at(c, k);
            if (dropped[k] || config_value(mine) != config_value(other))
                continue;
            dropped[i] = dominates(other, mine, looks, c->mask_words);
            dropped[k] = !dropped[i] && dominates(mine, other, looks, c->mask_words);
        }
    size_t kept = 0;
    for (size_t i = 0; i < c->count; i++)
        if (!dropped[i])
            move(c, i, kept++);
    c->count = kept;
}

void configs_drop_dominated(struct configs *c, const uint64_t *looks)
{
    if (c->count <= FEW) {
        drop_among_few(c, looks);
        return;
    }
    struct chains h = {.c = c};
    size_t count = c->count, kept = 0;
    h.after = counted_zeroed(c->memory, count, sizeof *h.after);
    h.dropped = counted_zeroed(c->memory, count, sizeof *h.dropped);
    assert(c->is_hashed);
    if (h.after && h.dropped) { /* else nothing is dropped, which is only slower */
        memset(c->slots, 0, c->slot_count * sizeof *c->slots);
        for (uint32_t i = 0; i < c->count; i++) {
            uint32_t *head = head_of(&h, config_value(configs_at(c, i)));
            compare_with_chain(&h, i, *head, looks);
            h.after[i] = *head;
            *head = i + 1;
        }
        for (size_t i = 0; i < c->count; i++)
            if (!h.dropped[i])
                move(c, i, kept++);
        c->count = kept;
    }
    counted_free(c->memory, h.after, count * sizeof *h.after);
    counted_free(c->memory, h.dropped, count * sizeof *h.dropped);
}

/* --- the best --- */

struct scored {
    uint32_t score, index;
};

static int by_score(const void *a, const void *b)
{
    const struct scored *x = a, *y = b;
    if (x->score != y->score)
        return x->score < y->score ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

/* Owed: pending and neither done nor optional. */
static uint32_t score_of(const struct configs *c, const uint64_t *config,
                         const uint64_t *pending)
{
    uint32_t owed = 0, free = 0;
    for (size_t i = 0; i < c->mask_words; i++) {
        uint64_t done = config[CONFIG_HEAD + i],
                 optional = config[CONFIG_HEAD + c->mask_words + i];
        owed += (uint32_t)__builtin_popcountll(pending[i] & ~done & ~optional);
        free += (uint32_t)__builtin_popcountll(optional);
    }
    return owed * 1024 - (free < 1024 ? free : 1023) + 1024;
}

void configs_keep_best(struct configs *c, size_t most, const uint64_t *pending)
{
    if (c->count <= most)
        return;
    size_t count = c->count, bytes = configs_stride(c) * sizeof *c->words;
    struct scored *all = counted_zeroed(c->memory, count, sizeof *all);
    uint64_t *words = counted_zeroed(c->memory, most, bytes);
    if (!all || !words) {
        c->full = true;
    } else {
        for (size_t i = 0; i < c->count; i++)
            all[i] = (struct scored){score_of(c, configs_at(c, i), pending), (uint32_t)i};
        qsort(all, c->count, sizeof *all, by_score);
        for (size_t i = 0; i < most; i++)
            memcpy(words + i * configs_stride(c), configs_at(c, all[i].index), bytes);
        memcpy(c->words, words, most * bytes);
        c->count = most;
    }
    counted_free(c->memory, all, count * sizeof *all);
    counted_free(c->memory, words, most * bytes);
}
