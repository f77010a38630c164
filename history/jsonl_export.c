/* One cursor per table, and always the row with the lowest number next. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "history/fields.h"
#include "history/file.h"
#include "history/jsonl.h"

struct export
{
    struct history *h;
    FILE *out;
    sqlite3_stmt *cursors[ROW_FORM_COUNT];
    int64_t seq[ROW_FORM_COUNT]; /* of the row at hand; INT64_MAX: no more */
    sqlite3_stmt *lists;
    struct err *err;
};

/* --- values as JSON --- */

static void put_text(FILE *out, const char *text)
{
    putc('"', out);
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c < 0x20)
            fprintf(out, "\\u%04x", c);
        else
            putc(c, out);
    }
    putc('"', out);
}

static void put_integer(FILE *out, int64_t value)
{
    fprintf(out, "%" PRId64, value);
}

static enum err_code put_value(struct export *e, int64_t value)
{
    if (value_kind_of(value) == -1) {
        put_integer(e->out, value);
        return ERR_OK;
    }
    const struct file_value *v = file_value_find(e->h, value);
    if (!v)
        return file_damaged(e->h, e->err, "value %" PRId64 " is missing", value);
    if (v->text)
        put_text(e->out, v->text);
    else
        put_integer(e->out, v->integer);
    return ERR_OK;
}

static enum err_code put_list(struct export *e, int64_t id)
{
    struct arena arena = {.blocks = NULL};
    struct int_list list;
    enum err_code code = file_list(e->h, e->lists, id, &arena, &list, e->err);
    putc('[', e->out);
    for (size_t i = 0; code == ERR_OK && i < list.count; i++) {
        if (i > 0)
            putc(',', e->out);
        code = put_value(e, list.at[i]);
    }
    putc(']', e->out);
    arena_done(&arena);
    return code;
}

/* A name, or the number when it has none. */
static enum err_code put_named(struct export *e, const char *name, int64_t number)
{
    if (name)
        put_text(e->out, name);
    else
        put_integer(e->out, number);
    return ERR_OK;
}

static enum err_code put_word(struct export *e, const char *word, int64_t number)
{
    if (!word)
        return file_damaged(e->h, e->err, "a number out of range: %" PRId64, number);
    put_text(e->out, word);
    return ERR_OK;
}

static enum err_code put_phrase(struct export *e, int64_t id)
{
    const char *text = history_text(e->h, id);
    if (!text)
        return file_damaged(e->h, e->err, "text %" PRId64 " is missing", id);
    put_text(e->out, text);
    return ERR_OK;
}

static enum err_code put_own_text(struct export *e, sqlite3_stmt *s, int column)
{
    const char *text = (const char *)sqlite3_column_text(s, column);
    if (!text)
        return file_no_memory(e->h, e->err);
    put_text(e->out, text);
    return ERR_OK;
}

static enum err_code put_column(struct export *e, sqlite3_stmt *s, int column,
                                enum field_type type)
{
    int64_t value = sqlite3_column_int64(s, column);
    uint32_t number = (uint32_t)value;
    int small = (int)(value & INT32_MAX) == value ? (int)value : -1;
    switch (type) {
    case FIELD_INTEGER:
    case FIELD_TIME: put_integer(e->out, value); return ERR_OK;
    case FIELD_REAL: fprintf(e->out, "%.17g", sqlite3_column_double(s, column)); return ERR_OK;
    case FIELD_TEXT: return put_own_text(e, s, column);
    case FIELD_PHRASE: return put_phrase(e, value);
    case FIELD_RESULT:
        if (value_kind_of(value) == VALUE_LIST)
            return put_list(e, value);
        return put_value(e, value);
    case FIELD_VALUE: return put_value(e, value);
    case FIELD_KIND: return put_word(e, op_kind_name(small), value);
    case FIELD_OUTCOME: return put_word(e, op_outcome_name(small), value);
    case FIELD_LEVEL: return put_word(e, op_level_name(small), value);
    case FIELD_REGION: return put_named(e, history_region_name(e->h, number), value);
    case FIELD_TABLE: return put_named(e, history_table_name(e->h, number), value);
    case FIELD_NODE: return put_named(e, history_node_name(e->h, number), value);
    }
    return ERR_OK;
}

/* --- rows as lines --- */

/* Fields that hold nothing are left out. */
static enum err_code put_row(struct export *e, int form)
{
    const struct row_form *f = &row_forms[form];
    sqlite3_stmt *s = e->cursors[form];
    const char *between = "{";
    enum err_code code = ERR_OK;
    for (int i = 0; i < f->field_count && code == ERR_OK; i++) {
        if (sqlite3_column_type(s, i + 1) == SQLITE_NULL)
            continue;
        fprintf(e->out, "%s\"%s\":", between, f->fields[i].name);
        code = put_column(e, s, i + 1, f->fields[i].type);
        between = ",";
    }
    fputs("}\n", e->out);
    return code;
}

static enum err_code advance(struct export *e, int form)
{
    enum err_code code = ERR_OK;
    bool more = file_step(e->h, e->cursors[form], &code, e->err);
    e->seq[form] = more ? sqlite3_column_int64(e->cursors[form], 0) : INT64_MAX;
    return code;
}

static enum err_code open_cursor(struct export *e, int form)
{
    const struct row_form *f = &row_forms[form];
    char sql[320];
    size_t used = (size_t)snprintf(sql, sizeof sql, "SELECT seq");
    for (int i = 0; i < f->field_count; i++)
        used += (size_t)snprintf(sql + used, sizeof sql - used, ",%s", f->fields[i].column);
    snprintf(sql + used, sizeof sql - used, " FROM %s WHERE seq <= ?1 ORDER BY %s",
             schema_tables[f->table].name, f->table == TABLE_OP ? "id" : "seq");
    if (file_prepare(e->h, sql, &e->cursors[form], e->err))
        return e->err->code;
    return advance(e, form);
}

static int lowest(const struct export *e)
{
    int best = 0;
    for (int i = 1; i < ROW_FORM_COUNT; i++)
        if (e->seq[i] < e->seq[best])
            best = i;
    return best;
}

static enum err_code put_rows(struct export *e)
{
    enum err_code code = file_prepare_lists(e->h, &e->lists, e->err);
    for (int i = 0; i < ROW_FORM_COUNT && code == ERR_OK; i++)
        code = open_cursor(e, i);
    while (code == ERR_OK) {
        int next = lowest(e);
        if (e->seq[next] == INT64_MAX)
            break;
        code = put_row(e, next);
        if (code == ERR_OK)
            code = advance(e, next);
    }
    return code;
}

enum err_code jsonl_export(struct history *h, FILE *out, struct err *err)
{
    struct export e = {.h = h, .out = out, .err = err};
    enum err_code code = put_rows(&e);
    sqlite3_finalize(e.lists);
    for (int i = 0; i < ROW_FORM_COUNT; i++)
        sqlite3_finalize(e.cursors[i]);
    if (code == ERR_OK && (fflush(out) != 0 || ferror(out)))
        code = err_set(err, ERR_IO, "%s: the export cannot be written: %s", h->path,
                       strerror(errno));
    return code;
}
