#include "checker/sorted.h"

#include <assert.h>

/* The first word that is not below `word`. */
static uint32_t place_of(const struct model_state *state, int64_t word)
{
    uint32_t from = 0, to = state->count;
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        if (state->words[middle] < word)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

bool sorted_has(const struct model_state *state, int64_t word)
{
    uint32_t at = place_of(state, word);
    return at < state->count && state->words[at] == word;
}

static void copy(const struct model_state *from, uint32_t start, struct model_state *to)
{
    for (uint32_t i = start; i < from->count; i++)
        to->words[to->count++] = from->words[i];
}

void sorted_with(const struct model_state *now, int64_t word, struct model_state *next)
{
    uint32_t at = place_of(now, word);
    bool there = at < now->count && now->words[at] == word;
    assert(now->words != next->words);
    for (uint32_t i = 0; i < at; i++)
        next->words[i] = now->words[i];
    next->words[at] = word;
    next->count = at + 1;
    copy(now, at + there, next);
}

void sorted_without(const struct model_state *now, int64_t word, struct model_state *next)
{
    uint32_t at = place_of(now, word);
    bool there = at < now->count && now->words[at] == word;
    assert(now->words != next->words);
    for (uint32_t i = 0; i < at; i++)
        next->words[i] = now->words[i];
    next->count = at;
    copy(now, at + there, next);
}
