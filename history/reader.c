#include "history/reader.h"

#define READER(name) extern const struct reader_ops reader_##name;
#include "history/readers.def"
#undef READER

enum { HEAD_BYTES = 4096 };

static const struct plugin *const plugins[] = {
#define READER(name) &reader_##name.about,
#include "history/readers.def"
#undef READER
    NULL};

struct catalogue reader_catalogue(void)
{
    return (struct catalogue){.kind = "format", .all = plugins};
}

const struct reader_ops *reader_of(const struct plugin *plugin)
{
    return CONTAINER_OF(plugin, const struct reader_ops, about);
}

/* Who reads it, by name or by its first bytes. */
static const struct reader_ops *choose(struct lines *in, const char *format, struct err *err)
{
    struct catalogue all = reader_catalogue();
    char names[200];
    catalogue_names(&all, names, sizeof names);
    if (format) {
        const struct plugin *found = catalogue_find(&all, format);
        if (!found)
            err_set(err, ERR_INVALID, "--format: '%s' is none of %s", format, names);
        return found ? reader_of(found) : NULL;
    }
    struct bytes head = lines_head(in, HEAD_BYTES);
    bool whole = head.size < HEAD_BYTES;
    for (const struct plugin *const *p = plugins; *p; p++)
        if (reader_of(*p)->recognises(head, whole))
            return reader_of(*p);
    err_set(err, ERR_INVALID, "no history in a form that is known by its beginning: %s", names);
    return NULL;
}

/* A format that there is not says nothing about the file. */
static enum err_code refuse(const char *name, const char *format, struct err *err)
{
    return format ? err->code : err_wrap(err, "%s", name);
}

/* `reading` has its reader, and gets its model. */
static enum err_code read_all(struct lines *in, struct reading *reading, const char *name,
                              struct memory *memory, struct history **out, struct err *err)
{
    struct builder *b = builder_new(memory);
    if (!b)
        return err_set(err, ERR_NOMEM, "%s: out of memory", name);
    if (reading->reader->read(in, b, err)) {
        struct err place = *err;
        builder_free(b);
        return err_set(err, place.code, "%s:%s", name, place.msg);
    }
    const char *model = builder_model(b);
    reading->model = model ? model : reading->reader->model;
    enum err_code code = builder_finish(b, out, err);
    return code ? err_wrap(err, "%s", name) : ERR_OK;
}

enum err_code history_read(FILE *in, const char *name, const char *format,
                           struct memory *memory, struct history **out, struct reading *reading,
                           struct err *err)
{
    struct lines lines;
    lines_init(&lines, in);
    lines.memory = memory;
    *reading = (struct reading){.reader = choose(&lines, format, err)};
    enum err_code code = reading->reader ? read_all(&lines, reading, name, memory, out, err)
                                         : refuse(name, format, err);
    lines_done(&lines);
    return code;
}

static enum err_code listen_to(struct lines *in, const struct reader_ops *reader,
                               struct memory *memory, const struct ear *ear, struct err *err)
{
    if (!reader->streams)
        return err_set(err, ERR_INVALID,
                       " what %s tells of a history has an order only at its end, so it cannot "
                       "be followed",
                       reader->about.name);
    struct builder *b = builder_new(memory);
    if (!b)
        return err_set(err, ERR_NOMEM, " out of memory");
    builder_listen(b, ear);
    enum err_code code = ear->begin(ear->user, b, reader, err);
    if (code == ERR_OK)
        code = reader->read(in, b, err);
    if (code == ERR_OK)
        code = ear->moment(ear->user, INT64_MAX, err);
    builder_free(b);
    return code;
}

enum err_code history_listen(struct line_source source, const char *name, const char *format,
                             struct memory *memory, const struct ear *ear, struct err *err)
{
    struct lines lines;
    lines_init_from(&lines, source);
    const struct reader_ops *reader = choose(&lines, format, err);
    enum err_code code =
        reader ? listen_to(&lines, reader, memory, ear, err) : refuse(name, format, err);
    if (reader && code) {
        struct err place = *err;
        err_set(err, place.code, "%s:%s", name, place.msg);
    }
    lines_done(&lines);
    return code;
}
