/* register: one value, at first OP_NIL; read, write, compare-and-set. */
#include <stdio.h>

#include "base/digest.h"
#include "checker/model.h"

struct state {
    int64_t value;
};

static void init(void *state)
{
    ((struct state *)state)->value = OP_NIL;
}

static bool compare_and_set(const struct model_op *op, struct state *next)
{
    bool equal = next->value == op->expected;
    if (equal && !op->refused)
        next->value = op->argument;
    return equal != op->refused;
}

static bool step(const void *state, const struct model_op *op, void *next)
{
    const struct state *now = state;
    struct state *then = next;
    *then = *now;
    switch (op->kind) {
    case OP_READ: return now->value == op->result;
    case OP_WRITE: then->value = op->argument; return true;
    case OP_CAS: return compare_and_set(op, then);
    default: return false; /* not an operation of a register */
    }
}

static bool only_looks(const struct model_op *op)
{
    return op->kind == OP_READ ||
           (op->kind == OP_CAS && (op->refused || op->expected == op->argument));
}

static bool equal(const void *a, const void *b)
{
    return ((const struct state *)a)->value == ((const struct state *)b)->value;
}

static uint64_t hash(const void *state)
{
    return digest_u64(DIGEST_START, (uint64_t)((const struct state *)state)->value);
}

static const char *describe(const void *state, char *out, size_t size)
{
    int64_t value = ((const struct state *)state)->value;
    if (value == OP_NIL)
        snprintf(out, size, "nothing");
    else
        snprintf(out, size, "%lld", (long long)value);
    return out;
}

const struct model_ops model_register = {
    .about = {.name = "register", .summary = "One value: read, write, compare-and-set."},
    .state_size = sizeof(struct state),
    .init = init,
    .step = step,
    .only_looks = only_looks,
    .equal = equal,
    .hash = hash,
    .describe = describe,
};
