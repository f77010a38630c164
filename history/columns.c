/* Operations and their returns, out of the file and into arrays.
 *
 * The rows are taken by SQL functions of our own instead of being stepped through:
 * a million of them come a third faster when SQLite need not stop after each. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "history/file.h"

/* While columns are filled. */
struct filling {
    const struct history *h;
    struct arena *arena;
    struct columns *out;
    size_t room;      /* for operations */
    int64_t last_id;  /* ids are 1 to this */
    uint32_t *row_of; /* id -> index + 1, or 0: of another table */
    size_t list_room;
    sqlite3_stmt *lists;
    enum err_code code;
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

/* NULL stands for `otherwise`. */
static int64_t integer_or(sqlite3_value *value, int64_t otherwise)
{
    /* Only a zero may be a NULL: one call less for nearly every value. */
    int64_t integer = sqlite3_value_int64(value);
    if (integer == 0 && sqlite3_value_type(value) == SQLITE_NULL)
        return otherwise;
    return integer;
}

static int64_t within(sqlite3_value *value, int64_t min, int64_t max, bool *damaged)
{
    int64_t integer = integer_or(value, -1);
    *damaged = *damaged || integer < min || integer > max;
    return integer;
}

#define OP_COLUMNS                                                                             \
    "id, process, region, table_id, kind, key, argument, expected, level, request_id,"         \
    " intended_at_ns, invoked_at_ns"

/* The values of OP_COLUMNS become entry `i`, not returned yet. */
static bool read_op(sqlite3_value **v, struct columns *c, size_t i)
{
    bool damaged = false;
    c->id[i] = sqlite3_value_int64(v[0]);
    c->process[i] = sqlite3_value_int64(v[1]);
    c->region[i] = (uint32_t)within(v[2], 0, UINT32_MAX, &damaged);
    c->table[i] = (uint32_t)within(v[3], 0, UINT32_MAX, &damaged);
    c->kind[i] = (uint8_t)within(v[4], 0, OP_KIND_COUNT - 1, &damaged);
    c->key[i] = integer_or(v[5], OP_NIL);
    c->argument[i] = integer_or(v[6], OP_NIL);
    c->expected[i] = integer_or(v[7], OP_NIL);
    c->level[i] = (uint8_t)within(v[8], 0, LEVEL_COUNT - 1, &damaged);
    c->request_id[i] = sqlite3_value_int64(v[9]);
    c->intended_at_ns[i] = sqlite3_value_int64(v[10]);
    c->invoked_at_ns[i] = sqlite3_value_int64(v[11]);
    c->outcome[i] = OUTCOME_UNKNOWN;
    c->returned_at_ns[i] = INT64_MAX;
    c->result[i] = OP_NIL;
    c->node[i] = -1;
    return !damaged;
}

static void take_op(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    struct filling *f = sqlite3_user_data(context);
    struct columns *c = f->out;
    int64_t id = sqlite3_value_int64(values[0]);
    bool next = id >= 1 && id <= f->last_id && c->count < f->room &&
                (c->count == 0 || c->id[c->count - 1] < id);
    if (next && read_op(values, c, c->count)) {
        f->row_of[id] = (uint32_t)++c->count;
        return;
    }
    f->code = file_damaged(f->h, f->err, "operation %" PRId64 " makes no sense", id);
    sqlite3_result_error(context, "", 0); /* ends the scan */
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

#define RET_COLUMNS "op, outcome, returned_at_ns, result, node, error"

/* The values of RET_COLUMNS become the return of entry `i`. */
static enum err_code read_ret(struct filling *f, sqlite3_value **v, size_t i)
{
    struct columns *c = f->out;
    bool damaged = c->returned_at_ns[i] != INT64_MAX; /* twice */
    int64_t node = integer_or(v[4], -1), result = integer_or(v[3], OP_NIL);
    c->outcome[i] = (uint8_t)within(v[1], 0, OUTCOME_COUNT - 1, &damaged);
    c->returned_at_ns[i] = sqlite3_value_int64(v[2]);
    c->error[i] = sqlite3_value_int64(v[5]);
    if (damaged || node < -1 || node > INT32_MAX)
        return file_damaged(f->h, f->err, "the return of operation %" PRId64 " makes no sense",
                            c->id[i]);
    c->node[i] = (int32_t)node;
    if (value_kind_of(result) == VALUE_LIST)
        return add_list(f, i, result);
    c->result[i] = result;
    return ERR_OK;
}

static void take_ret(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    struct filling *f = sqlite3_user_data(context);
    int64_t op = sqlite3_value_int64(values[0]);
    if (op < 1 || op > f->last_id)
        f->code =
            file_damaged(f->h, f->err, "operation %" PRId64 " returned without invocation", op);
    else if (f->row_of[op] != 0)
        f->code = read_ret(f, values, f->row_of[op] - 1);
    if (f->code != ERR_OK)
        sqlite3_result_error(context, "", 0);
}

static void took_all(sqlite3_context *context)
{
    (void)context;
}

typedef void (*take_row)(sqlite3_context *context, int count, sqlite3_value **values);

/* Run `sql`, in which take() is `take`. */
static enum err_code take_rows(struct filling *f, const char *sql, take_row take)
{
    const struct history *h = f->h;
    if (sqlite3_create_function(h->db, "take", -1, SQLITE_UTF8, f, NULL, take, took_all) !=
        SQLITE_OK)
        return schema_sql_error(h->db, h->path, f->err);
    sqlite3_stmt *s;
    f->code = file_prepare(h, sql, &s, f->err);
    struct err sql_err;
    enum err_code code = f->code;
    while (file_step(h, s, &code, &sql_err))
        ;
    sqlite3_finalize(s);
    if (f->code != ERR_OK || code == ERR_OK)
        return f->code;
    *f->err = sql_err; /* SQLite's own, and not what a taker found */
    return code;
}

static enum err_code count_ops(struct filling *f, int table, size_t *room)
{
    char sql[64];
    int64_t count, last;
    if (file_number(f->h, "SELECT count(*) FROM op", 0, &count, f->err) ||
        file_number(f->h, "SELECT max(id) FROM op", 0, &last, f->err))
        return f->err->code;
    /* Ids have no gaps, so that row_of is as small as the history. A live writer may
     * have added some in between. */
    if (last < count || count >= UINT32_MAX)
        return file_damaged(f->h, f->err,
                            "%" PRId64 " operations, but the last has number %" PRId64
                            "; they are numbered from 1 without gaps",
                            count, last);
    f->last_id = count;
    if (table != HISTORY_ALL_TABLES && history_table_count(f->h) != 1) {
        snprintf(sql, sizeof sql, "SELECT count(*) FROM op WHERE table_id = %d", table);
        if (file_number(f->h, sql, 0, &count, f->err))
            return f->err->code;
    }
    *room = (size_t)count;
    return ERR_OK;
}

static enum err_code fill(struct filling *f, int table)
{
    char sql[256], only[40] = "";
    if (file_prepare_lists(f->h, &f->lists, f->err) || count_ops(f, table, &f->room))
        return f->err->code;
    f->row_of = calloc((size_t)f->last_id + 1, sizeof *f->row_of);
    if (!f->row_of || !make_arrays(f->out, f->room, f->arena))
        return file_no_memory(f->h, f->err);
    if (table != HISTORY_ALL_TABLES)
        snprintf(only, sizeof only, " AND table_id = %d", table);
    snprintf(sql, sizeof sql, "SELECT take(" OP_COLUMNS ") FROM op WHERE seq <= ?1%s", only);
    if (take_rows(f, sql, take_op))
        return f->err->code;
    return take_rows(f, "SELECT take(" RET_COLUMNS ") FROM ret WHERE seq <= ?1", take_ret);
}

enum err_code history_columns(struct history *h, int table, struct arena *arena,
                              struct columns *out, struct err *err)
{
    struct columns filled = {.count = 0};
    struct filling f = {.h = h, .arena = arena, .out = &filled, .err = err};
    enum err_code code = fill(&f, table);
    sqlite3_finalize(f.lists);
    free(f.row_of);
    if (code == ERR_OK)
        *out = filled;
    return code;
}
