#include "base/origin.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static struct origin **bucket_of(const struct origins *o, const json_t *value)
{
    uint64_t mixed = (uint64_t)(uintptr_t)value * UINT64_C(0x9e3779b97f4a7c15);
    return &o->buckets[(mixed >> 32) & (o->bucket_count - 1)];
}

/* Without memory the table stays as it is: slower, but right. */
static void grow(struct origins *o)
{
    struct origins wider = {.bucket_count = o->bucket_count ? 2 * o->bucket_count : 64};
    wider.buckets = calloc(wider.bucket_count, sizeof(struct origin *));
    if (!wider.buckets)
        return;
    for (size_t i = 0; i < o->bucket_count; i++) {
        for (struct origin *next, *origin = o->buckets[i]; origin; origin = next) {
            next = origin->next;
            struct origin **to = bucket_of(&wider, origin->value);
            origin->next = *to;
            *to = origin;
        }
    }
    wider.count = o->count;
    free(o->buckets);
    *o = wider;
}

bool origins_add(struct origins *o, json_t *value, unsigned line, struct bytes text)
{
    if (o->count >= o->bucket_count)
        grow(o);
    struct origin *origin = o->buckets ? calloc(1, sizeof *origin + text.size + 1) : NULL;
    if (!origin) {
        json_decref(value);
        return false;
    }
    origin->value = value;
    origin->line = line;
    if (text.size > 0)
        memcpy(origin->text, text.at, text.size);

    struct origin **bucket = bucket_of(o, value);
    origin->next = *bucket;
    *bucket = origin;
    o->count++;
    return true;
}

const struct origin *origins_find(const struct origins *o, const json_t *value)
{
    if (!o->buckets)
        return NULL;
    const struct origin *origin = *bucket_of(o, value);
    while (origin && origin->value != value)
        origin = origin->next;
    return origin;
}

void origins_done(struct origins *o)
{
    for (size_t i = 0; i < o->bucket_count; i++) {
        for (struct origin *next, *origin = o->buckets[i]; origin; origin = next) {
            next = origin->next;
            json_decref(origin->value);
            free(origin);
        }
    }
    free(o->buckets);
    *o = (struct origins){0};
}
