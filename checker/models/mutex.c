/* mutex: acquire only while it is free, release only while it is held; nobody asks by
 * whom. `initial` 1: held at the start. Tokens mean nothing here, see fenced_mutex.c. */
#include <stdio.h>

#include "checker/model.h"

static void init(int64_t initial, struct model_state *out)
{
    out->words[0] = initial == 1;
    out->count = 1;
}

static bool step(const struct model_state *now, const struct model_op *op, unsigned choice,
                 struct model_state *next)
{
    bool held = now->words[0];
    next->words[0] = !held;
    next->count = 1;
    if (choice > 0)
        return false;
    return (op->kind == OP_ACQUIRE && !held) || (op->kind == OP_RELEASE && held);
}

static bool only_looks(const struct model_op *op)
{
    (void)op;
    return false;
}

static const char *describe(const struct model_state *state, char *out, size_t size)
{
    snprintf(out, size, "%s", state->words[0] ? "held" : "free");
    return out;
}

const struct model_ops model_mutex = {
    .about = {.name = "mutex", .summary = "One at a time: acquire, release."},
    .kinds = UINT64_C(1) << OP_ACQUIRE | UINT64_C(1) << OP_RELEASE,
    .by_key = true,
    .takes_initial = true,
    .initial_min = 0,
    .initial_max = 1,
    .words_at_start = 1,
    .init = init,
    .step = step,
    .only_looks = only_looks,
    .describe = describe,
};
