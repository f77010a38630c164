/* A table taken apart into the objects that a model knows: per object the operations
 * that can bear on linearizability, in the form that algorithms take.
 *
 * Here ends what a history says of keys, levels, outcomes and texts; there begins what
 * checker/problem.h knows. */
#ifndef CHECKER_OBJECTS_H
#define CHECKER_OBJECTS_H

#include "checker/problem.h"
#include "history/history.h"

struct object {
    int64_t key;          /* OP_NIL where all keys together are one object */
    struct timed_op *ops; /* by called_at_ns; `row` is the index in the columns */
    size_t count;
    size_t process_count; /* clients that got an answer, counted to 2 */
    uint32_t first_process;
    bool was_changed;   /* by an operation that got an answer, */
    bool was_looked_at; /* and another that told what was there */
};

struct objects {
    struct object *all; /* in the order of their first use */
    size_t count;
    size_t op_count; /* of all together */
};

struct objects_source {
    const struct columns *columns;
    const struct model_ops *model;
    enum op_level level;     /* who asked to be told less is no part of the promise */
    struct history *history; /* texts and parts of transactions; NULL: there are none */
    int64_t initial;         /* of each object, as in struct problem */
    struct budget *budget;   /* NULL: no limit */
};

/* Left out:
 * - what failed: it did not happen and never will. But a CAS that is known to have
 *   found another value stays: as a read of that value, or as `refused`;
 * - unanswered operations that would only have looked: they say nothing;
 * - reads that asked for less than `level`, and final reads of replicas.
 * An operation that the model does not know, or that holds what it can make nothing of,
 * is ERR_INVALID, as is a sum that may leave 64 bits; a budget that is used up is
 * ERR_LIMIT, and its why. All in `arena`. */
enum err_code objects_split(const struct objects_source *source, struct arena *arena,
                            struct objects *out, struct err *err) MUST_CHECK;

/* The question about one of them. */
struct problem objects_problem(const struct object *object, const struct model_ops *model,
                               int64_t initial);

#endif
