#include "base/document.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/document_parts.h"
#include "base/text.h"

/* --- refusing --- */

enum err_code document_no_memory(const char *name, struct err *err)
{
    return err_set(err, ERR_NOMEM, "%s: no memory to read it", name);
}

enum err_code document_place(const char *name, unsigned line, struct err *err)
{
    if (line > 0)
        err_wrap(err, "%s:%u", name, line);
    else
        err_wrap(err, "%s", name);
    text_keep_on_one_line(err->msg);
    return err->code;
}

unsigned document_line_of(struct bytes text, size_t offset)
{
    unsigned line = 1;
    for (size_t i = 0; i < offset && i < text.size; i++)
        line += text.at[i] == '\n';
    return line;
}

/* --- files --- */

static struct bytes without_bom(struct bytes text)
{
    if (text.size >= 3 && memcmp(text.at, "\xef\xbb\xbf", 3) == 0)
        return (struct bytes){text.at + 3, text.size - 3};
    return text;
}

static bool begins_with_brace(struct bytes text)
{
    size_t at = 0;
    while (at < text.size && strchr(" \t\r\n", text.at[at]))
        at++;
    return at < text.size && text.at[at] == '{';
}

static enum err_code check_text(const char *name, struct bytes text, struct err *err)
{
    if (text.size > DOCUMENT_BYTES_MAX)
        return err_set(err, ERR_LIMIT, "%s: it is larger than %d MiB", name,
                       DOCUMENT_BYTES_MAX >> 20);
    const uint8_t *nul = text.size > 0 ? memchr(text.at, '\0', text.size) : NULL;
    if (!nul)
        return ERR_OK;
    err_set(err, ERR_INVALID, "it has a NUL character");
    return document_place(name, document_line_of(text, (size_t)(nul - text.at)), err);
}

static enum err_code read_text(struct document *d, struct bytes text, struct err *err)
{
    text = without_bom(text);
    if (begins_with_brace(text))
        return document_read_json(d, text, &d->root, err);
    if (document_read_yaml(d, d->name, true, text, &d->root, err))
        return err->code;
    if (!json_is_object(d->root)) {
        err_set(err, ERR_INVALID, "it is %s; write 'key: value' lines",
                json_is_array(d->root) ? "a list" : "a single text");
        return document_place(d->name, document_line(d, d->root), err);
    }
    return ERR_OK;
}

enum err_code document_parse(const char *name, struct bytes text, struct document **out,
                             struct err *err)
{
    if (check_text(name, text, err))
        return err->code;
    struct document *d = calloc(1, sizeof *d);
    if (!d || !(d->name = strdup(name))) {
        free(d);
        return document_no_memory(name, err);
    }
    enum err_code code = read_text(d, text, err);
    if (code)
        document_free(d);
    else
        *out = d;
    return code;
}

static enum err_code code_of_errno(int number)
{
    switch (number) {
    case ENOENT: return ERR_NOTFOUND;
    case EACCES:
    case EPERM: return ERR_PERM;
    case ENOMEM: return ERR_NOMEM;
    default: return ERR_IO;
    }
}

/* One byte more than a document may have, so that check_text can tell. */
static enum err_code read_file(FILE *file, const char *path, struct buffer *text,
                               struct err *err)
{
    while (text->size <= DOCUMENT_BYTES_MAX) {
        enum { CHUNK = 16 * 1024 };
        uint8_t *to = buffer_reserve(text, CHUNK);
        if (!to)
            return document_no_memory(path, err);
        size_t got = fread(to, 1, CHUNK, file);
        text->size += got;
        if (got < CHUNK)
            break;
    }
    if (ferror(file))
        return err_set(err, code_of_errno(errno), "%s: cannot be read: %s", path,
                       strerror(errno));
    return ERR_OK;
}

enum err_code document_load(const char *path, struct document **out, struct err *err)
{
    FILE *file = fopen(path, "rbe");
    if (!file)
        return err_set(err, code_of_errno(errno), "%s: cannot be opened: %s", path,
                       strerror(errno));
    struct buffer text = {0};
    enum err_code code = read_file(file, path, &text, err);
    if (!code)
        code = document_parse(path, buffer_bytes(&text), out, err);
    buffer_done(&text);
    fclose(file);
    return code;
}

void document_free(struct document *d)
{
    if (!d)
        return;
    origins_done(&d->origins);
    free(d->name);
    free(d);
}

/* --- asking --- */

json_t *document_root(const struct document *d)
{
    return d->root;
}

const char *document_name(const struct document *d)
{
    return d->name;
}

unsigned document_line(const struct document *d, const json_t *value)
{
    const struct origin *origin = origins_find(&d->origins, value);
    return origin ? origin->line : 0;
}

const char *document_text(const struct document *d, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_STRING: return json_string_value(value);
    case JSON_TRUE: return "true";
    case JSON_FALSE: return "false";
    case JSON_NULL: return "null";
    case JSON_INTEGER:
    case JSON_REAL: break;
    default: return NULL;
    }
    const struct origin *origin = origins_find(&d->origins, value);
    return origin ? origin->text : NULL;
}

/* Put "NAME:LINE" or "--set" before a message that begins with the path. */
static enum err_code put_origin(const struct document *d, const json_t *value, struct err *err)
{
    const struct origin *origin = origins_find(&d->origins, value);
    if (!origin || origin->line > 0)
        return document_place(d->name, origin ? origin->line : 0, err);
    char said[ERR_MSG_SIZE];
    memcpy(said, err->msg, sizeof said);
    err_set(err, err->code, "--set %s", said);
    text_keep_on_one_line(err->msg);
    return err->code;
}

enum err_code document_refuse(const struct document *d, const json_t *value, const char *path,
                              struct err *err, const char *fmt, ...)
{
    char what[ERR_MSG_SIZE];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    err_set(err, ERR_INVALID, "%s%s%s", path, *path ? ": " : "", what);
    return put_origin(d, value, err);
}

enum err_code document_blame(const struct document *d, const json_t *value, const char *path,
                             struct err *err)
{
    char said[ERR_MSG_SIZE];
    memcpy(said, err->msg, sizeof said);
    err_set(err, err->code, "%s%s%s", path, *path ? "." : "", said);
    return put_origin(d, value, err);
}
