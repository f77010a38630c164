/* bounded-staleness: how far from linearizable are the reads of a register? By versions:
 * the smallest k so that every read returns one of the k latest writes; by time: the
 * smallest delta so that each returns what was right that long before it (Golab, Li and
 * Shah 2011). It holds wherever there are such bounds, and tells them; it is violated
 * by a read of what was never written, or not yet. */
#include <string.h>

#include "base/units.h"
#include "checker/asked.h"
#include "checker/relatives/delta_atomic.h"
#include "checker/relatives/k_atomic.h"
#include "checker/relatives/relative.h"
#include "checker/staleness.h"
#include "checker/witness.h"
#include "history/telling.h"

enum { SEARCH_STEPS = 1000 * 1000 };

struct session {
    const struct check_input *in;
    const struct model_ops *model;
    struct objects objects;
    struct teller teller;
    struct arena *arena;
    struct verdict *out;

    uint64_t k_least, k_most; /* over all keys */
    int64_t delta_ns;
    size_t bounded;
    const struct object *latest; /* with the largest delta that is not 0 */
    struct problem problem;      /* that one's */
    struct delta_atomicity late;
    const struct object *impossible, *undecided;
    uint32_t culprit;
    const char *why;
};

static void note_undecided(struct session *s, const struct object *o, const char *why)
{
    if (s->out->undecided_count++ > 0)
        return;
    s->undecided = o;
    s->why = why;
}

static void note_bounds(struct session *s, const struct object *o, const struct k_atomicity *k,
                        const struct delta_atomicity *d)
{
    s->bounded++;
    s->k_least = k->at_least > s->k_least ? k->at_least : s->k_least;
    s->k_most = k->at_most > s->k_most ? k->at_most : s->k_most;
    if (d->delta_ns <= s->delta_ns)
        return;
    s->delta_ns = d->delta_ns;
    s->latest = o;
    s->late = *d;
}

static enum err_code measure(struct session *s, const struct object *o, struct err *err)
{
    struct problem p = objects_problem(o, s->model, s->in->options->initial);
    struct budget *budget = s->in->budget;
    struct arena work = {.memory = budget->memory}, keep = {.memory = budget->memory};
    struct k_atomicity k;
    struct delta_atomicity d;
    enum err_code code = k_atomic_measure(&p, SEARCH_STEPS, budget, &work, &keep, &k, err);
    if (code == ERR_OK)
        code = delta_atomic_measure(&p, budget, &work, &d, err);
    arena_done(&work);
    arena_done(&keep);
    if (code)
        return code;
    if (k.state == RELATIVE_KNOWN && d.state == RELATIVE_KNOWN) {
        note_bounds(s, o, &k, &d);
        if (s->latest == o)
            s->problem = p;
    } else if (k.state == RELATIVE_IMPOSSIBLE) {
        if (s->out->violated_count++ == 0) {
            s->impossible = o;
            s->culprit = k.culprit;
        }
    } else if (k.state == RELATIVE_GAVE_UP || d.state == RELATIVE_GAVE_UP) {
        note_undecided(s, o, k.state == RELATIVE_GAVE_UP ? k.why : d.why);
    } else {
        const char *why = relative_refuses(&p, s->arena);
        note_undecided(s, o,
                       why ? why
                           : "it is told only of reads and writes of values that are written "
                             "once");
    }
    return ERR_OK;
}

/* --- telling --- */

#define SAY(s, ...) arena_format((s)->arena, __VA_ARGS__)

static enum err_code tell_impossible(struct session *s, struct err *err)
{
    struct witness witness = {0};
    uint32_t row = s->impossible->ops[s->culprit].row;
    bool has_key =
        s->impossible->key != OP_NIL && telling_has_keys(s->in->history, s->in->columns);
    const char *key =
        has_key ? SAY(s, " in key %s", tell_value(&s->teller, s->impossible->key)) : "";
    witness_add(&witness, row);
    s->out->value = VERDICT_VIOLATED;
    s->out->sentence =
        SAY(s,
            "%s %s%s at %s, which was never written, or not yet: no "
            "bound helps",
            tell_who(&s->teller, row), tell_deed(&s->teller, row), key ? key : "?",
            tell_when(&s->teller, s->in->columns->invoked_at_ns[row]));
    return witness_give(&witness, s->in->columns, s->arena, s->out, err);
}

static const char *tell_k(struct session *s)
{
    if (s->k_most <= 1)
        return "the latest write";
    if (s->k_least == s->k_most)
        return SAY(s, "one of the %llu latest writes", (unsigned long long)s->k_most);
    return SAY(s, "one of the %llu latest writes (perhaps of the %llu)",
               (unsigned long long)s->k_most, (unsigned long long)s->k_least);
}

static const char *tell_delta(struct session *s)
{
    char length[64];
    const char *k = tell_k(s);
    if (s->delta_ns == 0)
        return k;
    return SAY(s, "%s, and what was right %s before it", k ? k : "?",
               units_duration_short(s->delta_ns, length, sizeof length));
}

/* Those that show the largest delta. */
static enum err_code show_latest(struct session *s, struct err *err)
{
    struct witness witness = {0};
    const uint32_t ops[] = {s->late.read, s->late.observer, s->late.early, s->late.late};
    if (!s->latest)
        return ERR_OK;
    for (size_t i = 0; i < ARRAY_LEN(ops); i++)
        if (ops[i] < s->latest->count)
            witness_add(&witness, s->latest->ops[ops[i]].row);
    return witness_give(&witness, s->in->columns, s->arena, s->out, err);
}

/* What its stalest read missed, of the key with the largest delta; NULL: nothing, or
 * nobody knows. */
static const char *tell_stalest(struct session *s)
{
    if (!s->latest)
        return NULL;
    const char *told = staleness_tell(&s->problem, s->in->budget, &s->teller);
    if (!told || s->objects.count == 1)
        return told;
    return SAY(s, "in key %s, %s", tell_value(&s->teller, s->latest->key), told);
}

static enum err_code tell_bounds(struct session *s, struct err *err)
{
    const char *keys = tell_count(&s->teller, s->objects.count, "key");
    s->out->value = VERDICT_HOLDS;
    s->out->sentence =
        SAY(s, "every read among %s on %s returned %s",
            tell_count(&s->teller, s->objects.op_count, "operation"), keys, tell_delta(s));
    s->out->note = tell_stalest(s);
    return show_latest(s, err);
}

static enum err_code tell(struct session *s, struct err *err)
{
    struct verdict *out = s->out;
    out->checked_count = (int64_t)s->objects.op_count;
    out->object_count = s->objects.count;
    enum err_code code = ERR_OK;
    if (out->violated_count > 0) {
        code = tell_impossible(s, err);
    } else if (out->undecided_count > 0) {
        out->value = VERDICT_UNDECIDED;
        out->sentence = SAY(s, "%zu of %s not decided; of the first, %s", out->undecided_count,
                            tell_count(&s->teller, s->objects.count, "key"), s->why);
    } else if (!asked_enough(s->in, &s->objects)) {
        out->value = VERDICT_NOT_EXERCISED;
        out->sentence = asked_too_little(s->in, s->model);
    } else {
        code = tell_bounds(s, err);
    }
    if (code)
        return code;
    return out->sentence ? ERR_OK : err_set(err, ERR_NOMEM, "out of memory");
}

static enum err_code check(const struct check_input *in, struct arena *arena,
                           struct verdict *out, struct err *err)
{
    struct session s = {
        .in = in,
        .model = asked_model(in),
        .teller = {.history = in->history, .columns = in->columns, .arena = arena},
        .arena = arena,
        .out = out};
    if (asked_objects(in, s.model, arena, &s.objects, err))
        return err->code;
    for (size_t i = 0; i < s.objects.count; i++)
        if (measure(&s, &s.objects.all[i], err))
            return err->code;
    return tell(&s, err);
}

const struct checker_ops checker_bounded_staleness = {
    .about = {.name = "bounded-staleness",
              .summary = "How many versions, and how long, reads are behind at most.",
              .flags = PLUGIN_REGISTER},
    .of_objects = true,
    .check = check,
};
