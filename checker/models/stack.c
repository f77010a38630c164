/* stack: push, and pop and peek of the latest element. Empty at the start, whatever
 * `initial` is. */
#include <stdio.h>

#include "checker/model.h"
#include "checker/states.h"

static int64_t top(const struct model_state *state)
{
    return state->count ? state->words[state->count - 1] : OP_NIL;
}

static bool step(const struct model_state *now, const struct model_op *op, unsigned choice,
                 struct model_state *next)
{
    states_copy(now, next);
    if (choice > 0)
        return false;
    switch (op->kind) {
    case OP_PUSH: next->words[next->count++] = op->argument; return true;
    case OP_POP: next->count -= now->count > 0; return !op->answered || op->result == top(now);
    case OP_PEEK: return !op->answered || op->result == top(now);
    default: return false; /* not an operation of a stack */
    }
}

static bool only_looks(const struct model_op *op)
{
    return op->kind == OP_PEEK || (op->kind == OP_POP && op->answered && op->result == OP_NIL);
}

static const char *describe(const struct model_state *state, char *out, size_t size)
{
    if (state->count == 0)
        snprintf(out, size, "empty");
    else
        snprintf(out, size, "%lld, on top of %u others", (long long)top(state),
                 state->count - 1);
    return out;
}

const struct model_ops model_stack = {
    .about = {.name = "stack", .summary = "Push, pop and peek: the latest element goes first."},
    .kinds = UINT64_C(1) << OP_PUSH | UINT64_C(1) << OP_POP | UINT64_C(1) << OP_PEEK,
    .by_key = true,
    .grouping = GROUPING_ELEMENT,
    .collection = COLLECTION_STACK,
    .words_per_op = 1,
    .init = states_start_empty,
    .step = step,
    .only_looks = only_looks,
    .describe = describe,
};
