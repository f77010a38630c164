/* A history that is a SQLite file. Opens nothing for writing. */
#ifndef HISTORY_FILE_H
#define HISTORY_FILE_H

#include <sys/types.h>

#include "history/schema.h"
#include "history/source.h"

struct file_history {
    struct history base;
    sqlite3 *db;
    dev_t device; /* which file the path named when it was opened */
    ino_t inode;
    struct arena texts;  /* of the values */
    sqlite3_stmt *lists; /* looks up one; NULL until it is needed */
};

static inline struct file_history *file_of(const struct history *h)
{
    return CONTAINER_OF(h, struct file_history, base);
}

/* One more connection to the same file, for another thread; false when there is none
 * to be had: then make do with the first. */
bool file_open_again(const struct file_history *f, struct file_history *out) MUST_CHECK;
void file_close_again(struct file_history *f);

/* A statement over rows up to f->base.seq, which is its parameter ?1. */
enum err_code file_prepare(const struct file_history *f, const char *sql, sqlite3_stmt **out,
                           struct err *err) MUST_CHECK;

/* The next row; false at the end, and when `code` is set to an error. */
bool file_step(const struct file_history *f, sqlite3_stmt *s, enum err_code *code,
               struct err *err);

/* The first column of a statement's only row; `otherwise` when that is NULL. */
enum err_code file_number(const struct file_history *f, const char *sql, int64_t otherwise,
                          int64_t *out, struct err *err) MUST_CHECK;

/* See struct source_ops. */
enum err_code file_list(struct history *h, int64_t id, struct arena *arena,
                        struct int_list *out, struct err *err) MUST_CHECK;
enum err_code file_columns(struct history *h, struct arena *arena, struct columns *out,
                           struct err *err) MUST_CHECK;

#endif
