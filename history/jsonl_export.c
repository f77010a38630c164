/* One cursor per table, and always the row with the lowest number next. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "history/jsonl.h"
#include "history/schema.h"
#include "history/source.h"

struct export
{
    struct history *h;
    FILE *out;
    struct cursor cursors[ROW_FORM_COUNT]; /* seq INT64_MAX: no more */
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
    const struct known_value *v = source_value(e->h, value);
    if (!v)
        return source_damaged(e->h, e->err, "value %" PRId64 " is missing", value);
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
    enum err_code code = e->h->source->list(e->h, id, &arena, &list, e->err);
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
        return source_damaged(e->h, e->err, "a number out of range: %" PRId64, number);
    put_text(e->out, word);
    return ERR_OK;
}

static enum err_code put_phrase(struct export *e, int64_t id)
{
    const char *text = history_text(e->h, id);
    if (!text)
        return source_damaged(e->h, e->err, "text %" PRId64 " is missing", id);
    put_text(e->out, text);
    return ERR_OK;
}

static enum err_code put_field(struct export *e, const struct cell *cell, enum field_type type)
{
    int64_t value = cell->integer;
    uint32_t number = (uint32_t)value;
    int small = (int)(value & INT32_MAX) == value ? (int)value : -1;
    switch (type) {
    case FIELD_INTEGER:
    case FIELD_TIME: put_integer(e->out, value); return ERR_OK;
    case FIELD_REAL: fprintf(e->out, "%.17g", cell->real); return ERR_OK;
    case FIELD_TEXT: put_text(e->out, (const char *)cell->bytes.at); return ERR_OK;
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
static enum err_code put_row(struct export *e, const struct cursor *c)
{
    const char *between = "{";
    enum err_code code = ERR_OK;
    for (int i = 0; i < c->form->field_count && code == ERR_OK; i++) {
        if (c->cells[i].kind == CELL_NIL)
            continue;
        fprintf(e->out, "%s\"%s\":", between, c->form->fields[i].name);
        code = put_field(e, &c->cells[i], c->form->fields[i].type);
        between = ",";
    }
    fputs("}\n", e->out);
    return code;
}

static enum err_code advance(struct export *e, struct cursor *c)
{
    enum err_code code = ERR_OK;
    if (!e->h->source->next(c, &code, e->err))
        c->seq = INT64_MAX;
    return code;
}

static struct cursor *lowest(struct export *e)
{
    struct cursor *best = &e->cursors[0];
    for (int i = 1; i < ROW_FORM_COUNT; i++)
        if (e->cursors[i].seq < best->seq)
            best = &e->cursors[i];
    return best;
}

static enum err_code put_rows(struct export *e)
{
    enum err_code code = ERR_OK;
    for (int i = 0; i < ROW_FORM_COUNT && code == ERR_OK; i++) {
        code = e->h->source->begin(&e->cursors[i], e->err);
        if (code == ERR_OK)
            code = advance(e, &e->cursors[i]);
    }
    while (code == ERR_OK) {
        struct cursor *next = lowest(e);
        if (next->seq == INT64_MAX)
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
    for (int i = 0; i < ROW_FORM_COUNT; i++)
        e.cursors[i] = (struct cursor){.history = h, .form = &row_forms[i]};
    enum err_code code = put_rows(&e);
    for (int i = 0; i < ROW_FORM_COUNT; i++)
        h->source->close(&e.cursors[i]);
    if (code == ERR_OK && (fflush(out) != 0 || ferror(out)))
        code = err_set(err, ERR_IO, "%s: the export cannot be written: %s", h->name,
                       strerror(errno));
    return code;
}
