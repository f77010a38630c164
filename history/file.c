/* What is where:
 *   statements   one way to ask
 *   rows         what struct source_ops wants of a source
 *   opening      is it a history of ours, and what was there */
#include "history/file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* --- statements --- */

enum err_code file_prepare(const struct file_history *f, const char *sql, sqlite3_stmt **out,
                           struct err *err)
{
    *out = NULL;
    if (sqlite3_prepare_v2(f->db, sql, -1, out, NULL) != SQLITE_OK)
        return schema_sql_error(f->db, f->base.name, err);
    if (sqlite3_bind_parameter_count(*out) > 0)
        sqlite3_bind_int64(*out, 1, f->base.seq);
    return ERR_OK;
}

bool file_step(const struct file_history *f, sqlite3_stmt *s, enum err_code *code,
               struct err *err)
{
    if (*code != ERR_OK)
        return false;
    int rc = sqlite3_step(s);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        *code = schema_sql_error(f->db, f->base.name, err);
    return rc == SQLITE_ROW;
}

enum err_code file_number(const struct file_history *f, const char *sql, int64_t otherwise,
                          int64_t *out, struct err *err)
{
    sqlite3_stmt *s;
    enum err_code code = file_prepare(f, sql, &s, err);
    *out = otherwise;
    if (file_step(f, s, &code, err) && sqlite3_column_type(s, 0) != SQLITE_NULL)
        *out = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return code;
}

/* --- rows --- */

static enum err_code count_rows(const struct history *h, const struct row_form *form,
                                size_t *count, struct err *err)
{
    char sql[128];
    int64_t n;
    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s WHERE seq <= ?1",
             schema_tables[form->table].name);
    enum err_code code = file_number(file_of(h), sql, 0, &n, err);
    *count = (size_t)n;
    return code;
}

static enum err_code begin(struct cursor *c, struct err *err)
{
    const struct row_form *form = c->form;
    char sql[320];
    size_t used = (size_t)snprintf(sql, sizeof sql, "SELECT seq");
    for (int i = 0; i < form->field_count; i++)
        used += (size_t)snprintf(sql + used, sizeof sql - used, ",%s", form->fields[i].column);
    snprintf(sql + used, sizeof sql - used, " FROM %s WHERE seq <= ?1 ORDER BY %s",
             schema_tables[form->table].name, form->table == TABLE_OP ? "id" : "seq");
    sqlite3_stmt *s;
    enum err_code code = file_prepare(file_of(c->history), sql, &s, err);
    c->statement = s;
    return code;
}

/* False without memory. */
static bool take_cell(sqlite3_stmt *s, int column, enum field_type type, struct cell *out)
{
    *out = (struct cell){.kind = CELL_NIL};
    if (sqlite3_column_type(s, column) == SQLITE_NULL)
        return true;
    switch (type) {
    case FIELD_REAL:
        out->kind = CELL_REAL;
        out->real = sqlite3_column_double(s, column);
        return true;
    case FIELD_TEXT:
        out->kind = CELL_TEXT;
        out->bytes.at = sqlite3_column_text(s, column);
        out->bytes.size = (size_t)sqlite3_column_bytes(s, column);
        return out->bytes.at != NULL;
    default:
        out->kind = CELL_INTEGER;
        out->integer = sqlite3_column_int64(s, column);
        return true;
    }
}

static bool next(struct cursor *c, enum err_code *code, struct err *err)
{
    sqlite3_stmt *s = c->statement;
    if (!file_step(file_of(c->history), s, code, err))
        return false;
    c->seq = sqlite3_column_int64(s, 0);
    bool taken = true;
    for (int i = 0; i < c->form->field_count && taken; i++)
        taken = take_cell(s, i + 1, c->form->fields[i].type, &c->cells[i]);
    if (!taken)
        *code = source_no_memory(c->history, err);
    return taken;
}

static void close_cursor(struct cursor *c)
{
    sqlite3_finalize(c->statement);
}

/* What the statement of the lists is at. */
static enum err_code decode(struct file_history *f, struct arena *arena, struct int_list *out,
                            struct err *err)
{
    const uint8_t *at = sqlite3_column_blob(f->lists, 0);
    struct bytes encoded = {at, (size_t)sqlite3_column_bytes(f->lists, 0)};
    int64_t count = list_count(encoded);
    if (count < 0)
        return source_damaged(&f->base, err, "a list that is none");
    int64_t *members = arena_array(arena, (size_t)count, sizeof *members);
    if (!members)
        return source_no_memory(&f->base, err);
    list_decode(encoded, members);
    *out = (struct int_list){.at = members, .count = (size_t)count};
    return ERR_OK;
}

enum err_code file_list(struct history *h, int64_t id, struct arena *arena,
                        struct int_list *out, struct err *err)
{
    struct file_history *f = file_of(h);
    if (!f->lists && file_prepare(f, "SELECT data FROM value WHERE id = ?", &f->lists, err))
        return err->code;
    enum err_code code = ERR_OK;
    sqlite3_bind_int64(f->lists, 1, id);
    if (file_step(f, f->lists, &code, err))
        code = decode(f, arena, out, err);
    else if (code == ERR_OK)
        code = source_damaged(h, err, "a list is missing");
    sqlite3_reset(f->lists); /* else the function that takes rows cannot be changed */
    return code;
}

/* Rows are in time order, so the last of each kind is enough. */
static enum err_code find_end(const struct history *h, int64_t *end_ns, struct err *err)
{
    static const char sql[] =
        "SELECT max(t) FROM ("
        " SELECT t FROM (SELECT invoked_at_ns t FROM op WHERE seq <= ?1 ORDER BY id DESC LIMIT "
        "1)"
        " UNION ALL SELECT t FROM"
        " (SELECT returned_at_ns t FROM ret WHERE seq <= ?1 ORDER BY seq DESC LIMIT 1)"
        " UNION ALL SELECT t FROM"
        " (SELECT at_ns t FROM fault WHERE seq <= ?1 ORDER BY seq DESC LIMIT 1)"
        " UNION ALL SELECT t FROM"
        " (SELECT at_ns t FROM event WHERE seq <= ?1 ORDER BY seq DESC LIMIT 1)"
        " UNION ALL SELECT t FROM"
        " (SELECT at_ns t FROM sample WHERE seq <= ?1 ORDER BY seq DESC LIMIT 1))";
    return file_number(file_of(h), sql, 0, end_ns, err);
}

static void file_free(struct history *h)
{
    struct file_history *f = file_of(h);
    sqlite3_finalize(f->lists);
    sqlite3_close(f->db);
    arena_done(&f->texts);
    free(f);
}

static const struct source_ops ops = {
    .count = count_rows,
    .begin = begin,
    .next = next,
    .close = close_cursor,
    .list = file_list,
    .columns = file_columns,
    .end = find_end,
    .free = file_free,
};

/* --- opening --- */

static char *database_path(const char *path)
{
    struct stat st;
    bool folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    char *out;
    return asprintf(&out, "%s%s", path, folder ? "/history.db" : "") < 0 ? NULL : out;
}

static enum err_code connect_to(struct file_history *f, struct err *err)
{
    /* Never immutable=1: it would skip what a killed writer left beside the file. */
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(f->base.name, &f->db, flags, NULL) != SQLITE_OK)
        return schema_sql_error(f->db, f->base.name, err);
    sqlite3_busy_timeout(f->db, 1000); /* the instant in which a writer closes */
    return schema_exec(f->db, f->base.name, "PRAGMA trusted_schema=OFF;", err);
}

static enum err_code open_database(struct file_history *f, struct err *err)
{
    struct stat st;
    if (stat(f->base.name, &st) != 0)
        return err_set(err, errno == ENOENT ? ERR_NOTFOUND : ERR_IO, "%s: %s", f->base.name,
                       strerror(errno));
    f->device = st.st_dev;
    f->inode = st.st_ino;
    return connect_to(f, err);
}

bool file_open_again(const struct file_history *f, struct file_history *out)
{
    struct stat st;
    struct err unused;
    *out = *f;
    out->db = NULL;
    out->lists = NULL;
    if (connect_to(out, &unused) == ERR_OK && stat(f->base.name, &st) == 0 &&
        st.st_dev == f->device && st.st_ino == f->inode)
        return true;
    file_close_again(out);
    return false;
}

void file_close_again(struct file_history *f)
{
    sqlite3_finalize(f->lists);
    sqlite3_close(f->db);
}

static enum err_code check_form(const struct file_history *f, struct err *err)
{
    const char *name = f->base.name;
    int64_t application, version;
    if (file_number(f, "PRAGMA application_id", 0, &application, err))
        return sqlite3_errcode(f->db) == SQLITE_NOTADB
                   ? err_set(err, ERR_DAMAGED, "%s: no history: not a SQLite file", name)
                   : err->code;
    if (application != SCHEMA_APPLICATION_ID)
        return err_set(err, ERR_INVALID, "%s: no history: a SQLite file of something else",
                       name);
    if (file_number(f, "PRAGMA user_version", 0, &version, err))
        return err->code;
    if (version != SCHEMA_VERSION)
        return err_set(err, ERR_UNSUPPORTED,
                       "%s: a history of version %" PRId64 "; this program reads version %d",
                       name, version, SCHEMA_VERSION);
    return ERR_OK;
}

/* Rows are committed in their order, so the highest number is their count. */
static enum err_code find_row_count(struct file_history *f, struct err *err)
{
    static const char sql[] =
        "SELECT max(seq) FROM ("
        " SELECT seq FROM (SELECT seq FROM op ORDER BY id DESC LIMIT 1)"
        " UNION ALL SELECT max(seq) FROM meta UNION ALL SELECT max(seq) FROM region"
        " UNION ALL SELECT max(seq) FROM node UNION ALL SELECT max(seq) FROM table_name"
        " UNION ALL SELECT max(seq) FROM promise UNION ALL SELECT max(seq) FROM ret"
        " UNION ALL SELECT max(seq) FROM attempt UNION ALL SELECT max(seq) FROM micro"
        " UNION ALL SELECT max(seq) FROM fault UNION ALL SELECT max(seq) FROM event"
        " UNION ALL SELECT max(seq) FROM sample)";
    enum err_code code = file_number(f, sql, 0, &f->base.row_count, err);
    f->base.seq = f->base.row_count;
    return code;
}

/* Names are numbered in their order; who reads them in order need not look at that. */
static enum err_code check_names(const struct file_history *f, struct err *err)
{
    static const char sql[] =
        "SELECT count(*) FROM ("
        " SELECT id, row_number() OVER (ORDER BY seq) n FROM region"
        " UNION ALL SELECT id, row_number() OVER (ORDER BY seq) FROM node"
        " UNION ALL SELECT id, row_number() OVER (ORDER BY seq) FROM table_name)"
        " WHERE id IS NOT n - 1";
    int64_t wrong;
    if (file_number(f, sql, 0, &wrong, err))
        return err->code;
    return wrong == 0 ? ERR_OK : source_damaged(&f->base, err, "names out of order");
}

static enum err_code read_value(struct file_history *f, sqlite3_stmt *s,
                                struct known_value *out, struct err *err)
{
    *out = (struct known_value){.id = sqlite3_column_int64(s, 0)};
    if (value_kind_of(out->id) == VALUE_INTEGER) {
        out->integer = sqlite3_column_int64(s, 1);
        return ERR_OK;
    }
    const char *text = (const char *)sqlite3_column_text(s, 1);
    out->text = text ? arena_copy_text(&f->texts, text) : "";
    return out->text ? ERR_OK : source_no_memory(&f->base, err);
}

static enum err_code load_values(struct file_history *f, struct err *err)
{
    int64_t count;
    if (file_number(f, "SELECT count(*) FROM value WHERE (id & 3) != 2", 0, &count, err))
        return err->code;
    struct known_value *values = arena_array(&f->texts, (size_t)count, sizeof *values);
    if (!values)
        return source_no_memory(&f->base, err);
    f->base.values = values;
    sqlite3_stmt *s;
    enum err_code code =
        file_prepare(f, "SELECT id, data FROM value WHERE (id & 3) != 2 ORDER BY id", &s, err);
    /* A live writer may have added some since they were counted; no row seen here
     * needs those. */
    while (f->base.value_count < (size_t)count && file_step(f, s, &code, err))
        code = read_value(f, s, &values[f->base.value_count++], err);
    sqlite3_finalize(s);
    return code;
}

static enum err_code open_history(struct file_history *f, const char *path, struct err *err)
{
    f->base.source = &ops;
    f->base.name = database_path(path);
    if (!f->base.name)
        return err_set(err, ERR_NOMEM, "%s: out of memory", path);
    if (open_database(f, err) || check_form(f, err) || find_row_count(f, err) ||
        check_names(f, err) || load_values(f, err))
        return err->code;
    return source_load_facts(&f->base, err);
}

enum err_code history_open(const char *path, struct history **out, struct err *err)
{
    struct file_history *f = calloc(1, sizeof *f);
    if (!f)
        return err_set(err, ERR_NOMEM, "%s: out of memory", path);
    if (open_history(f, path, err)) {
        history_free(&f->base);
        return err->code;
    }
    *out = &f->base;
    return ERR_OK;
}
