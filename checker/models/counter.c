/* counter: a sum; increment by the argument, which may answer the sum after it, or
 * OP_NIL; read. `initial` is the sum at the start; OP_NIL: 0. */
#include <stdio.h>

#include "checker/model.h"

static void init(int64_t initial, struct model_state *out)
{
    out->words[0] = initial == OP_NIL ? 0 : initial;
    out->count = 1;
}

static bool step(const struct model_state *now, const struct model_op *op, unsigned choice,
                 struct model_state *next)
{
    int64_t *sum = next->words;
    *sum = now->words[0];
    next->count = 1;
    if (choice > 0)
        return false;
    switch (op->kind) {
    case OP_READ: return !op->answered || op->result == *sum;
    case OP_INCREMENT:
        return !__builtin_add_overflow(now->words[0], op->argument, sum) &&
               (!op->answered || op->result == OP_NIL || op->result == *sum);
    default: return false; /* not an operation of a counter */
    }
}

static bool only_looks(const struct model_op *op)
{
    return op->kind == OP_READ || (op->kind == OP_INCREMENT && op->argument == 0);
}

static const char *describe(const struct model_state *state, char *out, size_t size)
{
    snprintf(out, size, "%lld", (long long)state->words[0]);
    return out;
}

const struct model_ops model_counter = {
    .about = {.name = "counter", .summary = "A sum: increment, read."},
    .kinds = UINT64_C(1) << OP_INCREMENT | UINT64_C(1) << OP_READ,
    .by_key = true,
    .words_at_start = 1,
    .init = init,
    .step = step,
    .only_looks = only_looks,
    .describe = describe,
    .counts = COUNTS_OPERANDS,
};
