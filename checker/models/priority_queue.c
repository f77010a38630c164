/* priority-queue: the greatest element leaves first; insert, poll, peek. Equal elements
 * may be there together. `initial` is the one element that is there at the start;
 * OP_NIL: none. The state is the elements, ascending. */
#include <string.h>

#include "checker/model.h"
#include "checker/state_text.h"
#include "checker/states.h"

/* The greatest element, or OP_NIL, which is also what is answered then. */
static int64_t greatest(const struct model_state *now)
{
    return now->count > 0 ? now->words[now->count - 1] : OP_NIL;
}

static void copy(const struct model_state *now, uint32_t count, struct model_state *next)
{
    next->count = count;
    if (count > 0)
        memcpy(next->words, now->words, count * sizeof *next->words);
}

static void insert(const struct model_state *now, int64_t element, struct model_state *next)
{
    copy(now, now->count, next);
    uint32_t at = next->count++;
    for (; at > 0 && next->words[at - 1] > element; at--)
        next->words[at] = next->words[at - 1];
    next->words[at] = element;
}

static bool step(const struct model_state *now, const struct model_op *op, unsigned choice,
                 struct model_state *next)
{
    if (choice > 0)
        return false;
    bool fits = !op->answered || greatest(now) == op->result;
    switch (op->kind) {
    case OP_INSERT: insert(now, op->argument, next); return true;
    case OP_POLL: copy(now, now->count - (now->count > 0), next); return fits;
    case OP_PEEK: copy(now, now->count, next); return fits;
    default: return false; /* not an operation of a priority queue */
    }
}

/* A poll that found nothing is a look. */
static bool only_looks(const struct model_op *op)
{
    return op->kind == OP_PEEK || (op->kind == OP_POLL && op->answered && op->result == OP_NIL);
}

const struct model_ops model_priority_queue = {
    .about = {.name = "priority-queue",
              .summary = "The greatest element leaves first: insert, poll, peek."},
    .kinds = UINT64_C(1) << OP_INSERT | UINT64_C(1) << OP_POLL | UINT64_C(1) << OP_PEEK,
    .by_key = true,
    .grouping = GROUPING_ELEMENT,
    .collection = COLLECTION_PRIORITY_QUEUE,
    .takes_initial = true,
    .initial_min = INT64_MIN,
    .initial_max = INT64_MAX,
    .words_at_start = 1,
    .words_per_op = 1,
    .init = states_start_element,
    .step = step,
    .only_looks = only_looks,
    .describe = state_text_list,
    .counts = COUNTS_OPERANDS,
};
