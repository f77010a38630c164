/* log: append puts an element at the end and may answer its offset, from 0, or OP_NIL;
 * read answers the element at the offset `argument`, or OP_NIL where there is none yet.
 * Empty at the start, whatever `initial` is. */
#include <stdio.h>

#include "checker/model.h"
#include "checker/states.h"

static bool append(const struct model_op *op, struct model_state *log)
{
    bool fits = !model_op_told(op) || op->result == (int64_t)log->count;
    log->words[log->count++] = op->argument;
    return fits;
}

static int64_t element(const struct model_state *log, int64_t offset)
{
    return offset >= 0 && offset < (int64_t)log->count ? log->words[offset] : OP_NIL;
}

static bool step(const struct model_state *now, const struct model_op *op, unsigned choice,
                 struct model_state *next)
{
    states_copy(now, next);
    if (choice > 0)
        return false;
    switch (op->kind) {
    case OP_APPEND: return append(op, next);
    case OP_READ: return !op->answered || op->result == element(now, op->argument);
    default: return false; /* not an operation of a log */
    }
}

static bool only_looks(const struct model_op *op)
{
    return op->kind == OP_READ;
}

static const char *describe(const struct model_state *state, char *out, size_t size)
{
    if (state->count == 0)
        snprintf(out, size, "empty");
    else
        snprintf(out, size, "%u elements, the last %lld", state->count,
                 (long long)state->words[state->count - 1]);
    return out;
}

const struct model_ops model_log = {
    .about = {.name = "log", .summary = "Elements by offset: append, read."},
    .kinds = UINT64_C(1) << OP_APPEND | UINT64_C(1) << OP_READ,
    .by_key = true,
    .collection = COLLECTION_LOG,
    .words_per_op = 1,
    .init = states_start_empty,
    .step = step,
    .only_looks = only_looks,
    .describe = describe,
    .counts = COUNTS_PLACES,
};
