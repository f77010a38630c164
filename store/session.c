#include "store/session.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { SESSION_BYTES = 8 + 8 + 8 + 1 + 1 + 8 + 8 };

static size_t seek(const struct sessions *s, uint64_t client)
{
    size_t low = 0, high = s->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->items[middle].client < client)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct session *sessions_find(const struct sessions *s, uint64_t client)
{
    size_t at = seek(s, client);
    return at < s->count && s->items[at].client == client ? &s->items[at] : NULL;
}

static void remove_at(struct sessions *s, size_t at)
{
    s->count--;
    memmove(&s->items[at], &s->items[at + 1], (s->count - at) * sizeof *s->items);
}

static void forget_oldest(struct sessions *s)
{
    size_t oldest = 0;
    for (size_t i = 1; i < s->count; i++)
        if (s->items[i].position < s->items[oldest].position)
            oldest = i;
    remove_at(s, oldest);
}

static bool reserve(struct sessions *s)
{
    if (s->count < s->capacity)
        return true;
    size_t capacity = s->capacity ? 2 * s->capacity : 16;
    struct session *items = realloc(s->items, capacity * sizeof *items);
    if (!items)
        return false;
    s->items = items;
    s->capacity = capacity;
    return true;
}

bool sessions_remember(struct sessions *s, const struct session *session)
{
    size_t at = seek(s, session->client);
    if (at < s->count && s->items[at].client == session->client) {
        assert(session->sequence > s->items[at].sequence);
        s->items[at] = *session;
        return true;
    }
    if (s->count == SESSIONS_MAX) {
        forget_oldest(s);
        at = seek(s, session->client);
    }
    if (!reserve(s))
        return false;
    memmove(&s->items[at + 1], &s->items[at], (s->count - at) * sizeof *s->items);
    s->items[at] = *session;
    s->count++;
    return true;
}

bool sessions_save(const struct sessions *s, struct buffer *out)
{
    size_t size = 4 + s->count * SESSION_BYTES;
    uint8_t *to = buffer_reserve(out, size);
    if (!to)
        return false;
    struct writer w = {to, size};
    write_u32(&w, (uint32_t)s->count);
    for (size_t i = 0; i < s->count; i++) {
        const struct session *item = &s->items[i];
        write_u64(&w, item->client);
        write_u64(&w, item->sequence);
        write_u64(&w, item->position);
        write_u8(&w, (uint8_t)item->outcome.status);
        write_u8(&w, (uint8_t)item->outcome.reason);
        write_u64(&w, (uint64_t)item->outcome.value);
        write_u64(&w, item->outcome.version);
    }
    out->size += size;
    return true;
}

static bool load_one(struct session *item, struct reader *in)
{
    *item = (struct session){.client = read_u64(in)};
    item->sequence = read_u64(in);
    item->position = read_u64(in);
    unsigned status = read_u8(in), reason = read_u8(in);
    if (status >= REPLY_STATUS_COUNT || reason >= REPLY_REASON_COUNT)
        return false;
    item->outcome.status = (enum reply_status)status;
    item->outcome.reason = (enum reply_reason)reason;
    item->outcome.value = (int64_t)read_u64(in);
    item->outcome.version = read_u64(in);
    return !in->ended_early && item->client > 0 && item->sequence > 0;
}

bool sessions_load(struct sessions *s, struct reader *in, bool *nomem)
{
    assert(s->count == 0);
    *nomem = false;
    uint32_t count = read_u32(in);
    if (in->ended_early || count > SESSIONS_MAX)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        struct session item;
        if (!load_one(&item, in) || (i > 0 && s->items[i - 1].client >= item.client))
            return false;
        if (!reserve(s)) {
            *nomem = true;
            return false;
        }
        s->items[s->count++] = item;
    }
    return true;
}

void sessions_done(struct sessions *s)
{
    free(s->items);
    *s = (struct sessions){0};
}
