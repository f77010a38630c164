/* jsonl: JSON lines of our own form, one row a line (docs/history-format.md).
 *
 * What is where:
 *   words     names of fields, kinds, regions ... as numbers
 *   fields    one field of a line into a number, a text or a list
 *   rows      the fields of a line into a call of the builder
 *   lines     which kind of row a line is, and what it may not hold
 *   the file  is it one, and all of its lines */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/counted.h"
#include "history/fields.h"
#include "history/intern.h"
#include "history/json_scan.h"
#include "history/reader.h"

enum { NUMBERED_MAX = 1 << 16 };

/* What numbers words have depends on what they are of. */
enum { WORD_KIND, WORD_OUTCOME, WORD_LEVEL, WORD_REGION, WORD_TABLE, WORD_NODE };
static const char *const named_words[] = {
    [WORD_REGION] = "region", [WORD_TABLE] = "table", [WORD_NODE] = "node"};

/* A field as read. */
struct read_field {
    bool given, is_list;
    int64_t integer; /* or the id of a value */
    double real;
    const char *text;    /* one of `texts` */
    size_t member_count; /* of `members` */
};

struct jsonl {
    struct builder *builder;
    struct lines *in;
    struct err *err;
    struct intern words; /* number + 1, under a tag of WORD_... */
    struct declared {
        uint32_t count;
        bool by_lines; /* of their own: others are refused from then on */
    } names[WORD_NODE + 1];
    int64_t op_count;

    /* The names that fields have, and which of them are of a form. */
    struct scan_known known;
    uint8_t numbers[ROW_FORM_COUNT][FIELDS_MAX];
    uint64_t masks[ROW_FORM_COUNT];

    /* The line at hand. */
    struct bytes line;
    struct scan scan, list_scan;
    uint64_t given; /* bits of fields */
    struct scan_value values[SCAN_KNOWN_MAX];
    struct scan_member stranger; /* the first name that no field has; at NULL: none */
    struct read_field fields[FIELDS_MAX];
    struct buffer texts; /* with a NUL behind each */
    int64_t *members;
    size_t member_room;
};

static enum err_code no_memory(struct jsonl *j)
{
    return err_set(j->err, ERR_NOMEM, "out of memory");
}

/* --- words --- */

static struct bytes bytes_of(const char *text)
{
    return (struct bytes){(const uint8_t *)text, strlen(text)};
}

static bool add_word(struct jsonl *j, uint8_t tag, struct bytes text, int64_t number)
{
    return intern_add(&j->words, tag, text, number + 1) != NULL;
}

/* Its number, or -1. */
static int64_t find_word(const struct jsonl *j, uint8_t tag, struct bytes text)
{
    return intern_find(&j->words, tag, text) - 1;
}

static bool add_words(struct jsonl *j, uint8_t tag, const char *(*name)(int))
{
    bool added = true;
    for (int i = 0; name(i) && added; i++)
        added = add_word(j, tag, bytes_of(name(i)), i);
    return added;
}

static bool learn_words(struct jsonl *j)
{
    for (int form = 0; form < ROW_FORM_COUNT; form++)
        for (int i = 0; i < row_forms[form].field_count; i++) {
            int number = scan_know(&j->known, bytes_of(row_forms[form].fields[i].name));
            j->numbers[form][i] = (uint8_t)number;
            j->masks[form] |= UINT64_C(1) << number;
        }
    return add_words(j, WORD_KIND, op_kind_name) &&
           add_words(j, WORD_OUTCOME, op_outcome_name) &&
           add_words(j, WORD_LEVEL, op_level_name);
}

/* --- names of regions, tables and nodes --- */

static enum err_code add_name(struct jsonl *j, uint8_t kind, const char *name)
{
    struct declared *n = &j->names[kind];
    enum err_code code;
    if (n->count == NUMBERED_MAX)
        return err_set(j->err, ERR_LIMIT, "%s: '%s' is one too many; at most %d",
                       named_words[kind], name, NUMBERED_MAX);
    if (kind == WORD_REGION)
        code = builder_region(j->builder, name, j->err);
    else if (kind == WORD_TABLE)
        code = builder_table(j->builder, name, j->err);
    else
        code = builder_node(j->builder, name, (uint32_t)j->fields[1].integer, j->err);
    if (code)
        return code;
    return add_word(j, kind, bytes_of(name), n->count++) ? ERR_OK : no_memory(j);
}

static enum err_code declare(struct jsonl *j, uint8_t kind, const char *name)
{
    struct declared *n = &j->names[kind];
    if (n->count > 0 && !n->by_lines)
        return err_set(j->err, ERR_INVALID,
                       "%s: '%s' comes after rows that name others; name them all first",
                       named_words[kind], name);
    n->by_lines = true;
    return add_name(j, kind, name);
}

/* A region or table that no line declares is declared by its first use. */
static enum err_code name_by_use(struct jsonl *j, uint8_t kind, const char *name,
                                 int64_t *number)
{
    const struct declared *n = &j->names[kind];
    *number = n->count;
    if (kind == WORD_NODE || n->by_lines)
        return err_set(j->err, ERR_INVALID,
                       "%s: '%s' is none of the %u that lines of '%s' name", named_words[kind],
                       name, n->count, named_words[kind]);
    return add_name(j, kind, name);
}

/* A copy with a NUL behind it, as good as the line. */
static const char *copy_text(struct jsonl *j, struct bytes text)
{
    /* So much that it never moves: no line has more texts than bytes. */
    if (j->texts.size == 0 && !buffer_reserve(&j->texts, 2 * j->line.size + 1))
        return NULL;
    char *copy = (char *)j->texts.at + j->texts.size;
    memcpy(copy, text.at, text.size);
    copy[text.size] = '\0';
    j->texts.size += text.size + 1;
    return copy;
}

static enum err_code read_named(struct jsonl *j, uint8_t kind, const struct scan_value *v,
                                int64_t *number)
{
    const struct declared *n = &j->names[kind];
    if (v->type == SCAN_TEXT) {
        *number = find_word(j, kind, v->text);
        if (*number >= 0)
            return ERR_OK;
        const char *name = copy_text(j, v->text);
        return name ? name_by_use(j, kind, name, number) : no_memory(j);
    }
    if (v->type != SCAN_INTEGER)
        return err_set(j->err, ERR_INVALID, "%s: write its name", named_words[kind]);
    *number = v->integer;
    bool nameless = *number >= n->count && *number < NUMBERED_MAX && n->count == 0;
    if (nameless || (*number >= 0 && *number < n->count))
        return ERR_OK;
    return err_set(j->err, ERR_INVALID, "%s: '%" PRId64 "' is no number of one; 0 to %d",
                   named_words[kind], *number, n->count ? (int)n->count - 1 : NUMBERED_MAX - 1);
}

/* --- fields --- */

static enum err_code refuse(struct jsonl *j, const char *field, const struct scan_value *v,
                            const char *allowed)
{
    int shown = v->source.size < 80 ? (int)v->source.size : 80;
    return err_set(j->err, ERR_INVALID,
                   v->type == SCAN_TEXT ? "%s: %.*s is not allowed; %s"
                                        : "%s: '%.*s' is not allowed; %s",
                   field, shown, (const char *)v->source.at, allowed);
}

static enum err_code read_time(struct jsonl *j, const char *field, const struct scan_value *v,
                               int64_t *out)
{
    const struct param p = {
        .name = field, .type = PARAM_DURATION, .min = INT64_MIN, .max = INT64_MAX};
    if (v->type == SCAN_INTEGER)
        *out = v->integer;
    else if (v->type != SCAN_TEXT)
        return refuse(j, field, v, "nanoseconds, or a text like \"1.5s\"");
    else {
        const char *text = copy_text(j, v->text);
        if (!text)
            return no_memory(j);
        if (param_parse(&p, text, out, NULL, j->err))
            return j->err->code;
    }
    return *out >= 0 ? ERR_OK : refuse(j, field, v, "times are 0 or later");
}

static enum err_code read_value(struct jsonl *j, const char *field, const struct scan_value *v,
                                const char *allowed, int64_t *out)
{
    if (v->type == SCAN_INTEGER && v->integer == OP_NIL)
        return refuse(j, field, v, "integers begin at -9223372036854775807");
    if (v->type == SCAN_INTEGER)
        *out = builder_integer(j->builder, v->integer);
    else if (v->type == SCAN_TEXT)
        *out = builder_text(j->builder, v->text);
    else
        return refuse(j, field, v, allowed);
    return *out != OP_NIL ? ERR_OK : no_memory(j);
}

/* `v` was scanned once, to its end, so nothing of it can be refused but what it holds. */
static enum err_code read_list(struct jsonl *j, const char *field, const struct scan_value *v,
                               struct read_field *out)
{
    struct scan_value item;
    out->is_list = true;
    out->integer = OP_NIL;
    out->member_count = 0;
    scan_begin(&j->list_scan, v->source);
    bool more = scan_value(&j->list_scan, &item);
    while (more && scan_item(&j->list_scan)) {
        more = scan_value(&j->list_scan, &item) && scan_skip(&j->list_scan, &item);
        int64_t *room = counted_room(j->texts.memory, j->members, out->member_count,
                                     &j->member_room, sizeof *room);
        if (!more || !room)
            return no_memory(j);
        j->members = room;
        if (read_value(j, field, &item, "a list holds integers and texts",
                       &j->members[out->member_count++]))
            return j->err->code;
    }
    return ERR_OK;
}

static void list_words(const char *(*name)(int), char *out, size_t size)
{
    size_t used = 0;
    for (int i = 0; name(i) && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%s", i ? ", " : "", name(i));
}

static enum err_code read_word(struct jsonl *j, const char *field, const struct scan_value *v,
                               uint8_t tag, int64_t *out)
{
    *out = v->type == SCAN_TEXT ? find_word(j, tag, v->text) : -1;
    if (*out >= 0)
        return ERR_OK;
    char allowed[240];
    list_words(tag == WORD_KIND      ? op_kind_name
               : tag == WORD_OUTCOME ? op_outcome_name
                                     : op_level_name,
               allowed, sizeof allowed);
    return refuse(j, field, v, allowed);
}

static enum err_code read_text(struct jsonl *j, const char *field, const struct scan_value *v,
                               const char **out)
{
    if (v->type != SCAN_TEXT)
        return refuse(j, field, v, "a text");
    *out = copy_text(j, v->text);
    return *out ? ERR_OK : no_memory(j);
}

static enum err_code read_field(struct jsonl *j, const struct field *f,
                                const struct scan_value *v, struct read_field *out)
{
    switch (f->type) {
    case FIELD_INTEGER:
        out->integer = v->integer;
        return v->type == SCAN_INTEGER ? ERR_OK : refuse(j, f->name, v, "an integer");
    case FIELD_TIME: return read_time(j, f->name, v, &out->integer);
    case FIELD_REAL:
        out->real = v->real;
        return v->type == SCAN_INTEGER || v->type == SCAN_REAL
                   ? ERR_OK
                   : refuse(j, f->name, v, "a number");
    case FIELD_TEXT:
    case FIELD_PHRASE: return read_text(j, f->name, v, &out->text);
    case FIELD_RESULT:
        if (v->type == SCAN_ARRAY)
            return read_list(j, f->name, v, out);
        return read_value(j, f->name, v, "an integer, a text or a list", &out->integer);
    case FIELD_VALUE: return read_value(j, f->name, v, "an integer or a text", &out->integer);
    case FIELD_KIND: return read_word(j, f->name, v, WORD_KIND, &out->integer);
    case FIELD_OUTCOME: return read_word(j, f->name, v, WORD_OUTCOME, &out->integer);
    case FIELD_LEVEL: return read_word(j, f->name, v, WORD_LEVEL, &out->integer);
    case FIELD_REGION: return read_named(j, WORD_REGION, v, &out->integer);
    case FIELD_TABLE: return read_named(j, WORD_TABLE, v, &out->integer);
    case FIELD_NODE: return read_named(j, WORD_NODE, v, &out->integer);
    }
    abort();
}

/* --- rows; fields in the order of row_forms --- */

static int64_t integer_or(const struct read_field *f, int64_t otherwise)
{
    return f->given ? f->integer : otherwise;
}

/* A number that must fit 32 bits, as those of faults and attempts do. */
static enum err_code check_small(struct jsonl *j, const char *field, int64_t value)
{
    if (value >= 0 && value <= UINT32_MAX)
        return ERR_OK;
    return err_set(j->err, ERR_INVALID, "%s: '%" PRId64 "' is outside 0 to %u", field, value,
                   UINT32_MAX);
}

static enum err_code default_region(struct jsonl *j, struct read_field *f)
{
    f->integer = 0;
    if (j->names[WORD_REGION].count > 0)
        return ERR_OK;
    return name_by_use(j, WORD_REGION, "default", &f->integer);
}

/* Without these a check would take what is missing for a value of its own. What a
 * cas expects may be nothing. */
static enum err_code check_operands(struct jsonl *j, enum op_kind kind,
                                    const struct read_field *key,
                                    const struct read_field *argument)
{
    const char *missing = op_needs_key(kind) && !key->given             ? "key"
                          : op_needs_argument(kind) && !argument->given ? "argument"
                                                                        : NULL;
    if (!missing)
        return ERR_OK;
    return err_set(j->err, ERR_INVALID, "%s: missing, an op of kind '%s' needs it", missing,
                   op_kind_name((int)kind));
}

static enum err_code put_op(struct jsonl *j, struct read_field *f)
{
    int64_t next = j->op_count + 1;
    if (f[0].integer != next)
        return err_set(j->err, ERR_INVALID,
                       "op: '%" PRId64 "' is out of order; the next is %" PRId64, f[0].integer,
                       next);
    if (check_operands(j, (enum op_kind)f[5].integer, &f[6], &f[7]))
        return j->err->code;
    if (!f[3].given && default_region(j, &f[3]))
        return j->err->code;
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
    return builder_op(j->builder, &row, &j->op_count, j->err);
}

static enum err_code put_ret(struct jsonl *j, struct read_field *f)
{
    bool is_list = f[3].given && f[3].is_list;
    struct answer answer = {.outcome = (enum op_outcome)integer_or(&f[1], OUTCOME_OK),
                            .result = integer_or(&f[3], OP_NIL),
                            .members = j->members,
                            .member_count = is_list ? f[3].member_count : 0,
                            .is_list = is_list,
                            .level = (enum op_level)integer_or(&f[4], LEVEL_LINEARIZABLE),
                            .version = integer_or(&f[5], OP_NIL),
                            .node = (int)integer_or(&f[6], -1),
                            .error = f[7].text};
    return builder_ret(j->builder, f[0].integer, f[2].integer, &answer, j->err);
}

static enum err_code put_attempt(struct jsonl *j, struct read_field *f)
{
    if (check_small(j, "attempt", f[0].integer))
        return j->err->code;
    struct attempt attempt = {.number = (unsigned)f[0].integer,
                              .node = (int)integer_or(&f[2], -1),
                              .sent_at_ns = f[3].integer,
                              .ended_at_ns = f[4].integer,
                              .outcome = (enum op_outcome)integer_or(&f[5], OUTCOME_OK),
                              .error = f[6].text};
    return builder_attempt(j->builder, f[1].integer, &attempt, j->err);
}

static enum err_code put_micro(struct jsonl *j, struct read_field *f)
{
    if (check_small(j, "micro", f[0].integer))
        return j->err->code;
    struct micro_row row = {.op = f[1].integer,
                            .position = (unsigned)f[0].integer,
                            .kind = (enum op_kind)f[2].integer,
                            .key = integer_or(&f[3], OP_NIL),
                            .argument = integer_or(&f[4], OP_NIL),
                            .result = integer_or(&f[5], OP_NIL)};
    return builder_micro(j->builder, &row, j->err);
}

static enum err_code put_fault(struct jsonl *j, struct read_field *f)
{
    if (check_small(j, "fault", f[0].integer))
        return j->err->code;
    struct fault_row row = {.fault = (uint32_t)f[0].integer,
                            .name = f[1].text,
                            .state = f[2].text,
                            .at_ns = f[3].integer,
                            .asked = f[4].text,
                            .resolved = f[5].text,
                            .measured = f[6].text};
    return builder_fault(j->builder, &row, j->err);
}

static enum err_code put_event(struct jsonl *j, struct read_field *f)
{
    struct event_row row = {.at_ns = f[1].integer,
                            .name = f[0].text,
                            .node = (int)integer_or(&f[2], -1),
                            .detail = f[3].text};
    return builder_event(j->builder, &row, j->err);
}

static enum err_code put_sample(struct jsonl *j, struct read_field *f)
{
    struct sample_row row = {.at_ns = f[1].integer,
                             .name = f[0].text,
                             .node = (int)integer_or(&f[2], -1),
                             .value = f[3].real};
    return builder_sample(j->builder, &row, j->err);
}

/* A level that is none would be taken for the strongest. */
static enum err_code check_promised_level(struct jsonl *j, const char *level)
{
    if (!level || op_level_find(level) >= 0)
        return ERR_OK;
    char allowed[240];
    list_words(op_level_name, allowed, sizeof allowed);
    return err_set(j->err, ERR_INVALID, "level: '%.60s' is no level; allowed: %s", level,
                   allowed);
}

static enum err_code put_promise(struct jsonl *j, struct read_field *f)
{
    if (check_promised_level(j, f[3].text))
        return j->err->code;
    struct promise row = {.table = (uint32_t)f[0].integer,
                          .type = f[1].text,
                          .mode = f[2].text,
                          .level = f[3].text,
                          .checks = f[4].text};
    return builder_promise(j->builder, &row, j->err);
}

static enum err_code put_meta(struct jsonl *j, struct read_field *f)
{
    return builder_meta(j->builder, f[0].text, f[1].text, j->err);
}

static enum err_code put_node(struct jsonl *j, struct read_field *f)
{
    return declare(j, WORD_NODE, f[0].text);
}

static enum err_code put_table(struct jsonl *j, struct read_field *f)
{
    return declare(j, WORD_TABLE, f[0].text);
}

static enum err_code put_region(struct jsonl *j, struct read_field *f)
{
    return declare(j, WORD_REGION, f[0].text);
}

typedef enum err_code (*put_row)(struct jsonl *j, struct read_field *fields);
static const put_row putters[TABLE_COUNT] = {
    [TABLE_OP] = put_op,         [TABLE_RET] = put_ret,         [TABLE_ATTEMPT] = put_attempt,
    [TABLE_MICRO] = put_micro,   [TABLE_FAULT] = put_fault,     [TABLE_EVENT] = put_event,
    [TABLE_SAMPLE] = put_sample, [TABLE_PROMISE] = put_promise, [TABLE_META] = put_meta,
    [TABLE_NODE] = put_node,     [TABLE_TABLE] = put_table,     [TABLE_REGION] = put_region,
};

/* --- lines --- */

/* Put the place before an error; `at`, when it is known, is in the line. */
static enum err_code blame(struct jsonl *j, const uint8_t *at)
{
    if (!at)
        return err_wrap(j->err, "%" PRIu64, j->in->number);
    return err_wrap(j->err, "%" PRIu64 ":%zu", j->in->number, (size_t)(at - j->line.at) + 1);
}

/* The same for a sentence that begins with a field's name: it is that field. */
static enum err_code blame_field(struct jsonl *j)
{
    const char *end = strchr(j->err->msg, ':');
    if (!end)
        return blame(j, NULL);
    struct bytes name = {(const uint8_t *)j->err->msg, (size_t)(end - j->err->msg)};
    for (int i = 0; i < j->known.count; i++) {
        struct bytes known = j->known.names[i].text;
        if (j->given >> i & 1 && known.size == name.size &&
            memcmp(known.at, name.at, name.size) == 0)
            return blame(j, j->values[i].source.at);
    }
    return blame(j, NULL);
}

/* Where the scan stopped at a name, the sentence tells which. */
static bool name_what_is_there_twice(struct jsonl *j)
{
    enum { NAME_MAX_BYTES = 60 };
    const uint8_t *at = j->scan.at, *end = j->line.at + j->line.size;
    if (strcmp(j->scan.why, SCAN_TWICE) != 0 || at >= end || *at != '"')
        return false;
    size_t size = 0;
    while (at + 1 + size < end && at[1 + size] != '"' && size < NAME_MAX_BYTES)
        size++;
    err_set(j->err, ERR_INVALID, "not JSON: '%.*s' is given twice", (int)size,
            (const char *)at + 1);
    return true;
}

static enum err_code blame_scan(struct jsonl *j)
{
    if (j->scan.no_memory)
        no_memory(j);
    else if (!name_what_is_there_twice(j))
        err_set(j->err, ERR_INVALID, "not JSON: %s", j->scan.why);
    return blame(j, j->scan.at);
}

/* All fields of the line, whatever they are; false when it is no JSON. */
static bool scan_fields(struct jsonl *j)
{
    struct scan_value unused;
    struct scan_member m;
    j->given = 0;
    j->stranger.at = NULL;
    while (scan_member(&j->scan, &m)) {
        struct scan_value *v = m.known >= 0 ? &j->values[m.known] : &unused;
        if (!scan_value(&j->scan, v) || (v->type >= SCAN_ARRAY && !scan_skip(&j->scan, v)))
            return false;
        if (m.known >= 0)
            j->given |= UINT64_C(1) << m.known;
        else if (!j->stranger.at)
            j->stranger = m;
    }
    return !j->scan.why && scan_end(&j->scan);
}

static int form_of(const struct jsonl *j)
{
    for (int form = 0; form < ROW_FORM_COUNT; form++)
        if (j->given >> j->numbers[form][0] & 1)
            return form;
    return -1;
}

static void list_fields(const struct row_form *form, char *out, size_t size)
{
    size_t used = 0;
    for (int i = 0; i < form->field_count && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%s", i ? ", " : "",
                                 form->fields[i].name);
}

static enum err_code refuse_stranger(struct jsonl *j, int form)
{
    struct bytes name = j->stranger.text;
    const uint8_t *at = j->stranger.at;
    if (!at) {
        int number = __builtin_ctzll(j->given & ~j->masks[form]);
        name = j->known.names[number].text;
        at = j->values[number].source.at;
    }
    char allowed[160];
    list_fields(&row_forms[form], allowed, sizeof allowed);
    err_set(j->err, ERR_INVALID, "%.*s: no field of a line of '%s', which has %s",
            (int)(name.size < 60 ? name.size : 60), (const char *)name.at,
            row_forms[form].fields[0].name, allowed);
    return blame(j, at);
}

static enum err_code read_fields(struct jsonl *j, int form)
{
    const struct row_form *f = &row_forms[form];
    for (int i = 0; i < f->field_count; i++) {
        struct read_field *field = &j->fields[i];
        int number = j->numbers[form][i];
        *field = (struct read_field){.given = j->given >> number & 1};
        if (!field->given && f->fields[i].required)
            return err_set(j->err, ERR_INVALID, "%s: missing in a line of '%s'",
                           f->fields[i].name, f->fields[0].name);
        if (field->given && read_field(j, &f->fields[i], &j->values[number], field))
            return j->err->code;
    }
    return ERR_OK;
}

static enum err_code take_row(struct jsonl *j)
{
    int form = form_of(j);
    if (form < 0) {
        err_set(j->err, ERR_INVALID,
                "no kind of row; begin with op, ret, attempt, micro, fault, event, sample,"
                " promise, meta, node, table or region");
        return blame(j, NULL);
    }
    if (j->stranger.at || j->given & ~j->masks[form])
        return refuse_stranger(j, form);
    j->texts.size = 0;
    if (read_fields(j, form) || putters[row_forms[form].table](j, j->fields))
        return blame_field(j);
    return ERR_OK;
}

static bool is_blank(struct bytes text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.at[i] != ' ' && text.at[i] != '\t' && text.at[i] != '\r')
            return false;
    return true;
}

static enum err_code take_line(struct jsonl *j)
{
    struct scan_value v;
    if (is_blank(j->line))
        return ERR_OK;
    scan_begin(&j->scan, j->line);
    if (!scan_value(&j->scan, &v))
        return blame_scan(j);
    if (v.type == SCAN_OBJECT)
        return scan_fields(j) ? take_row(j) : blame_scan(j);
    if (!scan_skip(&j->scan, &v) || !scan_end(&j->scan))
        return blame_scan(j);
    err_set(j->err, ERR_INVALID, "write one {...} per line");
    return blame(j, NULL);
}

/* --- the file --- */

static struct jsonl *jsonl_new(struct memory *memory)
{
    struct jsonl *j = counted_zeroed(memory, 1, sizeof *j);
    if (!j)
        return NULL;
    scan_init(&j->scan, &j->known);
    scan_init(&j->list_scan, NULL);
    scan_count(&j->scan, memory);
    scan_count(&j->list_scan, memory);
    j->texts.memory = memory;
    j->words.memory.memory = memory;
    return j;
}

static void jsonl_free(struct jsonl *j)
{
    struct memory *memory = j->texts.memory;
    scan_done(&j->scan);
    scan_done(&j->list_scan);
    intern_done(&j->words);
    buffer_done(&j->texts);
    counted_free(memory, j->members, j->member_room * sizeof *j->members);
    counted_free(memory, j, sizeof *j);
}

static enum err_code read_lines(struct jsonl *j)
{
    enum err_code code = ERR_OK;
    if (!learn_words(j)) {
        no_memory(j);
        return blame(j, NULL);
    }
    while (lines_next(j->in, &j->line, &code, j->err)) {
        code = take_line(j);
        if (code != ERR_OK)
            return code;
    }
    return code ? blame(j, NULL) : ERR_OK;
}

static enum err_code read(struct lines *in, struct builder *b, struct err *err)
{
    struct jsonl *j = jsonl_new(builder_memory(b));
    if (!j) {
        err_set(err, ERR_NOMEM, "out of memory");
        return err_wrap(err, "%" PRIu64, in->number);
    }
    j->in = in;
    j->builder = b;
    j->err = err;
    enum err_code code = read_lines(j);
    jsonl_free(j);
    return code;
}

static bool tells_a_form(struct bytes name)
{
    for (int form = 0; form < ROW_FORM_COUNT; form++) {
        struct bytes first = bytes_of(row_forms[form].fields[0].name);
        if (name.size == first.size && memcmp(name.at, first.at, first.size) == 0)
            return true;
    }
    return false;
}

/* Does an object begin here that has, as far as it can be read, a field which tells the
 * kind of a row? Nothing but blank lines is a history of no rows. */
static bool recognises(struct bytes head, bool whole)
{
    struct scan_value v;
    struct scan_member m;
    struct scan scan;
    bool told = false;
    scan_init(&scan, NULL);
    scan_begin(&scan, head);
    bool good = scan_value(&scan, &v) && v.type == SCAN_OBJECT;
    bool blank = !good && scan.at == scan.end;
    while (good && !told && scan_member(&scan, &m)) {
        told = tells_a_form(m.text);
        good = scan_value(&scan, &v) && scan_skip(&scan, &v);
    }
    scan_done(&scan);
    /* Who has no memory to look will have none to read, and says so. */
    return told || (blank && whole) || scan.no_memory;
}

const struct reader_ops reader_jsonl = {
    .about = {.name = "jsonl",
              .summary = "JSON lines of our own, one row a line; what export writes."},
    .recognises = recognises,
    .streams = true,
    .initial = OP_NIL,
    .read = read,
};
