#include "checker/algorithms/tried.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/counted.h"
#include "checker/problem.h"

/* A record lies in one of the NEIGHBOURS slots from where its hash points to. */
enum { SLOTS_FIRST = 64, NEIGHBOURS = 8 };

static size_t bytes_of(const struct tried *t, size_t slots)
{
    return slots * t->width * sizeof *t->records;
}

bool tried_init(struct tried *t)
{
    t->slots = SLOTS_FIRST;
    while (t->slots > NEIGHBOURS && bytes_of(t, t->slots) > t->bytes_max)
        t->slots /= 2;
    t->records = counted_resize(t->memory, NULL, 0, bytes_of(t, t->slots));
    if (!t->records)
        return false;
    tried_clear(t);
    return true;
}

void tried_done(struct tried *t)
{
    counted_free(t->memory, t->records, bytes_of(t, t->slots));
    t->records = NULL;
}

void tried_clear(struct tried *t)
{
    memset(t->records, 0, bytes_of(t, t->slots));
    t->forgotten_count += t->count;
    t->count = 0;
}

static size_t place_of(const struct tried *t, const uint64_t *record)
{
    uint64_t hash = UINT64_C(0x9e3779b97f4a7c15);
    for (size_t i = 0; i < t->width - t->alike; i++) {
        hash = (hash ^ record[i]) * UINT64_C(0xff51afd7ed558ccd);
        hash ^= hash >> 32;
    }
    return (size_t)hash & (t->slots - 1);
}

static uint64_t *record_at(const struct tried *t, size_t slot)
{
    return t->records + (slot & (t->slots - 1)) * t->width;
}

/* The slot that holds the record, or the first empty one where it may lie, or NULL. */
static uint64_t *find(const struct tried *t, const uint64_t *record, size_t place)
{
    for (size_t i = 0; i < NEIGHBOURS; i++) {
        uint64_t *at = record_at(t, place + i);
        if (at[0] == 0 || memcmp(at, record, t->width * sizeof *at) == 0)
            return at;
    }
    return NULL;
}

const uint64_t *tried_like(const struct tried *t, const uint64_t *record, size_t *at)
{
    assert(t->alike);
    for (size_t place = place_of(t, record); *at < NEIGHBOURS;) {
        const uint64_t *other = record_at(t, place + (*at)++);
        if (memcmp(other, record, (t->width - 1) * sizeof *other) == 0)
            return other;
    }
    return NULL;
}

static void put(struct tried *t, const uint64_t *record)
{
    size_t place = place_of(t, record);
    uint64_t *at = find(t, record, place);
    if (!at) {
        at = record_at(t, place + t->next++ % NEIGHBOURS);
        t->forgotten_count++;
        t->count--;
    }
    memcpy(at, record, t->width * sizeof *at);
    t->count++;
}

static bool grow(struct tried *t)
{
    struct tried old = *t;
    if (t->full || bytes_of(t, t->slots) > t->bytes_max / 2) {
        t->full = true;
        return false;
    }
    t->records = counted_resize(t->memory, NULL, 0, bytes_of(t, 2 * t->slots));
    if (!t->records) {
        t->records = old.records;
        t->full = true;
        return false;
    }
    t->slots *= 2;
    memset(t->records, 0, bytes_of(t, t->slots));
    t->count = 0;
    for (size_t i = 0; i < old.slots; i++)
        if (*record_at(&old, i) != 0)
            put(t, record_at(&old, i));
    tried_done(&old);
    return true;
}

bool tried_add(struct tried *t, const uint64_t *record)
{
    assert(record[0] != 0);
    size_t place = place_of(t, record);
    uint64_t *at = find(t, record, place);
    if (at && at[0] != 0)
        return false;
    /* Those that are alike have one place, and would fill any table. */
    if ((!at && !t->alike) || t->count >= t->slots / 4 * 3)
        grow(t);
    put(t, record);
    return true;
}

/* "1,204,332" */
static void write_grouped(uint64_t number, char *out, size_t size)
{
    char digits[24];
    size_t used = 0;
    int length = snprintf(digits, sizeof digits, "%" PRIu64, number);
    for (int i = 0; i < length && used + 2 < size; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            out[used++] = ',';
        out[used++] = digits[i];
    }
    out[used] = '\0';
}

const char *tried_why(const struct tried *t, const struct budget *budget, struct arena *keep)
{
    const char *why = budget->why ? budget->why : NO_MEMORY_LEFT;
    char forgotten[40];
    if (t->forgotten_count == 0)
        return why;
    write_grouped(t->forgotten_count, forgotten, sizeof forgotten);
    const char *longer = arena_format(
        keep, "%s (the memory cap made it forget %s configurations)", why, forgotten);
    return longer ? longer : why;
}

size_t tried_share(const struct memory *m, size_t parts, size_t bytes_max)
{
    size_t share = m && m->max_bytes > 0 ? m->max_bytes / parts : bytes_max;
    return share < bytes_max ? share : bytes_max;
}
