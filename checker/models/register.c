/* register: one value; read, write. `initial` is the value at the start. */
#include "checker/model.h"
#include "checker/state_text.h"
#include "checker/states.h"

static bool step(const struct model_state *now, const struct model_op *op, unsigned choice,
                 struct model_state *next)
{
    next->words[0] = op->kind == OP_WRITE ? op->argument : now->words[0];
    next->count = 1;
    if (choice > 0)
        return false;
    if (op->kind == OP_READ)
        return !op->answered || now->words[0] == op->result;
    return op->kind == OP_WRITE;
}

static bool only_looks(const struct model_op *op)
{
    return op->kind == OP_READ;
}

const struct model_ops model_register = {
    .about = {.name = "register", .summary = "One value: read, write."},
    .kinds = 1 << OP_READ | 1 << OP_WRITE,
    .by_key = true,
    .is_register = true,
    .grouping = GROUPING_VALUE,
    .takes_initial = true,
    .initial_min = INT64_MIN,
    .initial_max = INT64_MAX,
    .words_at_start = 1,
    .init = states_start_value,
    .step = step,
    .only_looks = only_looks,
    .describe = state_text_value,
};
