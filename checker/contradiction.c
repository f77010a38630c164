/* Contents: courtesies · the proof · sentences · witness · all of it */
#include "checker/contradiction.h"

#include <assert.h>
#include <string.h>

#include "checker/claim.h"
#include "checker/part.h"
#include "checker/prefix.h"
#include "checker/replay.h"
#include "checker/shrink.h"
#include "checker/witness.h"
#include "history/telling.h"

/* What is told: operations that alone have no order, and what an algorithm says of
 * them. */
struct story {
    const struct contradiction *c;
    const struct teller *t;
    const struct budget *whole;
    struct verdict *out;
    struct problem small;
    const char *claim;        /* or NULL */
    uint32_t rows[ROLES_MAX]; /* that it speaks of */
    uint32_t broken_by_row;
    struct witness witness;
};

/* --- courtesies --- */

enum { COURTESY_STEPS = 4 * 1000 * 1000, COURTESY_STEPS_PER_OP = 16 };

/* Steps are counted, so that what is told does not depend on the machine. */
static struct budget courtesy(const struct story *s)
{
    uint64_t steps = COURTESY_STEPS + COURTESY_STEPS_PER_OP * (uint64_t)s->c->problem.count;
    return budget_part(s->whole, steps);
}

static void find_prefix(struct story *s)
{
    struct prefix found;
    struct err err;
    struct budget part = courtesy(s);
    const struct finding *f = &s->c->decision->finding;
    const struct columns *columns = s->t->columns;
    if (prefix_find(&s->c->problem, f->proof, f->proof_count, &part, &found, &err))
        return;
    s->out->prefix.is_known = true;
    s->out->prefix.is_exact = found.is_exact;
    s->broken_by_row = s->c->problem.ops[found.broken_by].row;
    s->out->prefix.broken_by = columns->id[s->broken_by_row];
    s->out->prefix.broken_at_ns = found.broken_at_ns;
    s->out->prefix.well_until_ns = found.well_until_ns;
}

/* --- the proof --- */

/* Claims may be made in the memory of the finding, which is gone when they are told. */
static void set_claim(struct story *s, const struct problem *p, const struct finding *f)
{
    s->claim = f->claim ? arena_copy_text(s->t->arena, f->claim) : NULL;
    for (size_t i = 0; f->claim && i < ROLES_MAX; i++)
        s->rows[i] = f->roles[i] < p->count ? p->ops[f->roles[i]].row : UINT32_MAX;
}

/* The algorithm knows which operations are to blame. */
static bool take_proof(struct story *s)
{
    const struct finding *f = &s->c->decision->finding;
    struct timed_op *ops = arena_array(s->t->arena, f->proof_count, sizeof *ops);
    if (!ops)
        return false;
    s->small = part_kept(&s->c->problem, f->proof, f->proof_count, ops);
    set_claim(s, &s->c->problem, f);
    return true;
}

/* What was called after it broke has nothing to do with it. */
static bool make_proof(struct story *s)
{
    struct arena keep = {.memory = s->whole->memory};
    struct decision last = *s->c->decision;
    struct budget part = courtesy(s);
    struct err err;
    struct timed_op *ops = arena_array(s->t->arena, s->c->problem.count, sizeof *ops);
    if (!ops)
        return false;
    bool known = s->out->prefix.is_known;
    s->small = part_until(&s->c->problem, known ? s->out->prefix.broken_at_ns : INT64_MAX, ops);
    last.finding.claim = NULL; /* of other indexes */
    (void)!shrink_ops(&s->small, ops, &part, &keep, &last, &err);
    set_claim(s, &s->small, &last.finding);
    arena_done(&keep);
    return true;
}

/* --- sentences --- */

#define SAY(s, ...) arena_format((s)->t->arena, __VA_ARGS__)

static bool tells_key(const struct story *s)
{
    return s->c->key != OP_NIL &&
           (!s->t->history || telling_has_keys(s->t->history, s->t->columns));
}

/* " in key 1", or nothing where keys are not told apart */
static const char *in_key(const struct story *s, const char *before)
{
    if (!tells_key(s))
        return "";
    const char *told = SAY(s, "%s key %s", before, tell_value(s->t, s->c->key));
    return told ? told : "";
}

/* Where keys are not told apart, a template does not speak of one. */
static const char *without_key(const struct story *s, const char *template)
{
    static const char words[] = " in key {key}";
    const char *at = strstr(template, words);
    if (tells_key(s) || !at)
        return template;
    const char *told = SAY(s, "%.*s%s", (int)(at - template), template, at + sizeof words - 1);
    return told ? told : template;
}

static const char *tell_claim(struct story *s)
{
    struct claim claim = {.template = without_key(s, s->claim),
                          .rows = s->rows,
                          .key = s->c->key,
                          .initial = s->c->problem.initial};
    witness_add(&s->witness, claim_origin(&claim, s->t));
    return claim_tell(&claim, s->t);
}

/* A state in words; NULL where its words are no numbers that mean anything to people. */
static const char *describe(const struct story *s, const struct model_state *state)
{
    char text[200];
    const struct model_ops *model = s->small.model;
    if (model->is_of_texts)
        return NULL;
    if (model->is_register)
        return tell_value(s->t, state->words[0]);
    for (uint32_t i = 0; i < state->count; i++)
        if (s->t->history &&
            (history_text(s->t->history, state->words[i]) ||
             history_integer(s->t->history, state->words[i]) != state->words[i]))
            return NULL;
    return SAY(s, "%s", model->describe(state, text, sizeof text));
}

/* How the best order of what came before the break leaves the object. */
static const char *best_state(const struct story *s, const struct prefix *broken,
                              struct budget *budget)
{
    const char *told = NULL;
    struct arena work = {.memory = budget->memory};
    struct decision d;
    struct replay replay;
    struct err err;
    struct timed_op *ops = arena_array(&work, s->small.count, sizeof *ops);
    if (ops && broken->is_exact) {
        struct problem before = part_until(&s->small, broken->well_until_ns, ops);
        portfolio_decide(&before, budget, &work, &d);
        if (d.finding.value == FINDING_ORDER &&
            replay_order(&before, d.finding.order, d.finding.order_count, budget, &work,
                         &replay, &err) == ERR_OK &&
            replay.value == REPLAY_ACCEPTED)
            told = describe(s, replay.state);
    }
    arena_done(&work);
    return told;
}

/* "read 6": what somebody could not have done, or has. */
static const char *done(const struct story *s, const struct timed_op *op)
{
    static const char had[] = "had ";
    const char *did = tell_did(s->t, op->row);
    return strncmp(did, had, sizeof had - 1) == 0 ? did + sizeof had - 1 : did;
}

/* Nothing is known but that no order works. */
static const char *tell_no_order(struct story *s)
{
    struct budget part = courtesy(s);
    struct prefix broken;
    struct err err;
    if (prefix_find(&s->small, NULL, 0, &part, &broken, &err))
        return SAY(s, "these operations%s have no order", in_key(s, " on"));
    const struct timed_op *stuck = &s->small.ops[broken.broken_by];
    const char *state = best_state(s, &broken, &part);
    witness_add(&s->witness, stuck->row);
    if (!state)
        return SAY(s, "these operations%s have no order once %s has %s at %s", in_key(s, " on"),
                   tell_who(s->t, stuck->row), done(s, stuck),
                   tell_when(s->t, stuck->returned_at_ns));
    return SAY(
        s,
        "these operations%s have no order: after the longest that works %s is there, and "
        "then %s could not have %s by %s",
        in_key(s, " on"), state, tell_who(s->t, stuck->row), done(s, stuck),
        tell_when(s->t, stuck->returned_at_ns));
}

static const char *tell(struct story *s)
{
    const char *told = s->claim ? tell_claim(s) : tell_no_order(s);
    if (!told || s->small.count <= WITNESS_MAX)
        return told;
    return SAY(s,
               "%s (%d of %zu operations that are needed to show it; --witness FILE has all)",
               told, WITNESS_MAX, s->small.count);
}

/* --- witness --- */

static bool speaks_of(const char *claim, size_t role)
{
    char start[4] = {'{', (char)('0' + role), '.', '\0'};
    return claim && strstr(claim, start);
}

/* Where all was well until somebody returned whom the sentence does not speak of, who
 * reads that wants to see them. */
static void note_another(struct story *s)
{
    if (!s->out->prefix.is_known || !s->out->prefix.is_exact)
        return;
    for (size_t i = 0; i < s->witness.count; i++)
        if (s->t->columns->id[s->witness.rows[i]] == s->out->prefix.broken_by)
            return;
    s->out->prefix.is_another = true;
    witness_add(&s->witness, s->broken_by_row);
}

/* The operations that the sentence speaks of, the first without an explanation, then the last
 * of the others. */
static void choose_witness(struct story *s)
{
    for (size_t i = 0; i < ROLES_MAX; i++)
        if (speaks_of(s->claim, i))
            witness_add(&s->witness, s->rows[i]);
    note_another(s);
    for (size_t i = s->small.count; i-- > 0;)
        witness_add(&s->witness, s->small.ops[i].row);
}

static bool give_proof(struct story *s)
{
    const struct columns *c = s->t->columns;
    int64_t *ids = arena_array(s->t->arena, s->small.count, sizeof *ids);
    for (size_t i = 0; ids && i < s->small.count; i++)
        ids[i] = c->id[s->small.ops[i].row];
    s->out->proof = (struct witness_order){s->c->key, ids, s->small.count};
    return ids != NULL;
}

/* --- all of it --- */

enum err_code contradiction_tell(const struct contradiction *c, const struct teller *t,
                                 const struct budget *budget, struct verdict *out,
                                 struct err *err)
{
    assert(c->decision->finding.value == FINDING_NO_ORDER);
    struct story s = {.c = c, .t = t, .whole = budget, .out = out};
    out->value = VERDICT_VIOLATED;
    if (!c->is_of_a_weaker_promise)
        find_prefix(&s);
    bool ready = c->decision->finding.proof ? take_proof(&s) : make_proof(&s);
    out->sentence = ready ? tell(&s) : NULL;
    if (!out->sentence || (c->wants_all && !give_proof(&s)))
        return err_set(err, ERR_NOMEM, "out of memory");
    choose_witness(&s);
    return witness_give(&s.witness, t->columns, t->arena, out, err);
}
