#include "store/table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

size_t table_seek(const struct table *t, int64_t key)
{
    size_t low = 0, high = t->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (t->rows[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct row *table_find(const struct table *t, int64_t key)
{
    size_t at = table_seek(t, key);
    return at < t->count && t->rows[at].key == key ? &t->rows[at] : NULL;
}

/* Room for one more of `size`; false without memory. */
static bool grow(void **items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return true;
    size_t wanted = *capacity ? 2 * *capacity : 8;
    void *grown = realloc(*items, wanted * size);
    if (!grown)
        return false;
    *items = grown;
    *capacity = wanted;
    return true;
}

/* The row of `key`, made when it is not there. */
static enum table_result row_of(struct table *t, int64_t key, struct row **out)
{
    size_t at = table_seek(t, key);
    if (at == t->count || t->rows[at].key != key) {
        if (t->count == TABLE_ROWS_MAX)
            return TABLE_FULL;
        void *rows = t->rows;
        if (!grow(&rows, t->count, &t->capacity, sizeof *t->rows))
            return TABLE_NOMEM;
        t->rows = rows;
        memmove(&t->rows[at + 1], &t->rows[at], (t->count - at) * sizeof *t->rows);
        t->rows[at] = (struct row){.key = key, .value = STORE_NIL};
        t->count++;
    }
    *out = &t->rows[at];
    return TABLE_DONE;
}

enum table_result table_write(struct table *t, int64_t key, int64_t value, uint64_t version)
{
    struct row *row;
    enum table_result result = row_of(t, key, &row);
    if (result != TABLE_DONE)
        return result;
    row->value = value;
    row->version = version;
    return TABLE_DONE;
}

static int compare(const struct dot *a, const struct dot *b)
{
    if (a->element != b->element)
        return a->element < b->element ? -1 : 1;
    if (a->client != b->client)
        return a->client < b->client ? -1 : 1;
    if (a->sequence != b->sequence)
        return a->sequence < b->sequence ? -1 : 1;
    return 0;
}

/* The first dot not below `dot`. */
static size_t dot_seek(const struct row *row, const struct dot *dot)
{
    size_t low = 0, high = row->dot_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(&row->dots[middle], dot) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

enum table_result table_add(struct table *t, int64_t key, const struct dot *dot,
                            uint64_t version)
{
    struct row *row;
    enum table_result result = row_of(t, key, &row);
    if (result != TABLE_DONE)
        return result;
    size_t at = dot_seek(row, dot);
    if (at < row->dot_count && compare(&row->dots[at], dot) == 0)
        return TABLE_DONE;
    if (row->dot_count == TABLE_DOTS_MAX)
        return TABLE_FULL;
    void *dots = row->dots;
    if (!grow(&dots, row->dot_count, &row->dot_capacity, sizeof *row->dots))
        return TABLE_NOMEM;
    row->dots = dots;
    memmove(&row->dots[at + 1], &row->dots[at], (row->dot_count - at) * sizeof *row->dots);
    row->dots[at] = *dot;
    row->dot_count++;
    row->version = version;
    return TABLE_DONE;
}

enum table_result table_remove(struct table *t, int64_t key, int64_t element, uint64_t version)
{
    struct row *row;
    enum table_result result = row_of(t, key, &row);
    if (result != TABLE_DONE)
        return result;
    size_t first = dot_seek(row, &(struct dot){.element = element});
    size_t end = first;
    while (end < row->dot_count && row->dots[end].element == element)
        end++;
    if (end > first)
        memmove(&row->dots[first], &row->dots[end], (row->dot_count - end) * sizeof *row->dots);
    row->dot_count -= end - first;
    row->version = version;
    return TABLE_DONE;
}

size_t row_members(const struct row *row, int64_t *out)
{
    size_t count = 0;
    for (size_t i = 0; i < row->dot_count; i++)
        if (count == 0 || out[count - 1] != row->dots[i].element)
            out[count++] = row->dots[i].element;
    return count;
}

/* --- snapshots ------------------------------------------------------------- */

enum { ROW_BYTES = 8 + 8 + 8 + 4, DOT_BYTES = 8 + 8 + 8 };

static bool save_row(const struct row *row, struct buffer *out)
{
    size_t size = ROW_BYTES + row->dot_count * DOT_BYTES;
    uint8_t *to = buffer_reserve(out, size);
    if (!to)
        return false;
    struct writer w = {to, size};
    write_u64(&w, (uint64_t)row->key);
    write_u64(&w, (uint64_t)row->value);
    write_u64(&w, row->version);
    write_u32(&w, (uint32_t)row->dot_count);
    for (size_t i = 0; i < row->dot_count; i++) {
        write_u64(&w, (uint64_t)row->dots[i].element);
        write_u64(&w, row->dots[i].client);
        write_u64(&w, row->dots[i].sequence);
    }
    out->size += size;
    return true;
}

bool table_save(const struct table *t, struct buffer *out)
{
    uint8_t *to = buffer_reserve(out, 4);
    if (!to)
        return false;
    struct writer w = {to, 4};
    write_u32(&w, (uint32_t)t->count);
    out->size += 4;
    for (size_t i = 0; i < t->count; i++)
        if (!save_row(&t->rows[i], out))
            return false;
    return true;
}

static enum table_load load_dots(struct row *row, uint32_t count, struct reader *in)
{
    if (count > TABLE_DOTS_MAX || in->left.size < (size_t)count * DOT_BYTES)
        return TABLE_DAMAGED;
    if (count == 0)
        return TABLE_LOADED;
    row->dots = malloc(count * sizeof *row->dots);
    if (!row->dots)
        return TABLE_LOAD_NOMEM;
    row->dot_capacity = count;
    for (; row->dot_count < count; row->dot_count++) {
        struct dot *dot = &row->dots[row->dot_count];
        *dot = (struct dot){.element = (int64_t)read_u64(in)};
        dot->client = read_u64(in);
        dot->sequence = read_u64(in);
        if (row->dot_count > 0 && compare(dot - 1, dot) >= 0)
            return TABLE_DAMAGED;
    }
    return TABLE_LOADED;
}

static enum table_load load_row(struct table *t, struct reader *in)
{
    int64_t key = (int64_t)read_u64(in);
    struct row *row;
    if (in->ended_early || (t->count > 0 && t->rows[t->count - 1].key >= key))
        return TABLE_DAMAGED;
    if (row_of(t, key, &row) != TABLE_DONE)
        return TABLE_LOAD_NOMEM;
    row->value = (int64_t)read_u64(in);
    row->version = read_u64(in);
    uint32_t dot_count = read_u32(in);
    return in->ended_early ? TABLE_DAMAGED : load_dots(row, dot_count, in);
}

enum table_load table_load(struct table *t, struct reader *in)
{
    assert(t->count == 0);
    uint32_t count = read_u32(in);
    if (in->ended_early || count > TABLE_ROWS_MAX)
        return TABLE_DAMAGED;
    for (uint32_t i = 0; i < count; i++) {
        enum table_load result = load_row(t, in);
        if (result != TABLE_LOADED)
            return result;
    }
    return TABLE_LOADED;
}

void table_done(struct table *t)
{
    for (size_t i = 0; i < t->count; i++)
        free(t->rows[i].dots);
    free(t->rows);
    *t = (struct table){0};
}
