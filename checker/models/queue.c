/* queue: elements leave in the order in which they came; enqueue, dequeue, peek.
 * `initial` is the one element that is there at the start; OP_NIL: none. The state is
 * the elements, first one first. */
#include <string.h>

#include "checker/model.h"
#include "checker/state_text.h"
#include "checker/states.h"

/* The first element, or OP_NIL, which is also what is answered then. */
static int64_t first(const struct model_state *now)
{
    return now->count > 0 ? now->words[0] : OP_NIL;
}

static void copy_from(const struct model_state *now, uint32_t from, struct model_state *next)
{
    next->count = now->count - from;
    if (next->count > 0)
        memcpy(next->words, now->words + from, next->count * sizeof *next->words);
}

static bool step(const struct model_state *now, const struct model_op *op, unsigned choice,
                 struct model_state *next)
{
    if (choice > 0)
        return false;
    bool fits = !op->answered || first(now) == op->result;
    switch (op->kind) {
    case OP_ENQUEUE:
        copy_from(now, 0, next);
        next->words[next->count++] = op->argument;
        return true;
    case OP_DEQUEUE: copy_from(now, now->count > 0, next); return fits;
    case OP_PEEK: copy_from(now, 0, next); return fits;
    default: return false; /* not an operation of a queue */
    }
}

/* A dequeue that found nothing is a look. */
static bool only_looks(const struct model_op *op)
{
    return op->kind == OP_PEEK ||
           (op->kind == OP_DEQUEUE && op->answered && op->result == OP_NIL);
}

const struct model_ops model_queue = {
    .about = {.name = "queue", .summary = "First in, first out: enqueue, dequeue, peek."},
    .kinds = UINT64_C(1) << OP_ENQUEUE | UINT64_C(1) << OP_DEQUEUE | UINT64_C(1) << OP_PEEK,
    .by_key = true,
    .grouping = GROUPING_ELEMENT,
    .collection = COLLECTION_QUEUE,
    .takes_initial = true,
    .initial_min = INT64_MIN,
    .initial_max = INT64_MAX,
    .words_at_start = 1,
    .words_per_op = 1,
    .init = states_start_element,
    .step = step,
    .only_looks = only_looks,
    .describe = state_text_list,
};
