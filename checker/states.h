/* What the states of several models have in common: how they start, and copies. Each
 * start is an `init` of struct model_ops. */
#ifndef CHECKER_STATES_H
#define CHECKER_STATES_H

#include "checker/model.h"

/* One word: `initial`, whatever it is. */
void states_start_value(int64_t initial, struct model_state *out);

/* One word: `initial`; OP_NIL: 0. */
void states_start_number(int64_t initial, struct model_state *out);

/* A list of one element, `initial`; OP_NIL: of none. */
void states_start_element(int64_t initial, struct model_state *out);

/* Nothing, whatever `initial` is. */
void states_start_empty(int64_t initial, struct model_state *out);

/* All words of `now`; `next` has room. */
void states_copy(const struct model_state *now, struct model_state *next);

#endif
