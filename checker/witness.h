/* Gathers the operations that prove a violation: each once, at most WITNESS_MAX. */
#ifndef CHECKER_WITNESS_H
#define CHECKER_WITNESS_H

#include "checker/verdict.h"
#include "history/history.h"

/* All zero is empty. */
struct witness {
    uint32_t rows[WITNESS_MAX];
    size_t count;
};

/* Rows that come first stay when there are too many. UINT32_MAX is left out. */
void witness_add(struct witness *w, uint32_t row);

/* Put their ids, ascending, into `out`. */
enum err_code witness_give(struct witness *w, const struct columns *columns,
                           struct arena *arena, struct verdict *out,
                           struct err *err) MUST_CHECK;

#endif
