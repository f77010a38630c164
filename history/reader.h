/* Histories from elsewhere, read as they stream in: which formats there are, which one
 * a file is in, and how it becomes a history.
 *
 * One file each in history/readers/, one line in readers.def. */
#ifndef HISTORY_READER_H
#define HISTORY_READER_H

#include <stdio.h>

#include "base/param.h"
#include "history/builder.h"
#include "history/lines.h"

struct reader_ops {
    struct plugin about; /* "jepsen-log", ... : what --format takes */
    const char *model;   /* what such histories are mostly of; NULL: anything */
    bool streams;        /* each row is told as it is read: they are in order of time */
    int64_t initial;     /* of that model where the file does not say; OP_NIL: nothing */

    /* Are these the first bytes of such a file? `whole` when there are no more. */
    bool (*recognises)(struct bytes head, bool whole);

    /* Fill `b`. Errors begin with "LINE:COLUMN: " (columns from 1, in bytes; those that
     * know no column leave it out); the caller puts the file's name before them. */
    enum err_code (*read)(struct lines *in, struct builder *b, struct err *err);
};

struct catalogue reader_catalogue(void);
const struct reader_ops *reader_of(const struct plugin *plugin);

/* What a history was read as. */
struct reading {
    const struct reader_ops *reader;
    const char *model; /* what the file says it is of, else the reader's; NULL for neither */
};

/* Read the history in `in`, called `name` in errors. `format`: a reader's name, or NULL
 * to recognise it. Errors are "NAME:LINE:COLUMN: ..."; ERR_INVALID for what is no such
 * history. */
enum err_code history_read(FILE *in, const char *name, const char *format,
                           struct memory *memory, struct history **out, struct reading *reading,
                           struct err *err) MUST_CHECK;

/* Read what comes from `source`, called `name` in errors, and tell it to `ear`, row by
 * row. ERR_INVALID also for a format in which rows have no order before the end. */
enum err_code history_listen(struct line_source source, const char *name, const char *format,
                             struct memory *memory, const struct ear *ear,
                             struct err *err) MUST_CHECK;

#endif
