/* regular: each read of a register returns the value of a write that overlaps with it,
 * or of one that no other had certainly replaced before it began (Lamport 1986, with
 * many writers). Reads need not agree with each other. Weaker than linearizable. */
#include "checker/relatives/regular.h"
#include "checker/asked.h"
#include "checker/contradiction.h"
#include "checker/relatives/relative.h"

struct tally {
    size_t violated, undecided;
    const struct object *first_violated, *first_undecided;
    const char *why;
    struct decision decision; /* of first_violated */
};

struct session {
    const struct check_input *in;
    const struct model_ops *model;
    struct objects objects;
    struct teller teller;
    struct arena *arena;
    struct verdict *out;
};

static const char *why_not(const struct session *s, const struct problem *p,
                           const struct finding *f)
{
    if (f->value != FINDING_NOT_MINE)
        return f->why;
    const char *why = relative_refuses(p, s->arena);
    return why ? why
               : "a value was written more than once, so nobody can tell which write was read";
}

static enum err_code judge(struct session *s, struct tally *t, struct err *err)
{
    for (size_t i = 0; i < s->objects.count; i++) {
        const struct object *o = &s->objects.all[i];
        struct problem p = objects_problem(o, s->model, s->in->options->initial);
        struct arena work = {.memory = s->in->budget->memory};
        struct finding found = {.value = FINDING_NOT_MINE};
        enum err_code code = regular_decide(&p, s->in->budget, &work, s->arena, &found, err);
        arena_done(&work);
        if (code)
            return code;
        if (found.value == FINDING_NO_ORDER && t->violated++ == 0) {
            t->first_violated = o;
            t->decision = (struct decision){.finding = found, .by = "regular"};
        } else if (found.value != FINDING_ORDER && found.value != FINDING_NO_ORDER &&
                   t->undecided++ == 0) {
            t->first_undecided = o;
            t->why = why_not(s, &p, &found);
        }
    }
    return ERR_OK;
}

static enum err_code tell_violated(struct session *s, const struct tally *t, struct err *err)
{
    struct contradiction c = {
        .problem = objects_problem(t->first_violated, s->model, s->in->options->initial),
        .decision = &t->decision,
        .key = t->first_violated->key,
        .is_of_a_weaker_promise = true,
        .wants_all = s->in->options->wants_orders};
    if (contradiction_tell(&c, &s->teller, s->in->budget, s->out, err))
        return err->code;
    if (t->violated > 1)
        s->out->sentence = arena_format(s->arena, "%s (violated: %s in all)", s->out->sentence,
                                        tell_count(&s->teller, t->violated, "key"));
    return ERR_OK;
}

static const char *tell_rest(struct session *s, const struct tally *t)
{
    const char *keys = tell_count(&s->teller, s->objects.count, "key");
    if (t->undecided > 0) {
        s->out->value = VERDICT_UNDECIDED;
        return arena_format(s->arena, "%zu of %s not decided; of the first, %s", t->undecided,
                            keys, t->why);
    }
    if (!asked_enough(s->in, &s->objects)) {
        s->out->value = VERDICT_NOT_EXERCISED;
        return asked_too_little(s->in, s->model);
    }
    s->out->value = VERDICT_HOLDS;
    return arena_format(s->arena,
                        "each read among %s on %s returned a write that overlapped with it or "
                        "had not been replaced",
                        tell_count(&s->teller, s->objects.op_count, "operation"), keys);
}

static enum err_code tell(struct session *s, const struct tally *t, struct err *err)
{
    s->out->checked_count = (int64_t)s->objects.op_count;
    s->out->object_count = s->objects.count;
    s->out->violated_count = t->violated;
    s->out->undecided_count = t->undecided;
    if (t->violated > 0 && tell_violated(s, t, err))
        return err->code;
    if (t->violated == 0)
        s->out->sentence = tell_rest(s, t);
    return s->out->sentence ? ERR_OK : err_set(err, ERR_NOMEM, "out of memory");
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
    struct tally t = {0};
    if (asked_objects(in, s.model, arena, &s.objects, err) || judge(&s, &t, err))
        return err->code;
    return tell(&s, &t, err);
}

const struct checker_ops checker_regular = {
    .about = {.name = "regular",
              .summary = "Every read returns a write that overlaps it or was not yet replaced.",
              .flags = PLUGIN_REGISTER},
    .of_objects = true,
    .check = check,
};
