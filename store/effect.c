#include "store/effect.h"

#include <assert.h>
#include <stdlib.h>

/* Room for one more effect; NULL, and the step has failed, without memory. */
static struct effect *next_item(struct effects *out)
{
    if (out->count == out->capacity) {
        size_t capacity = out->capacity ? 2 * out->capacity : 16;
        struct effect *items = realloc(out->items, capacity * sizeof *items);
        if (!items) {
            out->failed = true;
            return NULL;
        }
        out->items = items;
        out->capacity = capacity;
    }
    return &out->items[out->count];
}

static void add(struct effects *out, struct effect effect, size_t offset)
{
    struct effect *item = next_item(out);
    if (!item)
        return;
    effect.offset = offset;
    effect.size = out->bytes.size - offset;
    *item = effect;
    out->count++;
}

static void add_message(struct effects *out, struct effect effect, const struct message *m)
{
    size_t offset = out->bytes.size;
    if (wire_encode(m, &out->bytes))
        add(out, effect, offset);
    else
        out->failed = true;
}

static void add_bytes(struct effects *out, struct effect effect, struct bytes bytes)
{
    size_t offset = out->bytes.size;
    if (buffer_append(&out->bytes, bytes))
        add(out, effect, offset);
    else
        out->failed = true;
}

void effects_send(struct effects *out, uint8_t node, const struct message *m)
{
    assert(node < STORE_NODES_MAX);
    add_message(out, (struct effect){.type = EFFECT_SEND, .node = node}, m);
}

void effects_answer(struct effects *out, uint64_t connection, const struct message *m)
{
    add_message(out, (struct effect){.type = EFFECT_ANSWER, .connection = connection}, m);
}

void effects_append(struct effects *out, uint8_t log, struct bytes record)
{
    assert(log < LOG_COUNT);
    add_bytes(out, (struct effect){.type = EFFECT_APPEND, .log = log}, record);
}

void effects_replace(struct effects *out, uint8_t log, struct bytes records)
{
    assert(log < LOG_COUNT);
    add_bytes(out, (struct effect){.type = EFFECT_REPLACE, .log = log}, records);
}

void effects_clear(struct effects *out)
{
    out->count = 0;
    out->bytes.size = 0;
    out->failed = false;
}

void effects_done(struct effects *out)
{
    free(out->items);
    buffer_done(&out->bytes);
    *out = (struct effects){0};
}
