#include <assert.h>
#include <string.h>

#include "base/document_parts.h"

/* jansson tells no lines, so its values are walked side by side with the text, which
 * it has found to be right. */
struct json_walk {
    struct document *document;
    struct bytes text;
    size_t at;
    unsigned line;
    struct err *err;
};

static char peek(struct json_walk *w)
{
    for (; w->at < w->text.size && strchr(" \t\r\n", w->text.at[w->at]); w->at++)
        w->line += w->text.at[w->at] == '\n';
    assert(w->at < w->text.size);
    return (char)w->text.at[w->at];
}

static void skip(struct json_walk *w, char c)
{
    char found = peek(w);
    assert(found == c);
    w->at++;
}

static void skip_string(struct json_walk *w)
{
    skip(w, '"');
    for (; w->text.at[w->at] != '"'; w->at++)
        if (w->text.at[w->at] == '\\')
            w->at++;
    w->at++;
}

/* A number or a word. */
static struct bytes skip_token(struct json_walk *w)
{
    peek(w);
    struct bytes token = {w->text.at + w->at, 0};
    while (!strchr(" \t\r\n,]}", w->text.at[w->at + token.size]))
        token.size++;
    w->at += token.size;
    return token;
}

static enum err_code walk_value(struct json_walk *w, json_t *value, unsigned depth);

static enum err_code walk_object(struct json_walk *w, json_t *object, unsigned depth)
{
    const char *key;
    json_t *value;
    size_t left = json_object_size(object);
    skip(w, '{');
    /* In the order of the text: jansson keeps it. */
    json_object_foreach(object, key, value)
    {
        skip_string(w);
        skip(w, ':');
        if (walk_value(w, value, depth + 1))
            return w->err->code;
        if (--left > 0)
            skip(w, ',');
    }
    skip(w, '}');
    return ERR_OK;
}

static enum err_code walk_array(struct json_walk *w, json_t *array, unsigned depth)
{
    skip(w, '[');
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (i > 0)
            skip(w, ',');
        if (walk_value(w, json_array_get(array, i), depth + 1))
            return w->err->code;
    }
    skip(w, ']');
    return ERR_OK;
}

static enum err_code walk_value(struct json_walk *w, json_t *value, unsigned depth)
{
    const char *name = w->document->name;
    peek(w);
    unsigned line = w->line;
    struct bytes token = (struct bytes){0};
    if (json_is_string(value))
        skip_string(w);
    else if (!json_is_object(value) && !json_is_array(value))
        token = skip_token(w);
    /* jansson has one true, one false and one null for everybody. */
    if (json_is_boolean(value) || json_is_null(value))
        return ERR_OK;
    if (!origins_add(&w->document->origins, json_incref(value), line, token))
        return document_no_memory(name, w->err);

    if (!json_is_object(value) && !json_is_array(value))
        return ERR_OK;
    if (depth > DOCUMENT_DEPTH_MAX) {
        err_set(w->err, ERR_INVALID, "nested more than %d deep", DOCUMENT_DEPTH_MAX);
        return document_place(name, line, w->err);
    }
    return json_is_object(value) ? walk_object(w, value, depth) : walk_array(w, value, depth);
}

enum err_code document_read_json(struct document *d, struct bytes text, json_t **out,
                                 struct err *err)
{
    json_error_t why;
    json_t *root = json_loadb((const char *)text.at, text.size, JSON_REJECT_DUPLICATES, &why);
    /* jansson has something to say about every bad text, and nothing without memory. */
    if (!root && why.text[0] == '\0')
        return document_no_memory(d->name, err);
    if (!root) {
        err_set(err, ERR_INVALID, "it begins with '{' but is not JSON: %s", why.text);
        return document_place(d->name, why.line > 0 ? (unsigned)why.line : 0, err);
    }
    struct json_walk walk = {.document = d, .text = text, .line = 1, .err = err};
    enum err_code code = walk_value(&walk, root, 1);
    json_decref(root); /* the origins hold it */
    if (!code)
        *out = root;
    return code;
}
