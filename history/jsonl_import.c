/* What is where:
 *   names     regions, tables and nodes, by name or number
 *   fields    one field of a line into a number, a text or a list
 *   rows      the fields of a line into a call of the writer
 *   lines     which kind of row a line is, and what it may not hold */
#include <assert.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/param.h"
#include "history/fields.h"
#include "history/jsonl.h"
#include "history/recorder.h"
#include "history/writer.h"

enum { LINE_BYTES_MAX = 16 << 20, NUMBERED_MAX = 1 << 16 };

enum named { NAMED_REGION, NAMED_TABLE, NAMED_NODE, NAMED_COUNT };
static const char *const named_words[] = {"region", "table", "node"};

/* A field as read. */
struct read_field {
    bool given;
    int64_t integer; /* or the id of a value */
    double real;
    const char *text; /* the line's */
    int64_t *members; /* the import's scratch */
    size_t member_count;
    bool is_list;
};

struct import {
    struct history_writer *writer;
    struct names {
        char **items;
        uint32_t count;
        bool declared; /* by lines of their own: others are refused from then on */
    } names[NAMED_COUNT];
    int64_t op_count;
    struct read_field fields[FIELDS_MAX];
    struct arena scratch; /* of the line at hand */
    struct err *err;
};

/* --- names --- */

static int64_t find_name(const struct names *n, const char *name)
{
    for (uint32_t i = 0; i < n->count; i++)
        if (strcmp(n->items[i], name) == 0)
            return i;
    return -1;
}

static enum err_code add_name(struct import *in, enum named kind, const char *name)
{
    struct names *n = &in->names[kind];
    if (n->count == NUMBERED_MAX)
        return err_set(in->err, ERR_LIMIT, "%s: '%s' is one too many; at most %d",
                       named_words[kind], name, NUMBERED_MAX);
    char **items = realloc(n->items, (n->count + 1) * sizeof *items);
    if (items)
        n->items = items;
    char *copy = items ? strdup(name) : NULL;
    if (!copy)
        return err_set(in->err, ERR_NOMEM, "%s: out of memory", named_words[kind]);
    items[n->count++] = copy;
    return ERR_OK;
}

static enum err_code declare(struct import *in, enum named kind, const char *name)
{
    struct names *n = &in->names[kind];
    if (n->count > 0 && !n->declared)
        return err_set(in->err, ERR_INVALID,
                       "%s: '%s' comes after rows that name others; name them all first",
                       named_words[kind], name);
    n->declared = true;
    return add_name(in, kind, name);
}

/* A region or table that no line declares is declared by its first use. */
static enum err_code name_by_use(struct import *in, enum named kind, const char *name,
                                 int64_t *number)
{
    struct names *n = &in->names[kind];
    *number = n->count;
    if (kind == NAMED_NODE || n->declared)
        return err_set(in->err, ERR_INVALID,
                       "%s: '%s' is none of the %u that lines of '%s' name", named_words[kind],
                       name, n->count, named_words[kind]);
    if (add_name(in, kind, name))
        return in->err->code;
    if (kind == NAMED_REGION)
        history_region(in->writer, (uint32_t)*number, name);
    else
        history_table(in->writer, (uint32_t)*number, name);
    return ERR_OK;
}

static enum err_code read_named(struct import *in, enum named kind, const json_t *value,
                                int64_t *number)
{
    const struct names *n = &in->names[kind];
    if (json_is_integer(value)) {
        *number = json_integer_value(value);
        bool nameless = *number >= n->count && *number < NUMBERED_MAX && n->count == 0;
        if (nameless || (*number >= 0 && *number < n->count))
            return ERR_OK;
        return err_set(in->err, ERR_INVALID, "%s: '%" PRId64 "' is no number of one; 0 to %d",
                       named_words[kind], *number,
                       n->count ? (int)n->count - 1 : NUMBERED_MAX - 1);
    }
    if (!json_is_string(value))
        return err_set(in->err, ERR_INVALID, "%s: write its name", named_words[kind]);
    *number = find_name(n, json_string_value(value));
    return *number >= 0 ? ERR_OK : name_by_use(in, kind, json_string_value(value), number);
}

/* --- fields --- */

static enum err_code refuse(struct import *in, const char *field, const json_t *value,
                            const char *allowed)
{
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    bool quoted = text && text[0] == '"';
    err_set(in->err, ERR_INVALID,
            quoted ? "%s: %.80s is not allowed; %s" : "%s: '%.80s' is not allowed; %s", field,
            text ? text : "?", allowed);
    free(text);
    return ERR_INVALID;
}

static enum err_code read_time(struct import *in, const char *field, const json_t *value,
                               int64_t *out)
{
    const struct param p = {
        .name = field, .type = PARAM_DURATION, .min = INT64_MIN, .max = INT64_MAX};
    if (json_is_integer(value))
        *out = json_integer_value(value);
    else if (!json_is_string(value))
        return refuse(in, field, value, "nanoseconds, or a text like \"1.5s\"");
    else if (param_parse(&p, json_string_value(value), out, &in->scratch, in->err))
        return in->err->code;
    return *out >= 0 ? ERR_OK : refuse(in, field, value, "times are 0 or later");
}

static enum err_code read_value(struct import *in, const char *field, const json_t *value,
                                const char *allowed, int64_t *out)
{
    if (json_is_integer(value) && json_integer_value(value) != OP_NIL)
        *out = history_integer_id(in->writer, json_integer_value(value));
    else if (json_is_string(value))
        *out = history_text_id(in->writer, json_string_value(value));
    else
        return refuse(in, field, value, allowed);
    return ERR_OK;
}

static enum err_code read_list(struct import *in, const char *field, const json_t *value,
                               struct read_field *out)
{
    out->is_list = true;
    out->integer = OP_NIL;
    out->member_count = json_array_size(value);
    out->members = arena_array(&in->scratch, out->member_count, sizeof *out->members);
    if (!out->members)
        return err_set(in->err, ERR_NOMEM, "%s: out of memory", field);
    for (size_t i = 0; i < out->member_count; i++)
        if (read_value(in, field, json_array_get(value, i), "a list holds integers and texts",
                       &out->members[i]))
            return in->err->code;
    return ERR_OK;
}

static void list_words(const char *(*name)(int), char *out, size_t size)
{
    size_t used = 0;
    for (int i = 0; name(i) && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%s", i ? ", " : "", name(i));
}

static enum err_code read_word(struct import *in, const char *field, const json_t *value,
                               int (*find)(const char *), const char *(*name)(int),
                               int64_t *out)
{
    *out = json_is_string(value) ? find(json_string_value(value)) : -1;
    if (*out >= 0)
        return ERR_OK;
    char allowed[160];
    list_words(name, allowed, sizeof allowed);
    return refuse(in, field, value, allowed);
}

static enum err_code read_text(struct import *in, const char *field, const json_t *value,
                               const char **out)
{
    *out = json_string_value(value);
    return *out ? ERR_OK : refuse(in, field, value, "a text");
}

static enum err_code read_field(struct import *in, const struct field *f, const json_t *value,
                                struct read_field *out)
{
    out->given = true;
    switch (f->type) {
    case FIELD_INTEGER:
        out->integer = json_integer_value(value);
        return json_is_integer(value) ? ERR_OK : refuse(in, f->name, value, "an integer");
    case FIELD_TIME: return read_time(in, f->name, value, &out->integer);
    case FIELD_REAL:
        out->real = json_number_value(value);
        return json_is_number(value) ? ERR_OK : refuse(in, f->name, value, "a number");
    case FIELD_TEXT:
    case FIELD_PHRASE: return read_text(in, f->name, value, &out->text);
    case FIELD_RESULT:
        if (json_is_array(value))
            return read_list(in, f->name, value, out);
        return read_value(in, f->name, value, "an integer, a text or a list", &out->integer);
    case FIELD_VALUE:
        return read_value(in, f->name, value, "an integer or a text", &out->integer);
    case FIELD_KIND:
        return read_word(in, f->name, value, op_kind_find, op_kind_name, &out->integer);
    case FIELD_OUTCOME:
        return read_word(in, f->name, value, op_outcome_find, op_outcome_name, &out->integer);
    case FIELD_LEVEL:
        return read_word(in, f->name, value, op_level_find, op_level_name, &out->integer);
    case FIELD_REGION: return read_named(in, NAMED_REGION, value, &out->integer);
    case FIELD_TABLE: return read_named(in, NAMED_TABLE, value, &out->integer);
    case FIELD_NODE: return read_named(in, NAMED_NODE, value, &out->integer);
    }
    abort();
}

/* --- rows; fields in the order of row_forms --- */

static int64_t integer_or(const struct read_field *f, int64_t otherwise)
{
    return f->given ? f->integer : otherwise;
}

/* A number that must fit 32 bits, as those of faults and attempts do. */
static enum err_code check_small(struct import *in, const char *field, int64_t value)
{
    if (value >= 0 && value <= UINT32_MAX)
        return ERR_OK;
    return err_set(in->err, ERR_INVALID, "%s: '%" PRId64 "' is outside 0 to %u", field, value,
                   UINT32_MAX);
}

static enum err_code default_region(struct import *in, struct read_field *f)
{
    f->integer = 0;
    if (f->given || in->names[NAMED_REGION].count > 0)
        return ERR_OK;
    return name_by_use(in, NAMED_REGION, "default", &f->integer);
}

/* Without these a check would take what is missing for a value of its own. What a
 * cas expects may be nothing. */
static enum err_code check_operands(struct import *in, enum op_kind kind,
                                    const struct read_field *key,
                                    const struct read_field *argument)
{
    bool changes = kind == OP_WRITE || kind == OP_CAS || kind == OP_ADD || kind == OP_REMOVE;
    const char *missing = kind == OP_TXN                ? NULL
                          : !key->given                 ? "key"
                          : changes && !argument->given ? "argument"
                                                        : NULL;
    if (!missing)
        return ERR_OK;
    return err_set(in->err, ERR_INVALID, "%s: missing, an op of kind '%s' needs it", missing,
                   op_kind_name((int)kind));
}

static enum err_code import_op(struct import *in, struct read_field *f)
{
    int64_t next = in->op_count + 1;
    if (f[0].integer != next)
        return err_set(in->err, ERR_INVALID,
                       "op: '%" PRId64 "' is out of order; the next is %" PRId64, f[0].integer,
                       next);
    if (check_operands(in, (enum op_kind)f[5].integer, &f[6], &f[7]))
        return in->err->code;
    if (!f[3].given && default_region(in, &f[3]))
        return in->err->code;
    int64_t process = integer_or(&f[1], 0);
    struct op_row row = {
        .process = process,
        .session = integer_or(&f[2], process),
        .region = (uint32_t)f[3].integer,
        .operation = {.kind = (enum op_kind)f[5].integer,
                      .table = (uint32_t)f[4].integer,
                      .key = integer_or(&f[6], OP_NIL),
                      .argument = integer_or(&f[7], OP_NIL),
                      .expected = integer_or(&f[8], OP_NIL),
                      .level = (enum op_level)integer_or(&f[9], LEVEL_LINEARIZABLE),
                      .request_id = (uint64_t)integer_or(&f[10], next)},
        .intended_at_ns = integer_or(&f[11], f[12].integer),
        .invoked_at_ns = f[12].integer,
    };
    if (history_op(in->writer, &row) != 0)
        in->op_count++;
    return ERR_OK;
}

static enum err_code import_ret(struct import *in, struct read_field *f)
{
    struct answer answer = {.outcome = (enum op_outcome)integer_or(&f[1], OUTCOME_OK),
                            .result = integer_or(&f[3], OP_NIL),
                            .members = f[3].members,
                            .member_count = f[3].member_count,
                            .is_list = f[3].is_list,
                            .level = (enum op_level)integer_or(&f[4], LEVEL_LINEARIZABLE),
                            .version = integer_or(&f[5], OP_NIL),
                            .node = (int)integer_or(&f[6], -1),
                            .error = f[7].text};
    history_ret(in->writer, f[0].integer, f[2].integer, &answer);
    return ERR_OK;
}

static enum err_code import_attempt(struct import *in, struct read_field *f)
{
    if (check_small(in, "attempt", f[0].integer))
        return in->err->code;
    struct attempt attempt = {.number = (unsigned)f[0].integer,
                              .node = (int)integer_or(&f[2], -1),
                              .sent_at_ns = f[3].integer,
                              .ended_at_ns = f[4].integer,
                              .outcome = (enum op_outcome)integer_or(&f[5], OUTCOME_OK),
                              .error = f[6].text};
    history_attempt(in->writer, f[1].integer, &attempt);
    return ERR_OK;
}

static enum err_code import_micro(struct import *in, struct read_field *f)
{
    if (check_small(in, "micro", f[0].integer))
        return in->err->code;
    history_micro(in->writer, &(struct micro_row){.op = f[1].integer,
                                                  .position = (unsigned)f[0].integer,
                                                  .kind = (enum op_kind)f[2].integer,
                                                  .key = integer_or(&f[3], OP_NIL),
                                                  .argument = integer_or(&f[4], OP_NIL),
                                                  .result = integer_or(&f[5], OP_NIL)});
    return ERR_OK;
}

static enum err_code import_fault(struct import *in, struct read_field *f)
{
    if (check_small(in, "fault", f[0].integer))
        return in->err->code;
    history_fault(in->writer, &(struct fault_row){.fault = (uint32_t)f[0].integer,
                                                  .name = f[1].text,
                                                  .state = f[2].text,
                                                  .at_ns = f[3].integer,
                                                  .asked = f[4].text,
                                                  .resolved = f[5].text,
                                                  .measured = f[6].text});
    return ERR_OK;
}

static enum err_code import_event(struct import *in, struct read_field *f)
{
    history_event(in->writer, f[1].integer, f[0].text, (int)integer_or(&f[2], -1), f[3].text);
    return ERR_OK;
}

static enum err_code import_sample(struct import *in, struct read_field *f)
{
    history_sample(in->writer, f[1].integer, f[0].text, (int)integer_or(&f[2], -1), f[3].real);
    return ERR_OK;
}

static enum err_code import_promise(struct import *in, struct read_field *f)
{
    history_promise(in->writer, &(struct promise){.table = (uint32_t)f[0].integer,
                                                  .type = f[1].text,
                                                  .mode = f[2].text,
                                                  .level = f[3].text,
                                                  .checks = f[4].text});
    return ERR_OK;
}

static enum err_code import_meta(struct import *in, struct read_field *f)
{
    history_meta(in->writer, f[0].text, f[1].text);
    return ERR_OK;
}

static enum err_code import_node(struct import *in, struct read_field *f)
{
    uint32_t number = in->names[NAMED_NODE].count;
    history_node(in->writer, number, f[0].text, (uint32_t)f[1].integer);
    return declare(in, NAMED_NODE, f[0].text);
}

static enum err_code import_table(struct import *in, struct read_field *f)
{
    history_table(in->writer, in->names[NAMED_TABLE].count, f[0].text);
    return declare(in, NAMED_TABLE, f[0].text);
}

static enum err_code import_region(struct import *in, struct read_field *f)
{
    history_region(in->writer, in->names[NAMED_REGION].count, f[0].text);
    return declare(in, NAMED_REGION, f[0].text);
}

typedef enum err_code (*import_row)(struct import *in, struct read_field *fields);
static const import_row importers[TABLE_COUNT] = {
    [TABLE_OP] = import_op,           [TABLE_RET] = import_ret,
    [TABLE_ATTEMPT] = import_attempt, [TABLE_MICRO] = import_micro,
    [TABLE_FAULT] = import_fault,     [TABLE_EVENT] = import_event,
    [TABLE_SAMPLE] = import_sample,   [TABLE_PROMISE] = import_promise,
    [TABLE_META] = import_meta,       [TABLE_NODE] = import_node,
    [TABLE_TABLE] = import_table,     [TABLE_REGION] = import_region,
};

/* --- lines --- */

static const struct row_form *form_of(const json_t *line)
{
    for (int i = 0; i < ROW_FORM_COUNT; i++)
        if (json_object_get(line, row_forms[i].fields[0].name))
            return &row_forms[i];
    return NULL;
}

static void list_fields(const struct row_form *form, char *out, size_t size)
{
    size_t used = 0;
    for (int i = 0; i < form->field_count && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%s", i ? ", " : "",
                                 form->fields[i].name);
}

static enum err_code refuse_unknown(struct import *in, const struct row_form *form,
                                    json_t *line)
{
    const char *name;
    json_t *value;
    json_object_foreach(line, name, value)
    {
        bool known = false;
        for (int i = 0; i < form->field_count; i++)
            known = known || strcmp(form->fields[i].name, name) == 0;
        if (known)
            continue;
        char allowed[160];
        list_fields(form, allowed, sizeof allowed);
        return err_set(in->err, ERR_INVALID, "%.60s: no field of a line of '%s', which has %s",
                       name, form->fields[0].name, allowed);
    }
    return ERR_OK;
}

static enum err_code read_fields(struct import *in, const struct row_form *form, json_t *line)
{
    memset(in->fields, 0, sizeof in->fields);
    for (int i = 0; i < form->field_count; i++) {
        const struct field *f = &form->fields[i];
        const json_t *value = json_object_get(line, f->name);
        if (!value && f->required)
            return err_set(in->err, ERR_INVALID, "%s: missing in a line of '%s'", f->name,
                           form->fields[0].name);
        if (value && read_field(in, f, value, &in->fields[i]))
            return in->err->code;
    }
    return ERR_OK;
}

static enum err_code import_object(struct import *in, json_t *line)
{
    const struct row_form *form = form_of(line);
    if (!form)
        return err_set(
            in->err, ERR_INVALID,
            "no kind of row; begin with op, ret, attempt, micro, fault, event, sample,"
            " promise, meta, node, table or region");
    if (refuse_unknown(in, form, line) || read_fields(in, form, line) ||
        importers[form->table](in, in->fields))
        return in->err->code;
    return history_refusal(in->writer, in->err);
}

static enum err_code import_line(struct import *in, struct bytes text)
{
    json_error_t why;
    json_t *line = json_loadb((const char *)text.at, text.size, JSON_REJECT_DUPLICATES, &why);
    if (!line)
        return err_set(in->err, ERR_INVALID, "not JSON: %s", why.text);
    enum err_code code = json_is_object(line)
                             ? import_object(in, line)
                             : err_set(in->err, ERR_INVALID, "write one {...} per line");
    arena_done(&in->scratch);
    json_decref(line);
    return code;
}

/* The next line without its end; false at the end of the file. */
static bool read_line(FILE *in, struct buffer *line, enum err_code *code, struct err *err)
{
    int c;
    line->size = 0;
    while ((c = getc(in)) != EOF && c != '\n') {
        const uint8_t byte = (uint8_t)c;
        if (line->size == LINE_BYTES_MAX)
            *code = err_set(err, ERR_LIMIT, "a line of over %d bytes", LINE_BYTES_MAX);
        else if (!buffer_append(line, (struct bytes){&byte, 1}))
            *code = err_set(err, ERR_NOMEM, "out of memory");
        if (*code != ERR_OK)
            return true;
    }
    return c != EOF || line->size > 0;
}

static bool is_blank(struct bytes text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!strchr(" \t\r", text.at[i]) || text.at[i] == 0)
            return false;
    return true;
}

static enum err_code import_lines(struct import *in, FILE *file, const char *name)
{
    struct buffer line = {.at = NULL};
    enum err_code code = ERR_OK;
    for (uint64_t number = 1; read_line(file, &line, &code, in->err); number++) {
        if (code == ERR_OK && !is_blank(buffer_bytes(&line)))
            code = import_line(in, buffer_bytes(&line));
        if (code != ERR_OK) {
            err_wrap(in->err, "%s:%" PRIu64, name, number);
            break;
        }
    }
    buffer_done(&line);
    if (code == ERR_OK && ferror(file))
        code = err_set(in->err, ERR_IO, "%s: cannot be read", name);
    return code;
}

static void import_done(struct import *in)
{
    for (int kind = 0; kind < NAMED_COUNT; kind++) {
        for (uint32_t i = 0; i < in->names[kind].count; i++)
            free(in->names[kind].items[i]);
        free(in->names[kind].items);
    }
}

enum err_code jsonl_import(FILE *in, const char *name, const char *db_path, struct err *err)
{
    struct import import = {.err = err};
    struct err closing = {.code = ERR_OK};
    if (history_create(db_path, &import.writer, err))
        return err->code;
    enum err_code code = import_lines(&import, in, name);
    if (history_close(import.writer, &closing) != ERR_OK && code == ERR_OK) {
        *err = closing;
        code = closing.code;
    }
    import_done(&import);
    if (code != ERR_OK)
        recorder_remove(db_path);
    return code;
}
