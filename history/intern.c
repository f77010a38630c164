#include "history/intern.h"

#include <assert.h>
#include <string.h>

#include "base/counted.h"

struct intern_entry {
    int64_t id; /* 0: free */
    uint64_t hash;
    struct bytes content;
    uint8_t tag;
};

enum { SLOTS_AT_FIRST = 64 };

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 32;
}

/* Eight bytes at a time: names of fields pass here by the million. */
static uint64_t hash_of(uint8_t tag, struct bytes content)
{
    uint64_t hash = mix(tag, content.size), word;
    size_t at = 0;
    for (; content.size - at >= sizeof word; at += sizeof word) {
        memcpy(&word, content.at + at, sizeof word);
        hash = mix(hash, word);
    }
    word = 0;
    for (; at < content.size; at++)
        word = word << 8 | content.at[at];
    return mix(hash, word);
}

static struct intern_entry *slot_for(const struct intern *in, uint64_t hash, uint8_t tag,
                                     struct bytes content)
{
    for (size_t i = hash & (in->slot_count - 1);; i = (i + 1) & (in->slot_count - 1)) {
        struct intern_entry *e = &in->slots[i];
        if (e->id == 0 ||
            (e->hash == hash && e->tag == tag && e->content.size == content.size &&
             (content.size == 0 || memcmp(e->content.at, content.at, content.size) == 0)))
            return e;
    }
}

int64_t intern_find(const struct intern *in, uint8_t tag, struct bytes content)
{
    if (in->slot_count == 0)
        return 0;
    return slot_for(in, hash_of(tag, content), tag, content)->id;
}

static bool grow(struct intern *in)
{
    struct intern bigger = *in;
    bigger.slot_count = in->slot_count ? in->slot_count * 2 : SLOTS_AT_FIRST;
    bigger.slots = counted_zeroed(in->memory.memory, bigger.slot_count, sizeof *bigger.slots);
    if (!bigger.slots)
        return false;
    for (size_t i = 0; i < in->slot_count; i++) {
        const struct intern_entry *e = &in->slots[i];
        if (e->id != 0)
            *slot_for(&bigger, e->hash, e->tag, e->content) = *e;
    }
    counted_free(in->memory.memory, in->slots, in->slot_count * sizeof *in->slots);
    *in = bigger;
    return true;
}

const uint8_t *intern_add(struct intern *in, uint8_t tag, struct bytes content, int64_t id)
{
    assert(id != 0 && intern_find(in, tag, content) == 0);
    if (in->used * 2 >= in->slot_count && !grow(in))
        return NULL;
    uint8_t *copy = arena_alloc(&in->memory, content.size + 1);
    if (!copy)
        return NULL;
    if (content.size > 0)
        memcpy(copy, content.at, content.size);
    uint64_t hash = hash_of(tag, content);
    *slot_for(in, hash, tag, content) = (struct intern_entry){
        .id = id, .hash = hash, .content = {copy, content.size}, .tag = tag};
    in->used++;
    return copy;
}

void intern_done(struct intern *in)
{
    counted_free(in->memory.memory, in->slots, in->slot_count * sizeof *in->slots);
    arena_done(&in->memory);
    *in = (struct intern){.slots = NULL};
}
