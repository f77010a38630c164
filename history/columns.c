/* Operations and their returns, out of the file and into arrays. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "history/file.h"

/* While columns are filled. */
struct filling {
    const struct history *h;
    struct arena *arena;
    struct columns *out;
    int64_t last_id;  /* ids are 1 to this */
    uint32_t *row_of; /* id -> index + 1, or 0: of another table */
    size_t list_room;
    sqlite3_stmt *lists;
    struct err *err;
};

static bool make_arrays(struct columns *c, size_t count, struct arena *a)
{
    return (c->id = arena_array(a, count, sizeof *c->id)) &&
           (c->process = arena_array(a, count, sizeof *c->process)) &&
           (c->region = arena_array(a, count, sizeof *c->region)) &&
           (c->table = arena_array(a, count, sizeof *c->table)) &&
           (c->kind = arena_array(a, count, sizeof *c->kind)) &&
           (c->outcome = arena_array(a, count, sizeof *c->outcome)) &&
           (c->level = arena_array(a, count, sizeof *c->level)) &&
           (c->key = arena_array(a, count, sizeof *c->key)) &&
           (c->argument = arena_array(a, count, sizeof *c->argument)) &&
           (c->expected = arena_array(a, count, sizeof *c->expected)) &&
           (c->result = arena_array(a, count, sizeof *c->result)) &&
           (c->is_list = arena_array(a, count, sizeof *c->is_list)) &&
           (c->intended_at_ns = arena_array(a, count, sizeof *c->intended_at_ns)) &&
           (c->invoked_at_ns = arena_array(a, count, sizeof *c->invoked_at_ns)) &&
           (c->returned_at_ns = arena_array(a, count, sizeof *c->returned_at_ns)) &&
           (c->node = arena_array(a, count, sizeof *c->node)) &&
           (c->request_id = arena_array(a, count, sizeof *c->request_id)) &&
           (c->error = arena_array(a, count, sizeof *c->error));
}

/* The row at hand becomes entry `i`, not returned yet. */
static bool read_op(sqlite3_stmt *s, struct columns *c, size_t i)
{
    bool damaged = false;
    c->id[i] = sqlite3_column_int64(s, 0);
    c->process[i] = sqlite3_column_int64(s, 1);
    c->region[i] = (uint32_t)file_bounded(s, 2, 0, UINT32_MAX, &damaged);
    c->table[i] = (uint32_t)file_bounded(s, 3, 0, UINT32_MAX, &damaged);
    c->kind[i] = (uint8_t)file_bounded(s, 4, 0, OP_KIND_COUNT - 1, &damaged);
    c->key[i] = file_integer(s, 5, OP_NIL);
    c->argument[i] = file_integer(s, 6, OP_NIL);
    c->expected[i] = file_integer(s, 7, OP_NIL);
    c->level[i] = (uint8_t)file_bounded(s, 8, 0, LEVEL_COUNT - 1, &damaged);
    c->request_id[i] = sqlite3_column_int64(s, 9);
    c->intended_at_ns[i] = sqlite3_column_int64(s, 10);
    c->invoked_at_ns[i] = sqlite3_column_int64(s, 11);
    c->outcome[i] = OUTCOME_UNKNOWN;
    c->returned_at_ns[i] = INT64_MAX;
    c->result[i] = OP_NIL;
    c->node[i] = -1;
    return !damaged;
}

/* Room for every operation that may come. Ids have no gaps, so that `row_of` stays
 * as small as the history. */
static enum err_code make_room(struct filling *f, int table)
{
    int64_t count, in_table;
    char sql[96];
    if (file_number(f->h, "SELECT count(*) FROM op", 0, &count, f->err) ||
        file_number(f->h, "SELECT max(id) FROM op", 0, &f->last_id, f->err))
        return f->err->code;
    if (f->last_id < count || count >= UINT32_MAX)
        return file_damaged(f->h, f->err, "%" PRId64 " operations, the last is number %" PRId64,
                            count, f->last_id);
    f->last_id = count;
    in_table = count;
    snprintf(sql, sizeof sql, "SELECT count(*) FROM op WHERE table_id = %d", table);
    if (table != HISTORY_ALL_TABLES && file_number(f->h, sql, 0, &in_table, f->err))
        return f->err->code;
    f->row_of = calloc((size_t)count + 1, sizeof *f->row_of);
    if (!f->row_of || !make_arrays(f->out, (size_t)in_table, f->arena))
        return file_no_memory(f->h, f->err);
    f->list_room = 0;
    f->out->count = (size_t)in_table;
    return ERR_OK;
}

static enum err_code read_ops(struct filling *f, int table)
{
    char sql[256];
    size_t room = f->out->count, used = 0;
    snprintf(sql, sizeof sql,
             "SELECT id, process, region, table_id, kind, key, argument, expected, level,"
             " request_id, intended_at_ns, invoked_at_ns, seq FROM op%s%d ORDER BY id",
             table == HISTORY_ALL_TABLES ? " WHERE 0 != " : " WHERE table_id = ", table);
    sqlite3_stmt *s;
    enum err_code code = file_prepare(f->h, sql, &s, f->err);
    while (used < room && file_step(f->h, s, &code, f->err)) {
        if (sqlite3_column_int64(s, 12) > f->h->seq)
            break; /* ids and rows count up together */
        int64_t id = sqlite3_column_int64(s, 0);
        if (id < 1 || id > f->last_id || !read_op(s, f->out, used))
            code = file_damaged(f->h, f->err, "operation %" PRId64 " makes no sense", id);
        else
            f->row_of[id] = (uint32_t)++used;
    }
    sqlite3_finalize(s);
    f->out->count = used;
    return code;
}

static enum err_code add_list(struct filling *f, size_t row, int64_t id)
{
    struct columns *c = f->out;
    if (c->list_count == f->list_room) {
        size_t room = f->list_room ? f->list_room * 2 : 64;
        struct int_list *more = arena_array(f->arena, room, sizeof *more);
        if (!more)
            return file_no_memory(f->h, f->err);
        for (size_t i = 0; i < c->list_count; i++)
            more[i] = c->lists[i];
        c->lists = more;
        f->list_room = room;
    }
    c->result[row] = (int64_t)c->list_count;
    c->is_list[row] = true;
    return file_list(f->h, f->lists, id, f->arena, &c->lists[c->list_count++], f->err);
}

static enum err_code read_ret(struct filling *f, sqlite3_stmt *s)
{
    struct columns *c = f->out;
    bool damaged = false;
    int64_t op = sqlite3_column_int64(s, 0);
    if (op < 1 || op > f->last_id)
        return file_damaged(f->h, f->err, "operation %" PRId64 " returned without invocation",
                            op);
    if (f->row_of[op] == 0)
        return ERR_OK; /* of another table */
    size_t i = f->row_of[op] - 1;
    c->outcome[i] = (uint8_t)file_bounded(s, 1, 0, OUTCOME_COUNT - 1, &damaged);
    c->returned_at_ns[i] = sqlite3_column_int64(s, 2);
    c->node[i] = file_node(s, 4, &damaged);
    c->error[i] = sqlite3_column_int64(s, 5);
    if (damaged)
        return file_damaged(f->h, f->err, "the return of operation %" PRId64 " makes no sense",
                            op);
    int64_t result = file_integer(s, 3, OP_NIL);
    if (value_kind_of(result) == VALUE_LIST)
        return add_list(f, i, result);
    c->result[i] = result;
    return ERR_OK;
}

static enum err_code read_rets(struct filling *f)
{
    sqlite3_stmt *s;
    enum err_code code = file_prepare(
        f->h,
        "SELECT op, outcome, returned_at_ns, result, node, error FROM ret WHERE seq <= ?1", &s,
        f->err);
    while (file_step(f->h, s, &code, f->err))
        code = read_ret(f, s);
    sqlite3_finalize(s);
    return code;
}

enum err_code history_columns(struct history *h, int table, struct arena *arena,
                              struct columns *out, struct err *err)
{
    struct columns filled = {.count = 0};
    struct filling f = {.h = h, .arena = arena, .out = &filled, .err = err};
    enum err_code code = file_prepare_lists(h, &f.lists, err);
    if (code == ERR_OK)
        code = make_room(&f, table);
    if (code == ERR_OK)
        code = read_ops(&f, table);
    if (code == ERR_OK)
        code = read_rets(&f);
    sqlite3_finalize(f.lists);
    free(f.row_of);
    if (code == ERR_OK)
        *out = filled;
    return code;
}
