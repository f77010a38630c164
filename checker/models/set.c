/* set: add, remove and contains of one element, and members, whose list is all of
 * them, ascending. Empty at the start, whatever `initial` is. An add or a remove may
 * answer whether it changed the set (1 or 0), or OP_NIL. */
#include <string.h>

#include "checker/model.h"
#include "checker/sorted.h"
#include "checker/state_text.h"
#include "checker/states.h"

/* Is `truth` what it answered, if it answered anything? */
static bool told(const struct model_op *op, bool truth)
{
    return !model_op_told(op) || op->result == truth;
}

static bool is_all(const struct model_state *now, const struct int_list *list)
{
    return list && list->count == now->count &&
           (now->count == 0 ||
            memcmp(list->at, now->words, now->count * sizeof *now->words) == 0);
}

static bool step(const struct model_state *now, const struct model_op *op, unsigned choice,
                 struct model_state *next)
{
    bool there = sorted_has(now, op->argument);
    if (choice > 0)
        return false;
    if (op->kind == OP_REMOVE)
        sorted_without(now, op->argument, next);
    else if (op->kind == OP_ADD)
        sorted_with(now, op->argument, next);
    else
        sorted_without(now, OP_NIL, next); /* a copy: no element is OP_NIL */
    switch (op->kind) {
    case OP_ADD: return told(op, !there);
    case OP_REMOVE: return told(op, there);
    case OP_CONTAINS: return !op->answered || op->result == there;
    case OP_MEMBERS: return !op->answered || is_all(now, op->list);
    default: return false; /* not an operation of a set */
    }
}

static bool only_looks(const struct model_op *op)
{
    return op->kind == OP_CONTAINS || op->kind == OP_MEMBERS ||
           (op->answered && op->result == 0 && (op->kind == OP_ADD || op->kind == OP_REMOVE));
}

const struct model_ops model_set = {
    .about = {.name = "set", .summary = "Elements: add, remove, contains, members."},
    .kinds = UINT64_C(1) << OP_ADD | UINT64_C(1) << OP_REMOVE | UINT64_C(1) << OP_CONTAINS |
             UINT64_C(1) << OP_MEMBERS,
    .by_key = true,
    .grouping = GROUPING_ELEMENT,
    .collection = COLLECTION_SET,
    .words_per_op = 1,
    .init = states_start_empty,
    .step = step,
    .only_looks = only_looks,
    .describe = state_text_list,
};
