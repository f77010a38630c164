/* States of models that are lists of elements, in words for people. */
#ifndef CHECKER_STATE_TEXT_H
#define CHECKER_STATE_TEXT_H

#include "checker/model.h"

/* "[3 4]", or "[]"; what does not fit is left out. Returns `out`. */
const char *state_text_list(const struct model_state *state, char *out, size_t size);

#endif
