/* Which operations somebody asked for, out of all that were loaded once. Nearly always
 * it is all of them, and nothing is copied. */
#include <assert.h>

#include "history/source.h"

/* The items of `from` that `rows` name. */
static void gather_64(int64_t *to, const int64_t *from, const uint32_t *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = from[rows[i]];
}

static void gather_32(uint32_t *to, const uint32_t *from, const uint32_t *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = from[rows[i]];
}

static void gather_8(uint8_t *to, const uint8_t *from, const uint32_t *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = from[rows[i]];
}

static void gather(struct columns *to, const struct columns *from, const uint32_t *rows)
{
    gather_64(to->id, from->id, rows, to->count);
    gather_64(to->process, from->process, rows, to->count);
    gather_32(to->region, from->region, rows, to->count);
    gather_32(to->table, from->table, rows, to->count);
    gather_8(to->kind, from->kind, rows, to->count);
    gather_8(to->outcome, from->outcome, rows, to->count);
    gather_8(to->level, from->level, rows, to->count);
    gather_64(to->key, from->key, rows, to->count);
    gather_64(to->argument, from->argument, rows, to->count);
    gather_64(to->expected, from->expected, rows, to->count);
    gather_64(to->result, from->result, rows, to->count);
    gather_64(to->intended_at_ns, from->intended_at_ns, rows, to->count);
    gather_64(to->invoked_at_ns, from->invoked_at_ns, rows, to->count);
    gather_64(to->returned_at_ns, from->returned_at_ns, rows, to->count);
    gather_64(to->request_id, from->request_id, rows, to->count);
    gather_64(to->error, from->error, rows, to->count);
    for (size_t i = 0; i < to->count; i++) {
        to->is_list[i] = from->is_list[rows[i]];
        to->node[i] = from->node[rows[i]];
    }
    to->lists = from->lists;
    to->list_count = from->list_count;
}

static size_t count_of(const struct columns *c, uint32_t table)
{
    size_t count = 0;
    for (size_t i = 0; i < c->count; i++)
        count += c->table[i] == table;
    return count;
}

static enum err_code pick(const struct history *h, uint32_t table, size_t count,
                          struct arena *arena, struct columns *out, struct err *err)
{
    const struct columns *all = &h->columns;
    struct columns picked = {.count = count};
    uint32_t *rows = arena_array(arena, count, sizeof *rows);
    if (!rows || !source_make_columns(&picked, count, arena))
        return source_no_memory(h, err);
    size_t used = 0;
    for (size_t i = 0; i < all->count; i++)
        if (all->table[i] == table)
            rows[used++] = (uint32_t)i;
    gather(&picked, all, rows);
    *out = picked;
    return ERR_OK;
}

static enum err_code load(struct history *h, struct err *err)
{
    enum err_code code = h->source->columns(h, &h->loaded, &h->columns, err);
    h->is_loaded = code == ERR_OK;
    if (!h->is_loaded)
        arena_done(&h->loaded);
    return code;
}

void history_count_in(struct history *h, struct memory *memory)
{
    assert(!h->is_loaded);
    if (!h->loaded.memory)
        h->loaded.memory = memory;
}

enum err_code history_columns(struct history *h, int table, struct arena *arena,
                              struct columns *out, struct err *err)
{
    if (!h->is_loaded && load(h, err))
        return err->code;
    size_t count = h->columns.count;
    if (table != HISTORY_ALL_TABLES)
        count = count_of(&h->columns, (uint32_t)table);
    if (count < h->columns.count)
        return pick(h, (uint32_t)table, count, arena, out, err);
    *out = h->columns;
    return ERR_OK;
}
