/* rmw: one value that is also replaced: an OP_RMW writes its argument and answers what
 * was there. `initial` is the value at the start, 0 where nobody says. One that was
 * not answered is a write: it tells nothing of what it replaced. */
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

static const char *describe(const struct model_state *state, char *out, size_t size)
{
    snprintf(out, size, "%lld", (long long)state->words[0]);
    return out;
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
    .init = init,
    .step = step,
    .only_looks = only_looks,
    .describe = describe,
};
