/* cas-register: one value; read, write, compare-and-set. `initial` is the value at the
 * start. A refused CAS certainly found another value: its result, where it was told. */
#include "checker/model.h"
#include "checker/state_text.h"
#include "checker/states.h"

static bool compare_and_set(const struct model_op *op, int64_t *value)
{
    bool equal = *value == op->expected;
    if (op->refused)
        return !equal && (op->result == OP_NIL || op->result == *value);
    if (equal)
        *value = op->argument;
    return equal;
}

static bool step(const struct model_state *now, const struct model_op *op, unsigned choice,
                 struct model_state *next)
{
    next->words[0] = now->words[0];
    next->count = 1;
    if (choice > 0)
        return false;
    switch (op->kind) {
    case OP_READ: return !op->answered || now->words[0] == op->result;
    case OP_WRITE: next->words[0] = op->argument; return true;
    case OP_CAS: return compare_and_set(op, next->words);
    default: return false; /* not an operation of a register */
    }
}

static bool only_looks(const struct model_op *op)
{
    return op->kind == OP_READ ||
           (op->kind == OP_CAS && (op->refused || op->expected == op->argument));
}

const struct model_ops model_cas_register = {
    .about = {.name = "cas-register", .summary = "One value: read, write, compare-and-set."},
    .kinds = 1 << OP_READ | 1 << OP_WRITE | 1 << OP_CAS,
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
