/* Operations and their returns, out of the file and into arrays.
 *
 * The rows are taken by SQL functions of our own instead of being stepped through: a
 * million of them come a third faster when SQLite need not stop after each. Where there
 * are many, the returns are taken over a connection of their own, on another thread. */
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

#include "history/file.h"

enum { MANY_OPERATIONS = 20000 };

/* One of the two tables on its way into columns. The two fill different arrays. */
struct taking {
    struct file_history *file;
    struct arena *arena; /* of lists */
    struct columns *out;
    size_t room; /* for operations, which are numbered from 1 */
    size_t list_room;
    enum err_code code;
    struct err err;
};

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

/* The values of OP_COLUMNS become entry `i`. */
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
    return !damaged;
}

static void take_op(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    struct taking *t = sqlite3_user_data(context);
    struct columns *c = t->out;
    int64_t id = sqlite3_value_int64(values[0]);
    if (c->count < t->room && id == (int64_t)c->count + 1 && read_op(values, c, c->count)) {
        c->count++;
        return;
    }
    t->code =
        source_damaged(&t->file->base, &t->err, "operation %" PRId64 " makes no sense", id);
    sqlite3_result_error(context, "", 0); /* ends the scan */
}

static enum err_code add_list(struct taking *t, size_t row, int64_t id)
{
    struct columns *c = t->out;
    if (c->list_count == t->list_room) {
        size_t room = t->list_room ? t->list_room * 2 : 64;
        struct int_list *more = arena_array(t->arena, room, sizeof *more);
        if (!more)
            return source_no_memory(&t->file->base, &t->err);
        for (size_t i = 0; i < c->list_count; i++)
            more[i] = c->lists[i];
        c->lists = more;
        t->list_room = room;
    }
    c->result[row] = (int64_t)c->list_count;
    c->is_list[row] = true;
    return file_list(&t->file->base, id, t->arena, &c->lists[c->list_count++], &t->err);
}

#define RET_COLUMNS "op, outcome, returned_at_ns, result, node, error"

/* The values of RET_COLUMNS become the return of entry `i`. */
static enum err_code read_ret(struct taking *t, sqlite3_value **v, size_t i)
{
    struct columns *c = t->out;
    bool damaged = c->returned_at_ns[i] != INT64_MAX; /* twice */
    int64_t node = integer_or(v[4], -1), result = integer_or(v[3], OP_NIL);
    c->outcome[i] = (uint8_t)within(v[1], 0, OUTCOME_COUNT - 1, &damaged);
    c->returned_at_ns[i] = sqlite3_value_int64(v[2]);
    c->error[i] = sqlite3_value_int64(v[5]);
    if (damaged || node < -1 || node > INT32_MAX)
        return source_damaged(&t->file->base, &t->err,
                              "the return of operation %zu makes no sense", i + 1);
    c->node[i] = (int32_t)node;
    if (value_kind_of(result) == VALUE_LIST)
        return add_list(t, i, result);
    c->result[i] = result;
    return ERR_OK;
}

static void take_ret(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    struct taking *t = sqlite3_user_data(context);
    int64_t op = sqlite3_value_int64(values[0]);
    if (op >= 1 && (uint64_t)op <= t->room)
        t->code = read_ret(t, values, (size_t)op - 1);
    else
        t->code = source_damaged(&t->file->base, &t->err,
                                 "operation %" PRId64 " returned without invocation", op);
    if (t->code != ERR_OK)
        sqlite3_result_error(context, "", 0);
}

static void took_all(sqlite3_context *context)
{
    (void)context;
}

typedef void (*take_row)(sqlite3_context *context, int count, sqlite3_value **values);

/* Run `sql`, in which take() is `take`. */
static void take_rows(struct taking *t, const char *sql, take_row take)
{
    const struct file_history *f = t->file;
    sqlite3_stmt *s;
    if (sqlite3_create_function(f->db, "take", -1, SQLITE_UTF8, t, NULL, take, took_all) !=
        SQLITE_OK) {
        t->code = schema_sql_error(f->db, f->base.name, &t->err);
        return;
    }
    t->code = file_prepare(f, sql, &s, &t->err);
    struct err sql_err;
    enum err_code code = t->code;
    while (file_step(f, s, &code, &sql_err))
        ;
    sqlite3_finalize(s);
    if (t->code != ERR_OK || code == ERR_OK)
        return;
    t->err = sql_err; /* SQLite's own, and not what a taker found */
    t->code = code;
}

static void take_ops(struct taking *t)
{
    take_rows(t, "SELECT take(" OP_COLUMNS ") FROM op WHERE seq <= ?1", take_op);
}

static void take_rets(struct taking *t)
{
    struct columns *c = t->out;
    for (size_t i = 0; i < t->room; i++) {
        c->outcome[i] = OUTCOME_UNKNOWN;
        c->returned_at_ns[i] = INT64_MAX;
        c->result[i] = OP_NIL;
        c->node[i] = -1;
    }
    take_rows(t, "SELECT take(" RET_COLUMNS ") FROM ret WHERE seq <= ?1", take_ret);
}

static void *run_rets(void *user)
{
    take_rets(user);
    return NULL;
}

/* Both at once; false when this cannot be had, and nothing was done. A live writer's
 * rows that only one of the two sees are behind those that this history sees. */
static bool take_both(struct taking *ops, struct taking *rets)
{
    struct file_history *f = ops->file, again;
    pthread_t thread;
    if (ops->room < MANY_OPERATIONS || !file_open_again(f, &again))
        return false;
    rets->file = &again;
    bool started = pthread_create(&thread, NULL, run_rets, rets) == 0;
    if (started) {
        take_ops(ops);
        pthread_join(thread, NULL);
    }
    file_close_again(&again);
    rets->file = f;
    return started;
}

static enum err_code count_ops(struct file_history *f, size_t *room, struct err *err)
{
    int64_t count, last;
    if (file_number(f, "SELECT count(*) FROM op", 0, &count, err) ||
        file_number(f, "SELECT max(id) FROM op", 0, &last, err))
        return err->code;
    /* Ids have no gaps, so that they are indexes. A live writer may have added some in
     * between. */
    if (count > HISTORY_OPS_MAX)
        return err_set(err, ERR_LIMIT, "%s: %" PRId64 " operations; at most %u are read",
                       f->base.name, count, HISTORY_OPS_MAX);
    if (last < count)
        return source_damaged(&f->base, err,
                              "%" PRId64 " operations, but the last has number %" PRId64
                              "; they are numbered from 1 without gaps",
                              count, last);
    *room = (size_t)count;
    return ERR_OK;
}

enum err_code file_columns(struct history *h, struct arena *arena, struct columns *out,
                           struct err *err)
{
    struct columns taken = {.count = 0};
    struct taking ops = {.file = file_of(h), .arena = arena, .out = &taken};
    if (count_ops(ops.file, &ops.room, err))
        return err->code;
    if (!source_make_columns(&taken, ops.room, arena))
        return source_no_memory(h, err);
    struct taking rets = ops;
    if (!take_both(&ops, &rets)) {
        take_ops(&ops);
        take_rets(&rets);
    }
    enum err_code code = ops.code ? ops.code : rets.code;
    if (code == ERR_OK)
        *out = taken;
    else
        *err = ops.code ? ops.err : rets.err;
    return code;
}
