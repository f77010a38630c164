/* States of models that are a list of elements or one value, in words for people. */
#ifndef CHECKER_STATE_TEXT_H
#define CHECKER_STATE_TEXT_H

#include "checker/model.h"

/* "[3 4]", or "[]"; what does not fit is left out. Returns `out`. */
const char *state_text_list(const struct model_state *state, char *out, size_t size);

/* "57", or "nothing". Returns `out`. */
const char *state_text_value(const struct model_state *state, char *out, size_t size);

#endif
