/* The waist, from below: a recorded history, read only.
 *
 * Checkers see columns, not rows: plain arrays in the order of invocation. A history
 * that is opened does not change any more, even while its writer goes on: it is the
 * rows that were there. */
#ifndef HISTORY_HISTORY_H
#define HISTORY_HISTORY_H

#include "base/arena.h"
#include "base/err.h"
#include "base/memory.h"
#include "history/op.h"
#include "history/rows.h"

struct history;

/* Open a run folder (its history.db), or any file that history_create or an import
 * made; also while it is still being written, or after its writer was killed. */
enum err_code history_open(const char *path, struct history **out, struct err *err) MUST_CHECK;
void history_free(struct history *h);

/* How many rows there are, over all kinds together. */
int64_t history_row_count(const struct history *h);

/* From now on see only the first `rows` rows, as if recording had stopped there;
 * more than there are, is all of them. Nothing is copied; names, promises and metas
 * got before are no longer valid. Cutting again may also show more. */
enum err_code history_cut(struct history *h, int64_t rows, struct err *err) MUST_CHECK;

/* A fact of history_meta; NULL when there is none. Belongs to `h`. */
const char *history_meta_get(const struct history *h, const char *name);

uint32_t history_region_count(const struct history *h);
uint32_t history_node_count(const struct history *h);
uint32_t history_table_count(const struct history *h);
const char *history_region_name(const struct history *h, uint32_t region);
const char *history_node_name(const struct history *h, uint32_t node);
uint32_t history_node_region(const struct history *h, uint32_t node);
const char *history_table_name(const struct history *h, uint32_t table);

/* The promise of a table; NULL when none is recorded. Belongs to `h`. */
const struct promise *history_promise_get(const struct history *h, uint32_t table);

/* How many operations a history may have. Checks number them, and twice as many calls
 * and returns, in 32 bits and have some numbers left for other ends. */
#define HISTORY_OPS_MAX (UINT32_MAX / 4 - 1)

/* One entry per operation, in the order of `id`. An operation that never returned
 * is OUTCOME_UNKNOWN with returned_at_ns INT64_MAX; one that returned as unknown has
 * the time when its client gave up, and may happen after it. */
struct columns {
    size_t count;
    int64_t *id;
    int64_t *process;
    uint32_t *region;
    uint32_t *table;
    uint8_t *kind;    /* enum op_kind */
    uint8_t *outcome; /* enum op_outcome */
    uint8_t *level;   /* asked for */
    int64_t *key, *argument, *expected;
    int64_t *result; /* OP_NIL: none; a list: its index in `lists` */
    bool *is_list;   /* result is an index into `lists` */
    int64_t *intended_at_ns, *invoked_at_ns, *returned_at_ns;
    int32_t *node; /* that acknowledged, or -1 */
    int64_t *request_id;
    int64_t *error; /* id of a text (columns_text), or 0 */
    struct int_list *lists;
    size_t list_count;
};

enum { HISTORY_ALL_TABLES = -1 };

/* `memory` counts the operations of `h` when they are loaded, which must not have happened
 * yet. A history that was built is counted from its beginning. */
void history_count_in(struct history *h, struct memory *memory);

/* The operations of one table, or of all. They belong to `h`, which keeps what it once
 * loaded until it is cut, or are in `arena`; either way they are not to be changed. */
enum err_code history_columns(struct history *h, int table, struct arena *arena,
                              struct columns *out, struct err *err) MUST_CHECK;

/* The text behind an `error` or an interned key or value; NULL for an integer.
 * Belongs to `h`. */
const char *history_text(const struct history *h, int64_t id);

/* The integer that `value` is or stands for; large ones are kept as ids, too. */
int64_t history_integer(const struct history *h, int64_t value);

/* Fault rows in time order; see struct fault_row in history/rows.h. Like those of the
 * lists below they live in `arena`, their texts in `h`. */
enum err_code history_faults(struct history *h, struct arena *arena,
                             const struct fault_row **rows, size_t *count,
                             struct err *err) MUST_CHECK;

enum err_code history_events(struct history *h, struct arena *arena,
                             const struct event_row **rows, size_t *count,
                             struct err *err) MUST_CHECK;

enum err_code history_attempts(struct history *h, struct arena *arena,
                               const struct attempt_row **rows, size_t *count,
                               struct err *err) MUST_CHECK;

enum err_code history_samples(struct history *h, struct arena *arena,
                              const struct sample_row **rows, size_t *count,
                              struct err *err) MUST_CHECK;

/* The parts of transactions, in the order of recording. */
enum err_code history_micros(struct history *h, struct arena *arena,
                             const struct micro_row **rows, size_t *count,
                             struct err *err) MUST_CHECK;

/* When the last row was recorded, on the run's clock; 0 when there is none. */
int64_t history_end_ns(const struct history *h);

#endif
