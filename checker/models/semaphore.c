/* semaphore: permits. Acquire takes one, where it answers 1 or OP_NIL, and found none
 * where it answers 0; release gives one. `initial` permits at the start; OP_NIL: none. */
#include <stdio.h>

#include "checker/model.h"
#include "checker/states.h"

static bool acquire(const struct model_op *op, int64_t *permits)
{
    if (op->answered && op->result == 0)
        return *permits <= 0;
    if (*permits <= 0 || (model_op_told(op) && op->result != 1))
        return false;
    --*permits;
    return true;
}

static bool step(const struct model_state *now, const struct model_op *op, unsigned choice,
                 struct model_state *next)
{
    next->words[0] = now->words[0];
    next->count = 1;
    if (choice > 0)
        return false;
    switch (op->kind) {
    case OP_ACQUIRE: return acquire(op, next->words);
    case OP_RELEASE: return !__builtin_add_overflow(now->words[0], 1, next->words);
    default: return false; /* not an operation of a semaphore */
    }
}

static bool only_looks(const struct model_op *op)
{
    return op->kind == OP_ACQUIRE && op->answered && op->result == 0;
}

static const char *describe(const struct model_state *state, char *out, size_t size)
{
    snprintf(out, size, "%lld permits", (long long)state->words[0]);
    return out;
}

const struct model_ops model_semaphore = {
    .about = {.name = "semaphore", .summary = "Permits: acquire takes one, release gives one."},
    .kinds = UINT64_C(1) << OP_ACQUIRE | UINT64_C(1) << OP_RELEASE,
    .by_key = true,
    .takes_initial = true,
    .initial_min = 0,
    .initial_max = INT64_MAX,
    .words_at_start = 1,
    .init = states_start_number,
    .step = step,
    .only_looks = only_looks,
    .describe = describe,
    .counts = COUNTS_PERMITS,
};
