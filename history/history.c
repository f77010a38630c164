/* What is where:
 *   opening      is it a history of ours, and what was there
 *   facts        names, promises and metas, read again at each cut
 *   lists        faults, events, attempts, samples, parts of transactions */
#include "history/history.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "history/file.h"

/* --- opening --- */

static char *database_path(const char *path)
{
    struct stat st;
    bool folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    char *out;
    return asprintf(&out, "%s%s", path, folder ? "/history.db" : "") < 0 ? NULL : out;
}

static enum err_code open_database(struct history *h, struct err *err)
{
    struct stat st;
    if (stat(h->path, &st) != 0)
        return err_set(err, errno == ENOENT ? ERR_NOTFOUND : ERR_IO, "%s: %s", h->path,
                       strerror(errno));
    /* Never immutable=1: it would skip what a killed writer left beside the file. */
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(h->path, &h->db, flags, NULL) != SQLITE_OK)
        return schema_sql_error(h->db, h->path, err);
    sqlite3_busy_timeout(h->db, 1000); /* the instant in which a writer closes */
    return schema_exec(h->db, h->path,
                       "PRAGMA trusted_schema=OFF; PRAGMA mmap_size=2147483648;", err);
}

static enum err_code check_form(const struct history *h, struct err *err)
{
    int64_t application, version;
    if (file_number(h, "PRAGMA application_id", 0, &application, err))
        return sqlite3_errcode(h->db) == SQLITE_NOTADB
                   ? err_set(err, ERR_DAMAGED, "%s: no history: not a SQLite file", h->path)
                   : err->code;
    if (application != SCHEMA_APPLICATION_ID)
        return err_set(err, ERR_INVALID, "%s: no history: a SQLite file of something else",
                       h->path);
    if (file_number(h, "PRAGMA user_version", 0, &version, err))
        return err->code;
    if (version != SCHEMA_VERSION)
        return err_set(err, ERR_UNSUPPORTED,
                       "%s: a history of version %" PRId64 "; this program reads version %d",
                       h->path, version, SCHEMA_VERSION);
    return ERR_OK;
}

/* Rows are committed in their order, so the highest number is their count. */
static enum err_code count_rows(struct history *h, struct err *err)
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
    enum err_code code = file_number(h, sql, 0, &h->seq_at_open, err);
    h->seq = h->seq_at_open;
    return code;
}

static enum err_code read_value(struct history *h, sqlite3_stmt *s, struct file_value *out,
                                struct err *err)
{
    *out = (struct file_value){.id = sqlite3_column_int64(s, 0)};
    if (value_kind_of(out->id) == VALUE_INTEGER) {
        out->integer = sqlite3_column_int64(s, 1);
        return ERR_OK;
    }
    const char *text = (const char *)sqlite3_column_text(s, 1);
    out->text = text ? arena_copy_text(&h->texts, text) : "";
    return out->text ? ERR_OK : file_no_memory(h, err);
}

static enum err_code load_values(struct history *h, struct err *err)
{
    int64_t count;
    if (file_number(h, "SELECT count(*) FROM value WHERE (id & 3) != 2", 0, &count, err))
        return err->code;
    h->values = arena_array(&h->texts, (size_t)count, sizeof *h->values);
    if (!h->values)
        return file_no_memory(h, err);
    sqlite3_stmt *s;
    enum err_code code =
        file_prepare(h, "SELECT id, data FROM value WHERE (id & 3) != 2 ORDER BY id", &s, err);
    /* A live writer may have added some since they were counted; no row seen here
     * needs those. */
    while (h->value_count < (size_t)count && file_step(h, s, &code, err))
        code = read_value(h, s, &h->values[h->value_count++], err);
    sqlite3_finalize(s);
    return code;
}

/* --- facts --- */

/* How many rows of a table are seen. */
static enum err_code count_of(const struct history *h, const char *table, size_t *count,
                              struct err *err)
{
    char sql[128];
    int64_t n;
    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s WHERE seq <= ?1", table);
    enum err_code code = file_number(h, sql, 0, &n, err);
    *count = (size_t)n;
    return code;
}

/* The rows of a table, about to be read. */
struct listing {
    sqlite3_stmt *s;
    void *rows; /* room for all of them */
    size_t count;
};

/* What is listed: some columns of a table, each row into `size` bytes. */
struct listed {
    const char *table, *columns;
    size_t size;
};

/* The caller finalizes its statement, also on failure. */
static enum err_code begin_list(const struct history *h, struct listed what,
                                struct arena *arena, struct listing *out, struct err *err)
{
    char sql[256];
    *out = (struct listing){0};
    if (count_of(h, what.table, &out->count, err))
        return err->code;
    out->rows = arena_array(arena, out->count, what.size);
    if (!out->rows)
        return file_no_memory(h, err);
    snprintf(sql, sizeof sql, "SELECT %s FROM %s WHERE seq <= ?1 ORDER BY seq", what.columns,
             what.table);
    return file_prepare(h, sql, &out->s, err);
}

static enum err_code copy_text(struct history *h, sqlite3_stmt *s, int column, const char **out,
                               struct err *err)
{
    const char *text = (const char *)sqlite3_column_text(s, column);
    *out = text ? arena_copy_text(&h->facts, text) : NULL;
    return text && !*out ? file_no_memory(h, err) : ERR_OK;
}

static enum err_code read_name(struct history *h, sqlite3_stmt *s, struct file_names *names,
                               struct err *err)
{
    bool damaged = false;
    file_bounded(s, 0, names->count, names->count, &damaged);
    struct file_name *n = &names->items[names->count++];
    n->region = (uint32_t)file_bounded(s, 2, 0, UINT32_MAX, &damaged);
    if (damaged)
        return file_damaged(h, err, "names out of order");
    return copy_text(h, s, 1, &n->name, err);
}

static enum err_code load_names(struct history *h, const char *table, const char *columns,
                                struct file_names *names, struct err *err)
{
    struct listing l;
    struct listed what = {table, columns, sizeof *names->items};
    enum err_code code = begin_list(h, what, &h->facts, &l, err);
    *names = (struct file_names){.items = l.rows};
    while (code == ERR_OK && names->count < l.count && file_step(h, l.s, &code, err))
        code = read_name(h, l.s, names, err);
    sqlite3_finalize(l.s);
    return code;
}

static enum err_code read_promise(struct history *h, sqlite3_stmt *s, struct promise *p,
                                  struct err *err)
{
    p->table = (uint32_t)sqlite3_column_int64(s, 0);
    const char **texts[] = {&p->type, &p->mode, &p->level, &p->checks};
    enum err_code code = ERR_OK;
    for (int i = 0; i < (int)ARRAY_LEN(texts) && code == ERR_OK; i++)
        code = copy_text(h, s, i + 1, texts[i], err);
    return code;
}

static enum err_code load_promises(struct history *h, struct err *err)
{
    struct listing l;
    struct listed what = {"promise", "table_id, type, mode, level, checks",
                          sizeof *h->promises};
    enum err_code code = begin_list(h, what, &h->facts, &l, err);
    h->promises = l.rows;
    h->promise_count = 0;
    while (code == ERR_OK && h->promise_count < l.count && file_step(h, l.s, &code, err))
        code = read_promise(h, l.s, &h->promises[h->promise_count++], err);
    sqlite3_finalize(l.s);
    return code;
}

static enum err_code load_metas(struct history *h, struct err *err)
{
    struct listing l;
    struct listed what = {"meta", "name, value", sizeof *h->metas};
    enum err_code code = begin_list(h, what, &h->facts, &l, err);
    h->metas = l.rows;
    h->meta_count = 0;
    while (code == ERR_OK && h->meta_count < l.count && file_step(h, l.s, &code, err)) {
        struct file_meta *m = &h->metas[h->meta_count++];
        code = copy_text(h, l.s, 0, &m->name, err);
        if (code == ERR_OK)
            code = copy_text(h, l.s, 1, &m->value, err);
    }
    sqlite3_finalize(l.s);
    return code;
}

/* Rows are in time order, so the last of each kind is enough. */
static enum err_code find_end(struct history *h, struct err *err)
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
    return file_number(h, sql, 0, &h->end_ns, err);
}

static enum err_code load_facts(struct history *h, struct err *err)
{
    arena_done(&h->facts);
    if (load_names(h, "region", "id, name, 0", &h->regions, err) ||
        load_names(h, "node", "id, name, region", &h->nodes, err) ||
        load_names(h, "table_name", "id, name, 0", &h->tables, err) || load_promises(h, err) ||
        load_metas(h, err))
        return err->code;
    return find_end(h, err);
}

static enum err_code open_history(struct history *h, const char *path, struct err *err)
{
    h->path = database_path(path);
    if (!h->path)
        return err_set(err, ERR_NOMEM, "%s: out of memory", path);
    if (open_database(h, err) || check_form(h, err) || count_rows(h, err) ||
        load_values(h, err))
        return err->code;
    return load_facts(h, err);
}

enum err_code history_open(const char *path, struct history **out, struct err *err)
{
    struct history *h = calloc(1, sizeof *h);
    if (!h)
        return err_set(err, ERR_NOMEM, "%s: out of memory", path);
    if (open_history(h, path, err)) {
        history_free(h);
        return err->code;
    }
    *out = h;
    return ERR_OK;
}

void history_free(struct history *h)
{
    if (!h)
        return;
    sqlite3_close(h->db);
    free(h->path);
    arena_done(&h->texts);
    arena_done(&h->facts);
    free(h);
}

int64_t history_row_count(const struct history *h)
{
    return h->seq;
}

enum err_code history_cut(struct history *h, int64_t rows, struct err *err)
{
    h->seq = rows < 0 ? 0 : rows < h->seq_at_open ? rows : h->seq_at_open;
    return load_facts(h, err);
}

const char *history_meta_get(const struct history *h, const char *name)
{
    for (size_t i = h->meta_count; i > 0; i--) /* the latest says it */
        if (strcmp(h->metas[i - 1].name, name) == 0)
            return h->metas[i - 1].value;
    return NULL;
}

uint32_t history_region_count(const struct history *h)
{
    return h->regions.count;
}

uint32_t history_node_count(const struct history *h)
{
    return h->nodes.count;
}

uint32_t history_table_count(const struct history *h)
{
    return h->tables.count;
}

static const char *name_of(const struct file_names *names, uint32_t number)
{
    return number < names->count ? names->items[number].name : NULL;
}

const char *history_region_name(const struct history *h, uint32_t region)
{
    return name_of(&h->regions, region);
}

const char *history_node_name(const struct history *h, uint32_t node)
{
    return name_of(&h->nodes, node);
}

uint32_t history_node_region(const struct history *h, uint32_t node)
{
    return node < h->nodes.count ? h->nodes.items[node].region : 0;
}

const char *history_table_name(const struct history *h, uint32_t table)
{
    return name_of(&h->tables, table);
}

const struct promise *history_promise_get(const struct history *h, uint32_t table)
{
    for (size_t i = 0; i < h->promise_count; i++)
        if (h->promises[i].table == table)
            return &h->promises[i];
    return NULL;
}

const char *history_text(const struct history *h, int64_t id)
{
    if (value_kind_of(id) != VALUE_TEXT)
        return NULL;
    const struct file_value *v = file_value_find(h, id);
    return v ? v->text : NULL;
}

int64_t history_integer(const struct history *h, int64_t value)
{
    if (value_kind_of(value) != VALUE_INTEGER)
        return value;
    const struct file_value *v = file_value_find(h, value);
    return v ? v->integer : value;
}

int64_t history_end_ns(const struct history *h)
{
    return h->end_ns;
}

/* --- lists --- */

/* A statement's current row, into a struct of its own kind. */
typedef void (*read_row)(const struct history *h, sqlite3_stmt *s, void *row, bool *damaged);

struct list_form {
    struct listed what;
    read_row read;
};

static enum err_code read_list(const struct history *h, const struct list_form *form,
                               struct arena *arena, void **rows, size_t *count, struct err *err)
{
    struct listing l;
    size_t used = 0;
    bool damaged = false;
    enum err_code code = begin_list(h, form->what, arena, &l, err);
    while (code == ERR_OK && used < l.count && file_step(h, l.s, &code, err))
        form->read(h, l.s, (char *)l.rows + used++ * form->what.size, &damaged);
    sqlite3_finalize(l.s);
    if (code == ERR_OK && damaged)
        code =
            file_damaged(h, err, "a row of '%s' holds a number out of range", form->what.table);
    *rows = l.rows;
    *count = used;
    return code;
}

static void read_fault(const struct history *h, sqlite3_stmt *s, void *row, bool *damaged)
{
    *(struct fault_row *)row =
        (struct fault_row){.fault = (uint32_t)file_bounded(s, 0, 0, UINT32_MAX, damaged),
                           .name = file_text(h, s, 1),
                           .state = file_text(h, s, 2),
                           .at_ns = sqlite3_column_int64(s, 3),
                           .asked = file_text(h, s, 4),
                           .resolved = file_text(h, s, 5),
                           .measured = file_text(h, s, 6)};
}

enum err_code history_faults(struct history *h, struct arena *arena,
                             const struct fault_row **rows, size_t *count, struct err *err)
{
    static const struct list_form form = {
        {"fault", "fault, name, state, at_ns, asked, resolved, measured",
         sizeof(struct fault_row)},
        read_fault};
    void *found = NULL;
    enum err_code code = read_list(h, &form, arena, &found, count, err);
    *rows = found;
    return code;
}

static void read_event(const struct history *h, sqlite3_stmt *s, void *row, bool *damaged)
{
    *(struct event_row *)row = (struct event_row){.at_ns = sqlite3_column_int64(s, 0),
                                                  .name = file_text(h, s, 1),
                                                  .node = file_node(s, 2, damaged),
                                                  .detail = file_text(h, s, 3)};
}

enum err_code history_events(struct history *h, struct arena *arena,
                             const struct event_row **rows, size_t *count, struct err *err)
{
    static const struct list_form form = {
        {"event", "at_ns, name, node, detail", sizeof(struct event_row)}, read_event};
    void *found = NULL;
    enum err_code code = read_list(h, &form, arena, &found, count, err);
    *rows = found;
    return code;
}

static void read_attempt(const struct history *h, sqlite3_stmt *s, void *row, bool *damaged)
{
    struct attempt_row *a = row;
    a->op = sqlite3_column_int64(s, 0);
    a->attempt = (struct attempt){
        .number = (unsigned)file_bounded(s, 1, 0, UINT32_MAX, damaged),
        .node = file_node(s, 2, damaged),
        .sent_at_ns = sqlite3_column_int64(s, 3),
        .ended_at_ns = sqlite3_column_int64(s, 4),
        .outcome = (enum op_outcome)file_bounded(s, 5, 0, OUTCOME_COUNT - 1, damaged),
        .error = file_text(h, s, 6)};
}

enum err_code history_attempts(struct history *h, struct arena *arena,
                               const struct attempt_row **rows, size_t *count, struct err *err)
{
    static const struct list_form form = {
        {"attempt", "op, number, node, sent_at_ns, ended_at_ns, outcome, error",
         sizeof(struct attempt_row)},
        read_attempt};
    void *found = NULL;
    enum err_code code = read_list(h, &form, arena, &found, count, err);
    *rows = found;
    return code;
}

static void read_sample(const struct history *h, sqlite3_stmt *s, void *row, bool *damaged)
{
    *(struct sample_row *)row = (struct sample_row){.at_ns = sqlite3_column_int64(s, 0),
                                                    .name = file_text(h, s, 1),
                                                    .node = file_node(s, 2, damaged),
                                                    .value = sqlite3_column_double(s, 3)};
}

enum err_code history_samples(struct history *h, struct arena *arena,
                              const struct sample_row **rows, size_t *count, struct err *err)
{
    static const struct list_form form = {
        {"sample", "at_ns, name, node, value", sizeof(struct sample_row)}, read_sample};
    void *found = NULL;
    enum err_code code = read_list(h, &form, arena, &found, count, err);
    *rows = found;
    return code;
}

static void read_micro(const struct history *h, sqlite3_stmt *s, void *row, bool *damaged)
{
    (void)h;
    *(struct micro_row *)row = (struct micro_row){
        .op = sqlite3_column_int64(s, 0),
        .position = (unsigned)file_bounded(s, 1, 0, UINT32_MAX, damaged),
        .kind = (enum op_kind)file_bounded(s, 2, 0, OP_KIND_COUNT - 1, damaged),
        .key = file_integer(s, 3, OP_NIL),
        .argument = file_integer(s, 4, OP_NIL),
        .result = file_integer(s, 5, OP_NIL)};
}

enum err_code history_micros(struct history *h, struct arena *arena,
                             const struct micro_row **rows, size_t *count, struct err *err)
{
    static const struct list_form form = {
        {"micro", "op, position, kind, key, argument, result", sizeof(struct micro_row)},
        read_micro};
    void *found = NULL;
    enum err_code code = read_list(h, &form, arena, &found, count, err);
    *rows = found;
    return code;
}
