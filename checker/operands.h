/* What the operations of a model may hold, and what of it is a number: a model that
 * computes with its operands, or orders them, gets the integers themselves instead of
 * the ids by which a history knows large ones. */
#ifndef CHECKER_OPERANDS_H
#define CHECKER_OPERANDS_H

#include "base/err.h"
#include "checker/problem.h"
#include "history/history.h"

struct operands {
    const struct model_ops *model;
    const struct history *history; /* NULL: there are no texts and no large integers */
};

/* Turn ids in `op` into the integers they stand for, where `o->model` counts. What the
 * model can make nothing of is ERR_INVALID, and told as something of operation `id`. */
enum err_code operands_take(const struct operands *o, int64_t id, struct model_op *op,
                            struct err *err) MUST_CHECK;

/* May the sum of a counter that begins at `initial` leave 64 bits, in whatever order?
 * Then where: the index of the operation with which it may; else `count`. */
size_t operands_overflow(const struct model_ops *model, int64_t initial,
                         const struct timed_op *ops, size_t count);

#endif
