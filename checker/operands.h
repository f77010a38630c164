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

/* Turn ids in `op` into the integers they stand for, where `o->model` counts: once, for
 * an integer may look like an id. What the model can make nothing of is ERR_INVALID, and
 * told as something of operation `id`. Who learns the answer later takes it by itself. */
enum err_code operands_take_argument(const struct operands *o, int64_t id, struct model_op *op,
                                     struct err *err) MUST_CHECK;
enum err_code operands_take_result(const struct operands *o, int64_t id, struct model_op *op,
                                   struct err *err) MUST_CHECK;

/* Both. */
enum err_code operands_take(const struct operands *o, int64_t id, struct model_op *op,
                            struct err *err) MUST_CHECK;

/* A CAS failed: what it found, if that was told, is another single value. */
enum err_code operands_check_failed_cas(const struct operands *o, int64_t id, int64_t expected,
                                        int64_t result, bool is_list,
                                        struct err *err) MUST_CHECK;

/* The least and the greatest that a counter may become, in whatever order. */
struct sum_range {
    int64_t low, high;
};

struct sum_range sum_range_from(int64_t initial);

/* False where `op`, a counter's, may lead to a sum that is no integer of 64 bits. */
bool sum_range_add(struct sum_range *range, const struct model_ops *model,
                   const struct model_op *op) MUST_CHECK;

/* How that is told of an operation's id, a long long. */
#define SUM_LEAVES_64_BITS "operation %lld: with it the sum may leave the integers of 64 bits"

#endif
