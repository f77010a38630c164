/* What a single object is allowed to do, one operation at a time: the judge that
 * the search asks about every step. A model knows nothing of time, processes or
 * histories, and its step is pure. */
#ifndef CHECKER_MODEL_H
#define CHECKER_MODEL_H

#include "base/param.h"
#include "history/op.h"

/* An operation and what came back. */
struct model_op {
    enum op_kind kind;
    bool refused; /* a CAS that certainly found another value */
    int64_t argument, expected, result;
};

enum { MODEL_STATE_BYTES = 64 };

struct model_ops {
    struct plugin about;
    size_t state_size; /* at most MODEL_STATE_BYTES */

    void (*init)(void *state); /* `state` is zeroed */

    /* May `op` happen in `state` and answer what it did? If so, `next` is the state
     * after it. */
    bool (*step)(const void *state, const struct model_op *op, void *next);

    /* Does it leave every state as it was? Such an operation may be taken as soon as
     * it fits: nothing can be lost by it. */
    bool (*only_looks)(const struct model_op *op);

    bool (*equal)(const void *a, const void *b);
    uint64_t (*hash)(const void *state);

    /* "57", for people. Returns `out`. */
    const char *(*describe)(const void *state, char *out, size_t size);
};

struct catalogue model_catalogue(void);

/* The model called `name`, or NULL. */
const struct model_ops *model_find(const char *name);

#endif
