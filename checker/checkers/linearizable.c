/* linearizable: on each register the operations can be put in one order, within the
 * real time each of them took, in which every read returns the latest write. Keys
 * are independent (Herlihy and Wing), so each is decided alone. */
#include <string.h>

#include "checker/checker.h"
#include "checker/contradiction.h"
#include "checker/crossing.h"

/* What all keys together say. */
struct tally {
    size_t exercised, violated, undecided;
    const struct register_key *first_undecided, *first_violated;
    const char *why;
    struct register_answer answer; /* of first_violated */
};

static bool exercised(const struct register_key *k)
{
    return k->was_read && k->was_written && k->process_count == 2;
}

static enum err_code decide_all(const struct register_key *keys, size_t count,
                                struct budget *budget, struct tally *t, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        struct register_answer answer;
        if (registers_decide(keys[i].ops, keys[i].count, budget, &answer, err))
            return err->code;
        t->exercised += exercised(&keys[i]);
        if (answer.result == REGISTER_IMPOSSIBLE && t->violated++ == 0) {
            t->first_violated = &keys[i];
            t->answer = answer;
        } else if (answer.result == REGISTER_GAVE_UP && t->undecided++ == 0) {
            t->first_undecided = &keys[i];
            t->why = answer.search.why;
        }
    }
    return ERR_OK;
}

enum { SHRINK_STEPS = 20 * 1000 * 1000 };

/* What the search found impossible is long; make it a proof to look at. That is a
 * courtesy: it may not take the time of other checks. */
static enum err_code shrink(struct register_key *key, struct register_answer *answer,
                            const struct budget *budget, struct arena *arena, struct err *err)
{
    struct budget part = {.steps_left = SHRINK_STEPS,
                          .memory = budget->memory,
                          .expired = budget->expired,
                          .user = budget->user};
    struct timed_op *small = arena_array(arena, key->count, sizeof *small);
    size_t count = key->count;
    if (!small)
        return err_set(err, ERR_NOMEM, "out of memory");
    memcpy(small, key->ops, count * sizeof *small);
    if (registers_shrink(small, &count, &part, err))
        return err->code;
    struct register_answer again;
    part.why = NULL;
    part.steps_left = SHRINK_STEPS;
    if (registers_decide(small, count, &part, &again, err))
        return err->code;
    if (again.result != REGISTER_IMPOSSIBLE)
        return ERR_OK;
    key->ops = small;
    key->count = count;
    *answer = again;
    return ERR_OK;
}

static enum err_code tell_violation(const struct check_input *in, struct tally *t,
                                    struct arena *arena, struct verdict *out, struct err *err)
{
    struct register_key key = *t->first_violated;
    /* A shorter proof is a kindness: what was found stands without it. */
    struct err no_memory;
    if (t->answer.zones.result == ZONES_REPEATED)
        (void)shrink(&key, &t->answer, in->budget, arena, &no_memory);
    if (t->answer.zones.result == ZONES_CROSSED)
        (void)!crossing_choose(key.ops, key.count, &t->answer.zones, &no_memory);
    struct contradiction c = {
        .ops = key.ops, .count = key.count, .answer = &t->answer, .key = key.key};
    struct teller teller = {.history = in->history, .columns = in->columns, .arena = arena};
    if (contradiction_tell(&c, &teller, out, err))
        return err->code;
    if (t->violated > 1)
        out->sentence = arena_format(arena, "%s (violated: %s in all)", out->sentence,
                                     tell_count(&teller, t->violated, "key"));
    return ERR_OK;
}

static const char *tell_rest(const struct tally *t, size_t keys, const struct teller *teller,
                             struct verdict *out)
{
    if (t->undecided > 0) {
        out->value = VERDICT_UNDECIDED;
        return arena_format(teller->arena, "%zu of %s not decided; the first has %s, and %s",
                            t->undecided, tell_count(teller, keys, "key"),
                            tell_count(teller, t->first_undecided->count, "operation"), t->why);
    }
    if (t->exercised == 0) {
        out->value = VERDICT_NOT_EXERCISED;
        return "no key has an acknowledged write, an acknowledged read and two clients";
    }
    out->value = VERDICT_HOLDS;
    return arena_format(teller->arena,
                        "%s on %s can be put in an order in which every read returns the "
                        "latest write",
                        tell_count(teller, (size_t)out->checked_count, "operation"),
                        tell_count(teller, keys, "key"));
}

/* The weakest level a read may have asked for and still be part of the promise. */
static enum op_level promised(const struct promise *p)
{
    int level = p && p->level ? op_level_find(p->level) : -1;
    return level < 0 ? LEVEL_LINEARIZABLE : (enum op_level)level;
}

static enum err_code check(const struct check_input *in, struct arena *arena,
                           struct verdict *out, struct err *err)
{
    struct register_key *keys;
    size_t count;
    struct tally t = {0};
    if (registers_split(in->columns, promised(in->promise), arena, &keys, &count, err) ||
        decide_all(keys, count, in->budget, &t, err))
        return err->code;
    for (size_t i = 0; i < count; i++)
        out->checked_count += (int64_t)keys[i].given_count;
    if (t.violated > 0)
        return tell_violation(in, &t, arena, out, err);
    struct teller teller = {.history = in->history, .columns = in->columns, .arena = arena};
    out->sentence = tell_rest(&t, count, &teller, out);
    return out->sentence ? ERR_OK : err_set(err, ERR_NOMEM, "out of memory");
}

const struct checker_ops checker_linearizable = {
    .about = {.name = "linearizable",
              .summary = "Every read of a register returns the latest write, in real time.",
              .flags = PLUGIN_REGISTER},
    .check = check,
};
