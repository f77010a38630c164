/* What is behind an opened history: a file (history/file.h), or rows that are kept in
 * memory (history/kept.h). For the files of this folder; nobody outside needs to know
 * which of the two it is. */
#ifndef HISTORY_SOURCE_H
#define HISTORY_SOURCE_H

#include "history/cell.h"
#include "history/fields.h"
#include "history/history.h"

/* The rows of one form (history/fields.h) that are seen, in order of recording. */
struct cursor {
    const struct history *history;
    const struct row_form *form;
    int64_t seq;                   /* number of the row at hand */
    struct cell cells[FIELDS_MAX]; /* its fields; their texts are valid until the next */
    void *statement;               /* the source's own from here on */
    size_t next;
};

struct source_ops {
    /* How many rows of a form are seen. */
    enum err_code (*count)(const struct history *h, const struct row_form *form, size_t *count,
                           struct err *err);

    /* Begin with `history` and `form`, all else zero; close also after a failure. */
    enum err_code (*begin)(struct cursor *c, struct err *err);
    /* The next row; false at the end, and when `code` is set to an error. */
    bool (*next)(struct cursor *c, enum err_code *code, struct err *err);
    void (*close)(struct cursor *c);

    /* The integers behind the id of a list, ascending; in `arena` or in `h`. */
    enum err_code (*list)(struct history *h, int64_t id, struct arena *arena,
                          struct int_list *out, struct err *err);

    /* All operations that are seen; in `arena` or in `h`. */
    enum err_code (*columns)(struct history *h, struct arena *arena, struct columns *out,
                             struct err *err);

    /* When the last row that is seen was recorded; 0 when there is none. */
    enum err_code (*end)(const struct history *h, int64_t *end_ns, struct err *err);

    void (*free)(struct history *h);
};

/* What an id stands for. */
struct known_value {
    int64_t id;
    const char *text; /* NULL: an integer */
    int64_t integer;
};

struct known_name {
    const char *name;
    uint32_t region; /* of a node */
};
struct known_names {
    struct known_name *items;
    uint32_t count;
};

/* Each source begins with one. */
struct history {
    const struct source_ops *source;
    char *name;        /* what errors call it */
    int64_t row_count; /* rows that there are */
    int64_t seq;       /* rows that are seen */
    int64_t end_ns;

    const struct known_value *values; /* texts and integers, by id */
    size_t value_count;

    /* What a cut reads again. */
    struct arena facts;
    struct known_names regions, nodes, tables;
    struct promise *promises;
    size_t promise_count;
    struct known_meta {
        const char *name, *value;
    } * metas;
    size_t meta_count;

    /* All operations, once somebody asked for them. */
    struct arena loaded;
    struct columns columns;
    bool is_loaded;
};

/* Read what is kept of names, promises and metas, as far as `h` is seen. */
enum err_code source_load_facts(struct history *h, struct err *err) MUST_CHECK;

const struct known_value *source_value(const struct history *h, int64_t id);

/* Room for `count` operations, of which nothing is known yet; false without memory. */
bool source_make_columns(struct columns *c, size_t count, struct arena *a) MUST_CHECK;

enum err_code source_no_memory(const struct history *h, struct err *err);
enum err_code source_damaged(const struct history *h, struct err *err, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* --- the row at hand --- */

/* A field that is an integer, or `otherwise` when it holds nothing. */
int64_t cursor_integer(const struct cursor *c, int field, int64_t otherwise);

/* The same, within bounds; sets `damaged` when it is not. */
int64_t cursor_bounded(const struct cursor *c, int field, int64_t min, int64_t max,
                       bool *damaged);

/* A node's number, or -1. */
int32_t cursor_node(const struct cursor *c, int field, bool *damaged);

/* The text of a phrase, which is a value; NULL for none. Belongs to the history. */
const char *cursor_phrase(const struct cursor *c, int field);

double cursor_real(const struct cursor *c, int field);

#endif
