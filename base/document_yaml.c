/* libyaml's events made into jansson values, and its complaints into advice. */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/document_parts.h"

/* A pull on libyaml's events: `event` is the one being looked at. */
struct yaml_reader {
    yaml_parser_t parser;
    yaml_event_t event;
    struct document *document;
    struct bytes text;
    const char *name; /* for errors */
    bool has_lines;   /* false for document_set: everything is on line 0 */
    struct err *err;
};

static unsigned mark_line(const struct yaml_reader *r, yaml_mark_t mark)
{
    return r->has_lines ? (unsigned)mark.line + 1 : 0;
}

static unsigned event_line(const struct yaml_reader *r)
{
    return mark_line(r, r->event.start_mark);
}

static enum err_code PRINTF_LIKE(3, 4)
    refuse_at(struct yaml_reader *r, unsigned line, const char *fmt, ...)
{
    char what[ERR_MSG_SIZE];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    err_set(r->err, ERR_INVALID, "%s", what);
    return document_place(r->name, line, r->err);
}

/* The byte at a mark, whose column counts characters; NUL past the end. */
static char byte_at(struct bytes text, yaml_mark_t mark)
{
    size_t at = 0;
    for (size_t line = 0; line < mark.line && at < text.size; at++)
        line += text.at[at] == '\n';
    for (size_t column = 0; at < text.size; at++) {
        if ((text.at[at] & 0xc0) == 0x80)
            continue;
        if (column++ == mark.column)
            return (char)text.at[at];
    }
    return '\0';
}

/* What libyaml says, and what a person can do about it. */
static const struct {
    const char *problem, *advice;
} advices[] = {
    {"cannot start any token", "text that begins with this character must be quoted"},
    {"expected node content", "a key or a value is missing"},
    {"directive", "text that begins with '%' must be quoted"},
    {"mapping values are not allowed", "text with ': ' in it must be quoted"},
    {"expected alphabetic or numeric", "text that begins with '*' or '&' must be quoted"},
    {"expected comment or line break", "text that begins with '|' or '>' must be quoted"},
    {"found unexpected ':'", "text with ':' in it must be quoted"},
    {"could not find expected ':'", "write 'key: value' on each line of a mapping"},
    {"expected <block end>", "begin all keys of a mapping in the same column"},
    {"expected key", "begin all keys of a mapping in the same column"},
    {"unexpected end of stream", "a closing quote is missing"},
    {"expected ',' or", "a closing bracket or a comma is missing"},
};

static const char *advice_for(const char *problem)
{
    for (size_t i = 0; i < ARRAY_LEN(advices); i++)
        if (strstr(problem, advices[i].problem))
            return advices[i].advice;
    return NULL;
}

static enum err_code explain(struct yaml_reader *r)
{
    const yaml_parser_t *p = &r->parser;
    const char *problem = p->problem ? p->problem : "it is not YAML";
    if (p->error == YAML_MEMORY_ERROR)
        return document_no_memory(r->name, r->err);
    if (p->error == YAML_READER_ERROR)
        return refuse_at(r, r->has_lines ? document_line_of(r->text, p->problem_offset) : 0,
                         "it is not UTF-8 text: %s", problem);

    unsigned line = mark_line(r, p->problem_mark);
    char at = byte_at(r->text, p->problem_mark);
    if (at == '\t' && strstr(problem, "cannot start any token"))
        return refuse_at(r, line, "a tab; indent with spaces");
    const char *advice = advice_for(problem);
    if (advice && at > ' ')
        return refuse_at(r, line, "at '%c': %s (%s)", at, advice, problem);
    return refuse_at(r, line, "%s%s%s%s", advice ? advice : problem, advice ? " (" : "",
                     advice ? problem : "", advice ? ")" : "");
}

static enum err_code next_event(struct yaml_reader *r)
{
    yaml_event_delete(&r->event);
    return yaml_parser_parse(&r->parser, &r->event) ? ERR_OK : explain(r);
}

/* Hand a new value to the table of origins; NULL stands for no memory. */
static enum err_code keep(struct yaml_reader *r, json_t *value)
{
    if (!value || !origins_add(&r->document->origins, value, event_line(r), (struct bytes){0}))
        return document_no_memory(r->name, r->err);
    return ERR_OK;
}

static bool is_plain(const yaml_event_t *e)
{
    return e->type == YAML_SCALAR_EVENT && e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

static bool is_absent(const yaml_event_t *e)
{
    return is_plain(e) && e->data.scalar.length == 0;
}

static const char *scalar_text(const yaml_event_t *e)
{
    return (const char *)e->data.scalar.value;
}

/* A value's anchor and tag, whatever its kind. */
static enum err_code refuse_extras(struct yaml_reader *r)
{
    const yaml_event_t *e = &r->event;
    const yaml_char_t *anchor = NULL, *tag = NULL;
    switch (e->type) {
    case YAML_ALIAS_EVENT:
        return refuse_at(r, event_line(r), "alias '*%s': write the value itself, or quote it",
                         (const char *)e->data.alias.anchor);
    case YAML_SCALAR_EVENT: anchor = e->data.scalar.anchor, tag = e->data.scalar.tag; break;
    case YAML_SEQUENCE_START_EVENT:
        anchor = e->data.sequence_start.anchor, tag = e->data.sequence_start.tag;
        break;
    case YAML_MAPPING_START_EVENT:
        anchor = e->data.mapping_start.anchor, tag = e->data.mapping_start.tag;
        break;
    default: break;
    }
    if (anchor)
        return refuse_at(r, event_line(r), "anchor '&%s': leave it out, or quote it",
                         (const char *)anchor);
    if (tag)
        return refuse_at(r, event_line(r), "tag '%s': leave it out, or quote it",
                         (const char *)tag);
    return ERR_OK;
}

static enum err_code refuse_nul(struct yaml_reader *r)
{
    if (memchr(r->event.data.scalar.value, '\0', r->event.data.scalar.length))
        return refuse_at(r, event_line(r), "a text with a NUL character in it");
    return ERR_OK;
}

static enum err_code read_value(struct yaml_reader *r, unsigned depth, json_t **out);

static enum err_code read_scalar(struct yaml_reader *r, json_t **out)
{
    if (is_absent(&r->event))
        return refuse_at(r, event_line(r), "a value is missing; write '' for an empty text");
    if (refuse_nul(r))
        return r->err->code;
    *out = json_stringn(scalar_text(&r->event), r->event.data.scalar.length);
    return keep(r, *out);
}

static enum err_code read_list(struct yaml_reader *r, unsigned depth, json_t **out)
{
    *out = json_array();
    enum err_code code = keep(r, *out);
    while (!code && !(code = next_event(r)) && r->event.type != YAML_SEQUENCE_END_EVENT) {
        json_t *item = NULL;
        code = read_value(r, depth + 1, &item);
        if (!code && json_array_append(*out, item))
            code = document_no_memory(r->name, r->err);
    }
    return code;
}

static enum err_code check_key(struct yaml_reader *r, const json_t *mapping)
{
    const yaml_event_t *e = &r->event;
    if (refuse_extras(r))
        return r->err->code;
    if (e->type != YAML_SCALAR_EVENT)
        return refuse_at(r, event_line(r), "a list or mapping as a key; a key is a text");
    if (e->data.scalar.length == 0)
        return refuse_at(r, event_line(r), "a key is empty; name it");
    if (refuse_nul(r))
        return r->err->code;
    if (is_plain(e) && strcmp(scalar_text(e), "<<") == 0)
        return refuse_at(r, event_line(r), "merge key '<<': write the values themselves");
    const json_t *first = json_object_get(mapping, scalar_text(e));
    if (!first)
        return ERR_OK;
    unsigned line = document_line(r->document, first);
    return line > 0
               ? refuse_at(r, event_line(r), "key '%s' is here twice; the first is on line %u",
                           scalar_text(e), line)
               : refuse_at(r, event_line(r), "key '%s' is here twice", scalar_text(e));
}

static enum err_code refuse_lone_key(struct yaml_reader *r, const char *key)
{
    const char *colon = strchr(key, ':');
    if (colon)
        return refuse_at(r, event_line(r), "key '%s' has no value; write '%.*s: %s'", key,
                         (int)(colon - key), key, colon + 1);
    return refuse_at(r, event_line(r),
                     "key '%s' has no value; write '%s: VALUE', or '' for an empty text", key,
                     key);
}

/* The value of `key`, into `mapping`. */
static enum err_code read_member(struct yaml_reader *r, const char *key, unsigned depth,
                                 json_t *mapping)
{
    if (next_event(r))
        return r->err->code;
    if (is_absent(&r->event) && refuse_extras(r) == ERR_OK)
        return refuse_lone_key(r, key);
    json_t *value = NULL;
    if (read_value(r, depth + 1, &value))
        return r->err->code;
    return json_object_set(mapping, key, value) ? document_no_memory(r->name, r->err) : ERR_OK;
}

static enum err_code read_mapping(struct yaml_reader *r, unsigned depth, json_t **out)
{
    *out = json_object();
    enum err_code code = keep(r, *out);
    while (!code && !(code = next_event(r)) && r->event.type != YAML_MAPPING_END_EVENT) {
        code = check_key(r, *out);
        if (code)
            break;
        /* The event, and the key with it, goes when the next one is asked for. */
        char *key = strdup(scalar_text(&r->event));
        code = key ? read_member(r, key, depth, *out) : document_no_memory(r->name, r->err);
        free(key);
    }
    return code;
}

/* The value that begins with the event looked at. Recursion ends at DOCUMENT_DEPTH_MAX. */
static enum err_code read_value(struct yaml_reader *r, unsigned depth, json_t **out)
{
    if (refuse_extras(r))
        return r->err->code;
    if (r->event.type == YAML_SCALAR_EVENT)
        return read_scalar(r, out);
    if (depth > DOCUMENT_DEPTH_MAX)
        return refuse_at(r, event_line(r), "nested more than %d deep", DOCUMENT_DEPTH_MAX);
    if (r->event.type == YAML_SEQUENCE_START_EVENT)
        return read_list(r, depth, out);
    assert(r->event.type == YAML_MAPPING_START_EVENT);
    return read_mapping(r, depth, out);
}

/* Between the start of the stream and its end: exactly one document. */
static enum err_code read_stream(struct yaml_reader *r, json_t **out)
{
    if (next_event(r) || next_event(r))
        return r->err->code;
    if (r->event.type == YAML_STREAM_END_EVENT)
        return refuse_at(r, 0, "it is empty; write 'key: value' lines");
    if (next_event(r))
        return r->err->code;
    if (is_absent(&r->event) && refuse_extras(r) == ERR_OK)
        return refuse_at(r, 0, "it is empty; write 'key: value' lines");
    if (read_value(r, 1, out) || next_event(r) || next_event(r))
        return r->err->code;
    if (r->event.type != YAML_STREAM_END_EVENT)
        return refuse_at(r, event_line(r), "a second document; one file holds one");
    return ERR_OK;
}

enum err_code document_read_yaml(struct document *d, const char *name, bool has_lines,
                                 struct bytes text, json_t **out, struct err *err)
{
    struct yaml_reader r = {
        .document = d, .text = text, .name = name, .has_lines = has_lines, .err = err};
    if (!yaml_parser_initialize(&r.parser))
        return document_no_memory(name, err);
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, text.at, text.size);
    enum err_code code = read_stream(&r, out);
    yaml_event_delete(&r.event);
    yaml_parser_delete(&r.parser);
    return code;
}
