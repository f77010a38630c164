/* Contents: one row · values · telling · opening */
#include "history/tail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "history/schema.h"

struct history_tail {
    char *path;
    sqlite3 *db;
    sqlite3_stmt *ops, *rets, *value, *ended;
    int64_t last_op, last_ret; /* id of the last operation, seq of the last return */
    struct history *so_far;
    int64_t *members; /* of the list at hand */
    size_t member_room;
    char error[64]; /* the text of the error at hand */
    int64_t error_id;
};

static const char ops_sql[] =
    "SELECT seq, id, process, session, region, table_id, kind, key, argument, expected, level,"
    " request_id, intended_at_ns, invoked_at_ns FROM op WHERE id > ?1 ORDER BY id";
static const char rets_sql[] =
    "SELECT seq, op, outcome, returned_at_ns, result, level, version, node, error FROM ret"
    " WHERE seq > ?1 ORDER BY seq";

static enum err_code damaged(const struct history_tail *t, struct err *err)
{
    return err_set(err, ERR_DAMAGED, "%s: a row that makes no sense", t->path);
}

/* --- one row --- */

static int64_t integer(sqlite3_stmt *s, int column, int64_t otherwise)
{
    return sqlite3_column_type(s, column) == SQLITE_NULL ? otherwise
                                                         : sqlite3_column_int64(s, column);
}

static bool read_op(sqlite3_stmt *s, struct op_row *out)
{
    *out = (struct op_row){
        .process = integer(s, 2, 0),
        .session = integer(s, 3, 0),
        .region = (uint32_t)integer(s, 4, 0),
        .operation = {.kind = (enum op_kind)integer(s, 6, 0),
                      .table = (uint32_t)integer(s, 5, 0),
                      .key = integer(s, 7, OP_NIL),
                      .argument = integer(s, 8, OP_NIL),
                      .expected = integer(s, 9, OP_NIL),
                      .level = (enum op_level)integer(s, 10, 0),
                      .request_id = (uint64_t)integer(s, 11, 0)},
        .intended_at_ns = integer(s, 12, 0),
        .invoked_at_ns = integer(s, 13, 0),
    };
    return op_kind_name((int)integer(s, 6, -1)) && op_level_name((int)integer(s, 10, -1)) &&
           out->operation.table < 1 << 16;
}

/* --- values --- */

/* t->value stands on what is behind `id`. */
static bool find_value(struct history_tail *t, int64_t id)
{
    sqlite3_reset(t->value);
    sqlite3_bind_int64(t->value, 1, id);
    return sqlite3_step(t->value) == SQLITE_ROW;
}

static bool read_list(struct history_tail *t, int64_t id, struct answer *a)
{
    if (!find_value(t, id))
        return false;
    const uint8_t *at = sqlite3_column_blob(t->value, 0);
    struct bytes encoded = {at, (size_t)sqlite3_column_bytes(t->value, 0)};
    int64_t count = list_count(encoded);
    if (count < 0)
        return false;
    if ((size_t)count > t->member_room) {
        int64_t *members = realloc(t->members, (size_t)count * sizeof *members);
        if (!members)
            return false;
        t->members = members;
        t->member_room = (size_t)count;
    }
    list_decode(encoded, t->members);
    a->is_list = true;
    a->members = t->members;
    a->member_count = (size_t)count;
    a->result = OP_NIL;
    return true;
}

/* Few errors differ, so the latest is remembered. */
static const char *error_text(struct history_tail *t, int64_t id)
{
    if (id == t->error_id)
        return t->error;
    const char *text = find_value(t, id) ? (const char *)sqlite3_column_text(t->value, 0) : "";
    snprintf(t->error, sizeof t->error, "%s", text ? text : "");
    t->error_id = id;
    return t->error;
}

static bool read_ret(struct history_tail *t, struct answer *out)
{
    sqlite3_stmt *s = t->rets;
    int64_t error = integer(s, 8, 0), result = integer(s, 4, OP_NIL);
    *out = (struct answer){.outcome = (enum op_outcome)integer(s, 2, 0),
                           .result = result,
                           .level = (enum op_level)integer(s, 5, 0),
                           .version = integer(s, 6, OP_NIL),
                           .node = (int)integer(s, 7, -1),
                           .error = error ? error_text(t, error) : NULL};
    if (!op_outcome_name((int)integer(s, 2, -1)))
        return false;
    return value_kind_of(result) != VALUE_LIST || read_list(t, result, out);
}

/* --- telling --- */

static enum err_code tell_op(struct history_tail *t, const struct ear *ear, struct err *err)
{
    struct op_row row;
    if (!read_op(t->ops, &row))
        return damaged(t, err);
    t->last_op = sqlite3_column_int64(t->ops, 1);
    if (ear->moment(ear->user, row.invoked_at_ns, err))
        return err->code;
    return ear->op(ear->user, t->last_op, &row, err);
}

static enum err_code tell_ret(struct history_tail *t, const struct ear *ear, struct err *err)
{
    struct answer answer;
    if (!read_ret(t, &answer))
        return damaged(t, err);
    t->last_ret = sqlite3_column_int64(t->rets, 0);
    int64_t op = sqlite3_column_int64(t->rets, 1), at_ns = sqlite3_column_int64(t->rets, 3);
    if (ear->moment(ear->user, at_ns, err))
        return err->code;
    return ear->ret(ear->user, op, at_ns, &answer, err);
}

/* Both kinds of rows, in the order of their numbers. */
static enum err_code tell_rows(struct history_tail *t, const struct ear *ear, size_t *count,
                               struct err *err)
{
    int op = sqlite3_step(t->ops), ret = sqlite3_step(t->rets);
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (op == SQLITE_ROW || ret == SQLITE_ROW)) {
        bool op_first = op == SQLITE_ROW &&
                        (ret != SQLITE_ROW ||
                         sqlite3_column_int64(t->ops, 0) < sqlite3_column_int64(t->rets, 0));
        code = op_first ? tell_op(t, ear, err) : tell_ret(t, ear, err);
        *(op_first ? &op : &ret) = sqlite3_step(op_first ? t->ops : t->rets);
        ++*count;
    }
    bool failed = op != SQLITE_DONE || ret != SQLITE_DONE;
    return code == ERR_OK && failed ? schema_sql_error(t->db, t->path, err) : code;
}

enum err_code history_tail_more(struct history_tail *t, const struct ear *ear, size_t *count,
                                bool *ended, struct err *err)
{
    *count = 0;
    sqlite3_bind_int64(t->ops, 1, t->last_op);
    sqlite3_bind_int64(t->rets, 1, t->last_ret);
    /* One state of the file for all: rows are committed in their order. */
    if (schema_exec(t->db, t->path, "BEGIN", err))
        return err->code;
    *ended = sqlite3_step(t->ended) == SQLITE_ROW;
    enum err_code code = tell_rows(t, ear, count, err);
    sqlite3_stmt *all[] = {t->ops, t->rets, t->value, t->ended};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        sqlite3_reset(all[i]);
    struct err end = {0};
    if (schema_exec(t->db, t->path, "COMMIT", &end) && code == ERR_OK)
        *err = end;
    return code != ERR_OK ? code : end.code;
}

struct history *history_tail_so_far(struct history_tail *t, struct err *err)
{
    history_free(t->so_far);
    t->so_far = NULL;
    return history_open(t->path, &t->so_far, err) ? NULL : t->so_far;
}

/* --- opening --- */

static bool prepare(struct history_tail *t)
{
    const struct {
        const char *sql;
        sqlite3_stmt **out;
    } all[] = {{ops_sql, &t->ops},
               {rets_sql, &t->rets},
               {"SELECT data FROM value WHERE id = ?1", &t->value},
               {"SELECT 1 FROM meta WHERE name = 'ended'", &t->ended}};
    bool good = true;
    for (size_t i = 0; i < ARRAY_LEN(all) && good; i++)
        good = sqlite3_prepare_v2(t->db, all[i].sql, -1, all[i].out, NULL) == SQLITE_OK;
    return good;
}

static enum err_code connect_to(struct history_tail *t, struct err *err)
{
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(t->path, &t->db, flags, NULL) != SQLITE_OK)
        return schema_sql_error(t->db, t->path, err);
    sqlite3_busy_timeout(t->db, 1000); /* the instant in which a writer closes */
    if (!history_tail_so_far(t, err))  /* is it one of ours? */
        return err->code;
    return prepare(t) ? ERR_OK : schema_sql_error(t->db, t->path, err);
}

enum err_code history_tail_open(const char *path, struct history_tail **out, struct err *err)
{
    struct stat st;
    struct history_tail *t = calloc(1, sizeof *t);
    bool is_folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    if (!t || asprintf(&t->path, "%s%s", path, is_folder ? "/history.db" : "") < 0) {
        free(t);
        return err_set(err, ERR_NOMEM, "%s: out of memory", path);
    }
    if (connect_to(t, err)) {
        history_tail_free(t);
        return err->code;
    }
    *out = t;
    return ERR_OK;
}

void history_tail_free(struct history_tail *t)
{
    if (!t)
        return;
    sqlite3_finalize(t->ops);
    sqlite3_finalize(t->rets);
    sqlite3_finalize(t->value);
    sqlite3_finalize(t->ended);
    sqlite3_close(t->db);
    history_free(t->so_far);
    free(t->members);
    free(t->path);
    free(t);
}
