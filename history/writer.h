/* The waist, from above: what happened is appended here, in time order, and never
 * changed. Any prefix of the file is itself a valid history.
 *
 * Rows are handed to a thread of the writer's own, which commits every 100 ms or
 * sooner: the caller waits for the disk only in history_flush and history_close, and
 * when more than HISTORY_WAITING_BYTES_MAX wait to be written. Not thread-safe
 * itself: one loop records. All times are instants on the run's clock.
 *
 * A row that makes no sense (a return without its operation, a time before that of
 * the row before) is refused and left out. The first refusal, or the first error of
 * the disk, comes out of history_flush and history_close. */
#ifndef HISTORY_WRITER_H
#define HISTORY_WRITER_H

#include "base/err.h"
#include "history/op.h"
#include "history/rows.h"

struct history_writer;

enum { HISTORY_WAITING_BYTES_MAX = 64 << 20 };

/* Create `path` (refused when it exists) with the schema of docs/history-format.md. */
enum err_code history_create(const char *path, struct history_writer **out,
                             struct err *err) MUST_CHECK;

/* Free-form facts: "scenario", "plan", "seed", "version", "regions", ... */
void history_meta(struct history_writer *w, const char *name, const char *value);

/* Names of the small numbers used below: each kind from 0 upwards, without gaps,
 * no name twice. */
void history_region(struct history_writer *w, uint32_t region, const char *name);
void history_node(struct history_writer *w, uint32_t node, const char *name, uint32_t region);
void history_table(struct history_writer *w, uint32_t table, const char *name);

void history_promise(struct history_writer *w, const struct promise *p);

/* Keys, arguments and results are plain integers below 2^62. Anything else is told
 * once and stands as the id it gets here; the same content always gets the same. */
int64_t history_text_id(struct history_writer *w, const char *text);
int64_t history_integer_id(struct history_writer *w, int64_t value); /* small: itself */

/* Record an invocation; returns its id, from 1 upwards (0 when refused). */
int64_t history_op(struct history_writer *w, const struct op_row *row);

/* Record its return. An op without one is unknown. Members may come in any order;
 * they are kept ascending. */
void history_ret(struct history_writer *w, int64_t op, int64_t returned_at_ns,
                 const struct answer *answer);

void history_attempt(struct history_writer *w, int64_t op, const struct attempt *attempt);

void history_micro(struct history_writer *w, const struct micro_row *row);

void history_fault(struct history_writer *w, const struct fault_row *row);

/* See struct event_row. */
void history_event(struct history_writer *w, int64_t at_ns, const char *name, int node,
                   const char *detail);

/* See struct sample_row. */
void history_sample(struct history_writer *w, int64_t at_ns, const char *name, int node,
                    double value);

/* Rows recorded so far: the sequence number of the latest. */
int64_t history_seq(const struct history_writer *w);

/* The first refusal, without waiting; ERR_OK when there was none. */
enum err_code history_refusal(const struct history_writer *w, struct err *err) MUST_CHECK;

/* Wait until all rows so far are committed. */
enum err_code history_flush(struct history_writer *w, struct err *err) MUST_CHECK;

/* Flush, stop the thread, close. The first error of any row comes out here or in
 * history_flush. NULL is fine. */
enum err_code history_close(struct history_writer *w, struct err *err);

#endif
