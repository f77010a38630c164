/* Why a list of operations on one register has no order: the sentence, and the
 * operations that prove it. */
#ifndef CHECKER_CONTRADICTION_H
#define CHECKER_CONTRADICTION_H

#include "checker/registers.h"
#include "checker/tell.h"
#include "checker/verdict.h"

struct contradiction {
    const struct timed_op *ops; /* one key; shrunk where `answer` is the search's */
    size_t count;
    const struct register_answer *answer; /* REGISTER_IMPOSSIBLE */
    int64_t key;
};

/* Fill in value, sentence and witness. Fails only without memory. */
enum err_code contradiction_tell(const struct contradiction *c, const struct teller *t,
                                 struct verdict *out, struct err *err) MUST_CHECK;

#endif
