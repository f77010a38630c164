/* kv: a text that is put (OP_WRITE), appended to and got (OP_READ) whole. Steps on
 * numbers that checker/kv_texts.h made of the texts: a state is a prefix of what some
 * get saw, or KV_JUNK, which no get can have seen. `initial` is such a number; 0, the
 * empty text, where nobody says. */
#include <assert.h>
#include <stdio.h>

#include "checker/kv_texts.h"
#include "checker/model.h"
#include "checker/states.h"

/* The list holds pairs (before, after), by before. */
static int64_t appended(const struct int_list *list, int64_t before)
{
    size_t low = 0, high = list->count / 2;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (list->at[2 * middle] < before)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = 2 * low < list->count && list->at[2 * low] == before;
    return found ? list->at[2 * low + 1] : KV_JUNK;
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
    case OP_APPEND:
        assert(op->list && op->list->count % 2 == 0);
        next->words[0] = appended(op->list, now->words[0]);
        return true;
    default: return false;
    }
}

static bool only_looks(const struct model_op *op)
{
    return op->kind == OP_READ;
}

static const char *describe(const struct model_state *state, char *out, size_t size)
{
    if (state->words[0] == KV_JUNK)
        snprintf(out, size, "a text that nobody got");
    else
        snprintf(out, size, "text %lld", (long long)state->words[0]);
    return out;
}

const struct model_ops model_kv = {
    .about = {.name = "kv", .summary = "A text: put, append, get it whole."},
    .kinds = 1 << OP_READ | 1 << OP_WRITE | 1 << OP_APPEND,
    .by_key = true,
    .is_of_texts = true,
    .words_at_start = 1,
    .init = states_start_number,
    .step = step,
    .only_looks = only_looks,
    .describe = describe,
};
