#include "checker/state_text.h"

#include <stdio.h>

const char *state_text_list(const struct model_state *state, char *out, size_t size)
{
    int length = snprintf(out, size, "[");
    for (uint32_t i = 0; i < state->count && length >= 0 && (size_t)length < size; i++)
        length += snprintf(out + length, size - (size_t)length, "%s%lld", i > 0 ? " " : "",
                           (long long)state->words[i]);
    if (length >= 0 && (size_t)length < size)
        snprintf(out + length, size - (size_t)length, "]");
    return out;
}

const char *state_text_value(const struct model_state *state, char *out, size_t size)
{
    if (state->words[0] == OP_NIL)
        snprintf(out, size, "nothing");
    else
        snprintf(out, size, "%lld", (long long)state->words[0]);
    return out;
}
