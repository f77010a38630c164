/* A history that never was a file: readers of other formats fill it row by row, and
 * checkers then see it like any other.
 *
 * The rules are those of a recorded history (docs/history-format.md): times never go
 * back from row to row, operations are numbered from 1 in the order of their calls, a
 * process has one operation open at a time, a return needs its call. A row that breaks
 * one is refused with a sentence; the reader puts file and line before it. */
#ifndef HISTORY_BUILDER_H
#define HISTORY_BUILDER_H

#include "base/bytes.h"
#include "base/memory.h"
#include "history/ear.h"
#include "history/history.h"

struct builder;

/* `memory` counts all that is kept, also after builder_finish; NULL: nobody counts. */
struct builder *builder_new(struct memory *memory);

/* Who counts; also for what a reader needs on the way. May be NULL. */
struct memory *builder_memory(const struct builder *b);

/* From now on, before any row, operations and returns are checked and told to `ear`, which
 * is borrowed until the end, and no row is kept. */
void builder_listen(struct builder *b, const struct ear *ear);

/* Names, promises, metas and texts so far; what was got before is no longer valid. NULL
 * without memory. */
struct history *builder_so_far(struct builder *b, struct err *err);

/* NULL is fine. */
void builder_free(struct builder *b);

/* The number that a text stands for in keys, arguments and results; equal texts have
 * equal numbers. OP_NIL without memory. */
int64_t builder_text(struct builder *b, struct bytes text);

/* The same of an integer: itself, unless it is so large that it could be taken for the
 * number of a text, or is OP_NIL. */
int64_t builder_integer(struct builder *b, int64_t integer);

/* Which model the history is of; a name that always lives. No row says it: only who reads
 * a file of another format knows. */
void builder_is_of(struct builder *b, const char *model);

/* NULL: nobody said. */
const char *builder_model(const struct builder *b);

/* Names, numbered from 0 in this order. */
enum err_code builder_region(struct builder *b, const char *name, struct err *err) MUST_CHECK;
enum err_code builder_node(struct builder *b, const char *name, uint32_t region,
                           struct err *err) MUST_CHECK;
enum err_code builder_table(struct builder *b, const char *name, struct err *err) MUST_CHECK;

enum err_code builder_promise(struct builder *b, const struct promise *p,
                              struct err *err) MUST_CHECK;
enum err_code builder_meta(struct builder *b, const char *name, const char *value,
                           struct err *err) MUST_CHECK;

/* An invocation; its id, 1, 2, ..., into `id`. */
enum err_code builder_op(struct builder *b, const struct op_row *row, int64_t *id,
                         struct err *err) MUST_CHECK;

/* Has this operation, which there is, not returned? */
bool builder_is_open(const struct builder *b, int64_t op);

/* The operation that a process has open; 0: none. The process has a `number` then, from
 * 0 in the order of their first calls. */
int64_t builder_open(const struct builder *b, int64_t process, uint32_t *number);

/* Its return. What `answer` points to is copied. */
enum err_code builder_ret(struct builder *b, int64_t op, int64_t returned_at_ns,
                          const struct answer *answer, struct err *err) MUST_CHECK;

enum err_code builder_attempt(struct builder *b, int64_t op, const struct attempt *attempt,
                              struct err *err) MUST_CHECK;
enum err_code builder_micro(struct builder *b, const struct micro_row *row,
                            struct err *err) MUST_CHECK;
enum err_code builder_fault(struct builder *b, const struct fault_row *row,
                            struct err *err) MUST_CHECK;
enum err_code builder_event(struct builder *b, const struct event_row *row,
                            struct err *err) MUST_CHECK;
enum err_code builder_sample(struct builder *b, const struct sample_row *row,
                             struct err *err) MUST_CHECK;

/* Takes `b`: the history, to be freed with history_free. */
enum err_code builder_finish(struct builder *b, struct history **out,
                             struct err *err) MUST_CHECK;

#endif
