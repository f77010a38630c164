/* fenced-mutex: acquire, only while it is free, answers a token greater than all before
 * it; release, only while it is held, and by that token where it names one. Tokens are
 * greater than `initial`, which is the last one before the start (OP_NIL: any will do).
 *
 * Whoever acquired without being told a token has some token. The smallest that is
 * possible is as good as any, because all that is asked of it is that later ones are
 * greater; only a release that names another tells what it was. So the state is the
 * least that the latest token may be, and whether it is that. */
#include <stdio.h>

#include "checker/model.h"

enum { FREE, HELD, HELD_AT_LEAST };

static void init(int64_t initial, struct model_state *out)
{
    out->words[0] = FREE;
    out->words[1] = initial;
    out->count = 2;
}

static bool acquire(const struct model_op *op, int64_t *words)
{
    bool told = model_op_told(op);
    if (words[0] != FREE || words[1] == INT64_MAX || (told && op->result <= words[1]))
        return false;
    words[0] = told ? HELD : HELD_AT_LEAST;
    words[1] = told ? op->result : words[1] + 1;
    return true;
}

static bool release(const struct model_op *op, int64_t *words)
{
    bool fits = op->argument == OP_NIL || op->argument == words[1] ||
                (words[0] == HELD_AT_LEAST && op->argument > words[1]);
    if (words[0] == FREE || !fits)
        return false;
    words[0] = FREE;
    if (op->argument != OP_NIL)
        words[1] = op->argument;
    return true;
}

static bool step(const struct model_state *now, const struct model_op *op, unsigned choice,
                 struct model_state *next)
{
    next->words[0] = now->words[0];
    next->words[1] = now->words[1];
    next->count = 2;
    if (choice > 0)
        return false;
    switch (op->kind) {
    case OP_ACQUIRE: return acquire(op, next->words);
    case OP_RELEASE: return release(op, next->words);
    default: return false; /* not an operation of a lock */
    }
}

static bool only_looks(const struct model_op *op)
{
    (void)op;
    return false;
}

static const char *describe(const struct model_state *state, char *out, size_t size)
{
    static const char *const how[] = {"free, last token", "held with token",
                                      "held with a token of at least"};
    if (state->words[0] == FREE && state->words[1] == OP_NIL)
        snprintf(out, size, "free");
    else
        snprintf(out, size, "%s %lld", how[state->words[0]], (long long)state->words[1]);
    return out;
}

const struct model_ops model_fenced_mutex = {
    .about = {.name = "fenced-mutex", .summary = "A mutex whose acquires tell growing tokens."},
    .kinds = UINT64_C(1) << OP_ACQUIRE | UINT64_C(1) << OP_RELEASE,
    .by_key = true,
    .takes_initial = true,
    .initial_min = INT64_MIN,
    .initial_max = INT64_MAX,
    .words_at_start = 2,
    .init = init,
    .step = step,
    .only_looks = only_looks,
    .describe = describe,
    .counts = COUNTS_OPERANDS,
};
