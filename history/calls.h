/* A history of objects, as readers of other formats fill a builder with it: one
 * region, one table, which promises to be linearizable, and processes that call and
 * return. Remembers what each has open, so that a format need not. */
#ifndef HISTORY_CALLS_H
#define HISTORY_CALLS_H

#include "history/builder.h"

/* The latest call of a process. */
struct open_call {
    int64_t op; /* its id */
    struct operation operation;
    size_t tag; /* the reader's own */
};

struct calls {
    struct builder *builder;
    struct open_call *open; /* by the builder's number of the process; returned or not */
    size_t process_count, capacity;
    int64_t op_count;
};

/* `builder` is borrowed until calls_done. */
enum err_code calls_begin(struct calls *c, struct builder *builder, struct err *err) MUST_CHECK;
void calls_done(struct calls *c);

/* Say which model the history is of, where its reader does not always read the same: a
 * name that always lives. */
void calls_model(struct calls *c, const char *model);

/* A call; `operation` without table, level and request. Refused while another of its
 * process is open. */
enum err_code calls_invoke(struct calls *c, int64_t process, int64_t at_ns,
                           const struct operation *operation, size_t tag,
                           struct err *err) MUST_CHECK;

/* What the process has open, or NULL; valid until the next calls_invoke. */
const struct open_call *calls_open(const struct calls *c, int64_t process);

/* Its return, with `result` (OP_NIL: nothing) when `outcome` is ok; refused when nothing
 * is open. */
enum err_code calls_return(struct calls *c, int64_t process, int64_t at_ns,
                           enum op_outcome outcome, int64_t result, struct err *err) MUST_CHECK;

/* The same of an operation that tells more. */
enum err_code calls_answer(struct calls *c, int64_t process, int64_t at_ns,
                           const struct answer *answer, struct err *err) MUST_CHECK;

/* A text, or ERR_NOMEM. */
enum err_code calls_text(struct calls *c, struct bytes text, int64_t *id,
                         struct err *err) MUST_CHECK;

/* What a word stands for: an integer, else a text. */
enum err_code calls_value(struct calls *c, struct bytes word, int64_t *id,
                          struct err *err) MUST_CHECK;

/* Answers that say no more than their outcome. */
struct answer calls_outcome(enum op_outcome outcome);

#endif
