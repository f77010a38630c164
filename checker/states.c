#include "checker/states.h"

#include <string.h>

void states_start_value(int64_t initial, struct model_state *out)
{
    out->words[0] = initial;
    out->count = 1;
}

void states_start_number(int64_t initial, struct model_state *out)
{
    states_start_value(initial == OP_NIL ? 0 : initial, out);
}

void states_start_element(int64_t initial, struct model_state *out)
{
    out->words[0] = initial;
    out->count = initial != OP_NIL;
}

void states_start_empty(int64_t initial, struct model_state *out)
{
    (void)initial;
    out->count = 0;
}

void states_copy(const struct model_state *now, struct model_state *next)
{
    if (now->count > 0)
        memcpy(next->words, now->words, now->count * sizeof *now->words);
    next->count = now->count;
}
