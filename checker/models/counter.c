/* counter: a sum; increment by the argument, which may answer the sum after it, or
 * OP_NIL; read. `initial` is the sum at the start; OP_NIL: 0. */
#include "checker/model.h"
#include "checker/state_text.h"
#include "checker/states.h"

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
               (!model_op_told(op) || op->result == *sum);
    default: return false; /* not an operation of a counter */
    }
}

static bool only_looks(const struct model_op *op)
{
    return op->kind == OP_READ || (op->kind == OP_INCREMENT && op->argument == 0);
}

const struct model_ops model_counter = {
    .about = {.name = "counter", .summary = "A sum: increment, read."},
    .kinds = UINT64_C(1) << OP_INCREMENT | UINT64_C(1) << OP_READ,
    .by_key = true,
    .takes_initial = true,
    .initial_min = INT64_MIN,
    .initial_max = INT64_MAX,
    .words_at_start = 1,
    .init = states_start_number,
    .step = step,
    .only_looks = only_looks,
    .describe = state_text_value,
    .counts = COUNTS_OPERANDS,
};
