/* unique-ids: generate answers an id that nobody else gets. Who was not told an id, or
 * never answered, has one that is nobody's here: there is always another. No id is
 * given out at the start, whatever `initial` is. */
#include <stdio.h>

#include "checker/model.h"
#include "checker/sorted.h"
#include "checker/states.h"

static bool step(const struct model_state *now, const struct model_op *op, unsigned choice,
                 struct model_state *next)
{
    if (choice > 0 || op->kind != OP_GENERATE)
        return false;
    if (model_op_told(op))
        sorted_with(now, op->result, next);
    else
        sorted_without(now, OP_NIL, next); /* a copy: no id is OP_NIL */
    return !model_op_told(op) || !sorted_has(now, op->result);
}

static bool only_looks(const struct model_op *op)
{
    return !model_op_told(op);
}

static const char *describe(const struct model_state *state, char *out, size_t size)
{
    snprintf(out, size, "%u ids given out", state->count);
    return out;
}

const struct model_ops model_unique_ids = {
    .about = {.name = "unique-ids", .summary = "Generate: no id is given out twice."},
    .kinds = UINT64_C(1) << OP_GENERATE,
    .by_key = true,
    .grouping = GROUPING_ELEMENT,
    .collection = COLLECTION_IDS,
    .words_per_op = 1,
    .init = states_start_empty,
    .step = step,
    .only_looks = only_looks,
    .describe = describe,
};
