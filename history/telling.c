#include "history/telling.h"

#include <stdlib.h>
#include <string.h>

#include "base/units.h"

enum { SAMPLED = 1000 }; /* operations, evenly spread: instants are told often */

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* The digits that `ns` has behind the point of a second: 3, 6 or 9. */
static int digits_in(int64_t ns)
{
    return ns % NS_PER_MS == 0 ? 3 : ns % NS_PER_US == 0 ? 6 : 9;
}

static int digits_for(int64_t length_ns)
{
    return length_ns >= NS_PER_MS ? 3 : length_ns >= NS_PER_US ? 6 : 9;
}

int telling_digits(const struct columns *c, int64_t end_ns)
{
    int64_t lengths[SAMPLED];
    size_t count = 0, step = c->count / SAMPLED + 1;
    int held = 3;
    if (end_ns < NS_PER_MS)
        return 0;
    for (size_t i = 0; i < c->count; i += step) {
        int64_t called = c->invoked_at_ns[i], returned = c->returned_at_ns[i];
        int digits = digits_in(called);
        held = digits > held ? digits : held;
        if (returned == INT64_MAX)
            continue;
        digits = digits_in(returned);
        held = digits > held ? digits : held;
        lengths[count++] = returned - called;
    }
    if (count == 0)
        return held;
    qsort(lengths, count, sizeof *lengths, by_size);
    int needed = digits_for(lengths[count / 2]);
    return needed < held ? needed : held;
}

bool telling_is_run(const struct history *h)
{
    return history_meta_get(h, "world") != NULL;
}

bool telling_has_regions(const struct history *h)
{
    return telling_is_run(h) || history_region_count(h) > 1 ||
           (history_region_count(h) == 1 && strcmp(history_region_name(h, 0), "default") != 0);
}

bool telling_has_keys(const struct history *h, const struct columns *c)
{
    const char *table = history_table_count(h) == 1 ? history_table_name(h, 0) : NULL;
    if (!table || strcmp(table, "object") != 0)
        return true;
    for (size_t i = 0; i < c->count; i++)
        if (c->key[i] != 0 && c->key[i] != OP_NIL)
            return true;
    return false;
}
