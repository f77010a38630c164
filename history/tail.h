/* A recorded history that is still being written: rows are told as they are committed.
 * Operations and returns only; names and texts are asked for. */
#ifndef HISTORY_TAIL_H
#define HISTORY_TAIL_H

#include "history/ear.h"
#include "history/history.h"

struct history_tail;

/* A run folder or its history.db. */
enum err_code history_tail_open(const char *path, struct history_tail **out,
                                struct err *err) MUST_CHECK;
void history_tail_free(struct history_tail *t);

/* Tell `ear` (its `begin` is not used) the rows that came since the last time. `count`:
 * how many. `ended`: the run has said that it is over. */
enum err_code history_tail_more(struct history_tail *t, const struct ear *ear, size_t *count,
                                bool *ended, struct err *err) MUST_CHECK;

/* Names, promises, metas and texts so far; what was got before is no longer valid. */
struct history *history_tail_so_far(struct history_tail *t, struct err *err);

#endif
