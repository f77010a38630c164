/* An open history file, for the files of this folder that read it. */
#ifndef HISTORY_FILE_H
#define HISTORY_FILE_H

#include "history/history.h"
#include "history/schema.h"

/* What an id stands for. */
struct file_value {
    int64_t id;
    const char *text; /* NULL: an integer */
    int64_t integer;
};

struct file_name {
    const char *name;
    uint32_t region; /* of a node */
};
struct file_names {
    struct file_name *items;
    uint32_t count;
};

struct history {
    sqlite3 *db;
    char *path;
    int64_t seq_at_open; /* rows that were there */
    int64_t seq;         /* rows to be seen */
    int64_t end_ns;

    struct arena texts;
    struct file_value *values; /* texts and integers, by id */
    size_t value_count;

    /* What a cut reads again. */
    struct arena facts;
    struct file_names regions, nodes, tables;
    struct promise *promises;
    size_t promise_count;
    struct file_meta {
        const char *name, *value;
    } * metas;
    size_t meta_count;
};

/* A statement over rows up to h->seq, which is its parameter ?1. */
enum err_code file_prepare(const struct history *h, const char *sql, sqlite3_stmt **out,
                           struct err *err) MUST_CHECK;

/* The next row; false at the end, and when `code` is set to an error. */
bool file_step(const struct history *h, sqlite3_stmt *s, enum err_code *code, struct err *err);

/* The first column of a statement's only row; `otherwise` when that is NULL. */
enum err_code file_number(const struct history *h, const char *sql, int64_t otherwise,
                          int64_t *out, struct err *err) MUST_CHECK;

/* A column that is an integer, or `otherwise` when NULL. */
int64_t file_integer(sqlite3_stmt *s, int column, int64_t otherwise);

/* The same, within bounds; sets `damaged` when outside, or no integer at all. */
int64_t file_bounded(sqlite3_stmt *s, int column, int64_t min, int64_t max, bool *damaged);

/* A node's number, or -1. */
int32_t file_node(sqlite3_stmt *s, int column, bool *damaged);

/* A column of an id; the text belongs to `h`. */
const char *file_text(const struct history *h, sqlite3_stmt *s, int column);

const struct file_value *file_value_find(const struct history *h, int64_t id);

/* Read the list `id` into `arena`. */
enum err_code file_list(const struct history *h, sqlite3_stmt *values, int64_t id,
                        struct arena *arena, struct int_list *out, struct err *err) MUST_CHECK;
enum err_code file_prepare_lists(const struct history *h, sqlite3_stmt **out,
                                 struct err *err) MUST_CHECK;

enum err_code file_no_memory(const struct history *h, struct err *err);
enum err_code file_damaged(const struct history *h, struct err *err, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

#endif
