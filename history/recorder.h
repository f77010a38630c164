/* The disk's side of a history writer: rows packed into memory on one side, rows
 * of a SQLite file on the other. Knows nothing of what the rows mean. */
#ifndef HISTORY_RECORDER_H
#define HISTORY_RECORDER_H

#include "base/bytes.h"
#include "base/err.h"
#include "history/cell.h"
#include "history/schema.h"

/* Pack a row of `table` (schema_tables says how many cells) behind what `into`
 * holds; false, and nothing changed, without memory. */
bool recorder_pack(struct buffer *into, enum schema_table table,
                   const struct cell *cells) MUST_CHECK;

struct recorder;

/* Make the file, whole or not at all, and open it for one writer. */
enum err_code recorder_new(const char *path, struct recorder **out, struct err *err) MUST_CHECK;

/* Insert packed rows in one transaction; all or none. */
enum err_code recorder_commit(struct recorder *r, struct bytes rows,
                              struct err *err) MUST_CHECK;

/* Remove a history file and what SQLite keeps beside it. */
void recorder_remove(const char *path);

/* Close; the file then stands alone when nobody else reads it. NULL is fine. */
void recorder_free(struct recorder *r);

#endif
