/* rmw: one value that is also replaced: an OP_RMW writes its argument and answers what
 * was there. `initial` is the value at the start, 0 where nobody says. One that was
 * not answered is a write: it tells nothing of what it replaced. */
#include "checker/model.h"
#include "checker/state_text.h"
#include "checker/states.h"

static bool step(const struct model_state *now, const struct model_op *op, unsigned choice,
                 struct model_state *next)
{
    next->words[0] = op->kind == OP_READ ? now->words[0] : op->argument;
    next->count = 1;
    if (choice > 0)
        return false;
    switch (op->kind) {
    case OP_READ:
    case OP_RMW: return !op->answered || now->words[0] == op->result;
    case OP_WRITE: return true;
    default: return false;
    }
}

static bool only_looks(const struct model_op *op)
{
    return op->kind == OP_READ ||
           (op->kind == OP_RMW && op->answered && op->result == op->argument);
}

const struct model_ops model_rmw = {
    .about = {.name = "rmw", .summary = "One value: read, write, replace and tell the old."},
    .kinds = 1 << OP_READ | 1 << OP_WRITE | 1 << OP_RMW,
    .by_key = true,
    .is_register = true,
    .grouping = GROUPING_VALUE,
    .takes_initial = true,
    .initial_min = INT64_MIN,
    .initial_max = INT64_MAX,
    .words_at_start = 1,
    .init = states_start_number,
    .step = step,
    .only_looks = only_looks,
    .describe = state_text_value,
};
