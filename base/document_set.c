#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/document_parts.h"
#include "base/text.h"

/* One part of a path: a key, or the number of an item. */
struct step {
    char *key; /* NULL: `index` */
    size_t index;
};

/* The text of a path cut into steps that point into it. */
struct path {
    const char *whole;
    char *text;
    unsigned count;
    struct step steps[DOCUMENT_DEPTH_MAX];
};

static enum err_code PRINTF_LIKE(3, 4)
    refuse_set(const char *path, struct err *err, const char *fmt, ...)
{
    char what[ERR_MSG_SIZE];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    err_set(err, ERR_INVALID, "--set %s: %s", path, what);
    text_keep_on_one_line(err->msg);
    return ERR_INVALID;
}

/* "0]" of "[0]"; NULL unless it is a number of a few digits and closed. */
static char *cut_index(char *at, struct step *step)
{
    size_t digits = strspn(at, "0123456789");
    if (digits == 0 || digits > 6 || at[digits] != ']')
        return NULL;
    *step = (struct step){.index = (size_t)strtoul(at, NULL, 10)};
    return at + digits + 1;
}

static char *cut_key(char *at, struct step *step, char *ended_by)
{
    size_t length = strcspn(at, ".[");
    if (length == 0)
        return NULL;
    *step = (struct step){.key = at};
    *ended_by = at[length];
    at[length] = '\0';
    return at + length;
}

static enum err_code cut_path(struct path *p, struct err *err)
{
    /* Keys are closed in place, so what ended them is carried along. */
    char *at = p->text, before = '.';
    do {
        if (p->count == DOCUMENT_DEPTH_MAX)
            return refuse_set(p->whole, err, "more than %d steps", DOCUMENT_DEPTH_MAX);
        struct step *step = &p->steps[p->count++];
        char ended_by = '\0';
        if (before == '[') {
            at = cut_index(at, step);
            ended_by = at ? *at : '\0';
        } else {
            at = cut_key(at, step, &ended_by);
        }
        if (!at || !strchr(".[", ended_by))
            return refuse_set(p->whole, err,
                              "not a path; write names and numbers like workloads[0].rate");
        at += ended_by != '\0';
        before = ended_by;
    } while (before != '\0');
    return ERR_OK;
}

/* The path up to and without step `count`, for messages. */
static const char *path_front(const struct path *p, unsigned count, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (unsigned i = 0; i < count && used < size; i++) {
        const struct step *s = &p->steps[i];
        int n = s->key ? snprintf(out + used, size - used, "%s%s", i > 0 ? "." : "", s->key)
                       : snprintf(out + used, size - used, "[%zu]", s->index);
        used += n < 0 ? 0 : (size_t)n;
    }
    return count == 0 ? "the document" : out;
}

static enum err_code refuse_step(const struct path *p, unsigned at, const json_t *found,
                                 struct err *err)
{
    char front[160];
    const char *what = path_front(p, at, front, sizeof front);
    const struct step *s = &p->steps[at];
    if (json_is_array(found) && s->key)
        return refuse_set(p->whole, err, "%s is a list; write %s[0] for its first item", what,
                          what);
    if (json_is_array(found))
        return refuse_set(p->whole, err, "%s has no [%zu]; it has %zu, counted from [0]", what,
                          s->index, json_array_size(found));
    if (json_is_object(found) || !found)
        return refuse_set(p->whole, err, "%s is no list", what);
    return refuse_set(p->whole, err, "%s is a single value; nothing is below it", what);
}

static json_t *child_of(const json_t *parent, const struct step *s)
{
    return s->key ? json_object_get(parent, s->key) : json_array_get(parent, s->index);
}

/* Could `s` be a new or old member of `parent`? */
static bool can_hold(const json_t *parent, const struct step *s)
{
    return s->key ? json_is_object(parent) : s->index < json_array_size(parent);
}

/* The deepest container that exists on the way; `*at` is the step to take in it. */
static enum err_code find_parent(const struct document *d, const struct path *p,
                                 json_t **parent, unsigned *at, struct err *err)
{
    *parent = d->root;
    for (*at = 0;; ++*at) {
        if (!can_hold(*parent, &p->steps[*at]))
            return refuse_step(p, *at, *parent, err);
        json_t *child = child_of(*parent, &p->steps[*at]);
        if (!child || *at + 1 == p->count)
            return ERR_OK;
        *parent = child;
    }
}

/* Wrap `value` in the mappings that are missing below step `at`. */
static enum err_code wrap_value(struct document *d, const struct path *p, unsigned at,
                                json_t **value, struct err *err)
{
    for (unsigned i = p->count - 1; i > at; i--) {
        if (!p->steps[i].key)
            return refuse_step(p, i, NULL, err);
        json_t *mapping = json_object();
        if (!mapping || !origins_add(&d->origins, mapping, 0, (struct bytes){0}) ||
            json_object_set(mapping, p->steps[i].key, *value))
            return document_no_memory(d->name, err);
        *value = mapping;
    }
    return ERR_OK;
}

/* The value that `text` means, held by the origins. */
static enum err_code read_set_value(struct document *d, const struct path *p, const char *text,
                                    json_t **out, struct err *err)
{
    struct bytes bytes = {(const uint8_t *)text, strlen(text)};
    if (text[strspn(text, " ")] == '\0') {
        *out = json_string("");
        if (!*out || !origins_add(&d->origins, *out, 0, (struct bytes){0}))
            return document_no_memory(d->name, err);
        return ERR_OK;
    }
    char name[256];
    snprintf(name, sizeof name, "--set %s", p->whole);
    return document_read_yaml(d, name, false, bytes, out, err);
}

static enum err_code set_at(struct document *d, const struct path *p, const char *text,
                            struct err *err)
{
    json_t *parent = NULL, *value = NULL;
    unsigned at;
    if (find_parent(d, p, &parent, &at, err) || read_set_value(d, p, text, &value, err) ||
        wrap_value(d, p, at, &value, err))
        return err->code;
    const struct step *s = &p->steps[at];
    int failed = s->key ? json_object_set(parent, s->key, value)
                        : json_array_set(parent, s->index, value);
    return failed ? document_no_memory(d->name, err) : ERR_OK;
}

enum err_code document_set(struct document *d, const char *path, const char *text,
                           struct err *err)
{
    struct path p = {.whole = path, .text = strdup(path)};
    if (!p.text)
        return document_no_memory(d->name, err);
    enum err_code code =
        text_is_utf8(path) ? cut_path(&p, err) : refuse_set(path, err, "it is not UTF-8 text");
    if (!code)
        code = set_at(d, &p, text, err);
    free(p.text);
    return code;
}
