/* The waist, from above: what happened is appended here, in time order, and never
 * changed. Any prefix of the file is itself a valid history.
 *
 * Rows are handed to a thread of the writer's own, which commits every 100 ms or
 * sooner: the caller never waits for the disk. Not thread-safe itself: one loop
 * records. All times are instants on the run's clock. */
#ifndef HISTORY_WRITER_H
#define HISTORY_WRITER_H

#include "base/err.h"
#include "history/op.h"
#include "history/rows.h"

struct history_writer;

/* Create `path` (refused when it exists) with the schema of docs/history-format.md. */
enum err_code history_create(const char *path, struct history_writer **out,
                             struct err *err) MUST_CHECK;

/* Free-form facts: "scenario", "plan", "seed", "version", "regions", ... */
void history_meta(struct history_writer *w, const char *name, const char *value);

/* Names of the small numbers used below. */
void history_region(struct history_writer *w, uint32_t region, const char *name);
void history_node(struct history_writer *w, uint32_t node, const char *name, uint32_t region);
void history_table(struct history_writer *w, uint32_t table, const char *name);

void history_promise(struct history_writer *w, const struct promise *p);

/* Record an invocation; returns its id, from 1 upwards. */
int64_t history_op(struct history_writer *w, const struct op_row *row);

/* Record its return. An op without one is unknown. */
void history_ret(struct history_writer *w, int64_t op, int64_t returned_at_ns,
                 const struct answer *answer);

void history_attempt(struct history_writer *w, int64_t op, const struct attempt *attempt);

void history_micro(struct history_writer *w, const struct micro_row *row);

void history_fault(struct history_writer *w, const struct fault_row *row);

/* Anything else worth a line: "leader" (detail: node, term), "node_up", "phase". */
void history_event(struct history_writer *w, int64_t at_ns, const char *name, int node,
                   const char *detail);

/* A number over time: lag, backlog, term. */
void history_sample(struct history_writer *w, int64_t at_ns, const char *name, int node,
                    double value);

/* Wait until all rows so far are committed. */
enum err_code history_flush(struct history_writer *w, struct err *err) MUST_CHECK;

/* Flush, stop the thread, close. The first error of any row comes out here or in
 * history_flush. NULL is fine. */
enum err_code history_close(struct history_writer *w, struct err *err);

#endif
