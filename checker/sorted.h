/* Words kept in ascending order, each once: how models write down a set. */
#ifndef CHECKER_SORTED_H
#define CHECKER_SORTED_H

#include <stdbool.h>

#include "checker/model.h"

bool sorted_has(const struct model_state *state, int64_t word);

/* `now` with `word`, which it may have already, or without it, which it may lack.
 * `next` has room and is not `now`. */
void sorted_with(const struct model_state *now, int64_t word, struct model_state *next);
void sorted_without(const struct model_state *now, int64_t word, struct model_state *next);

#endif
