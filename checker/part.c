/* Parts of a problem that are problems themselves. */
#include "checker/part.h"

#include <assert.h>
#include <stdlib.h>

#include "checker/sorting.h"

struct problem part_kept(const struct problem *p, const uint32_t *kept, size_t count,
                         struct timed_op *ops)
{
    bool in_order = true;
    for (size_t i = 0; i < count; i++) {
        assert(kept[i] < p->count);
        ops[i] = p->ops[kept[i]];
        in_order &= i == 0 || kept[i - 1] < kept[i];
    }
    if (!in_order)
        qsort(ops, count, sizeof *ops, sorting_by_call);
    struct problem part = *p;
    part.ops = ops;
    part.count = count;
    return part;
}

static struct timed_op unanswered(const struct timed_op *op)
{
    struct timed_op open = *op;
    open.op.answered = false;
    open.op.result = OP_NIL;
    open.returned_at_ns = INT64_MAX;
    return open;
}

struct problem part_until(const struct problem *p, int64_t at_ns, struct timed_op *ops)
{
    struct problem part = *p;
    part.ops = ops;
    part.count = 0;
    for (size_t i = 0; i < p->count && p->ops[i].called_at_ns <= at_ns; i++) {
        const struct timed_op *op = &p->ops[i];
        if (op->returned_at_ns <= at_ns || !op->op.answered)
            ops[part.count++] = *op;
        else if (!p->model->only_looks(&op->op))
            ops[part.count++] = unanswered(op);
    }
    return part;
}
