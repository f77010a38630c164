/* linearizable: on each object the operations can be put in one order, within the real
 * time each of them took, that the object's model allows: of a register, that every
 * read returns the latest write. Objects are independent (Herlihy and Wing), so each is
 * decided alone. */
#include <string.h>

#include "checker/asked.h"
#include "checker/contradiction.h"
#include "checker/rulings.h"
#include "checker/staleness.h"

struct session {
    const struct check_input *in;
    struct rulings_plan plan;
    struct objects objects;
    struct rulings rulings;
    struct teller teller;
    struct arena *arena;
    struct verdict *out;
};

/* --- what all objects together say --- */

struct tally {
    size_t possible, impossible, undecided;
    const struct object *first_undecided;
    const struct ruling *why;
    bool exercised;
};

static void count(const struct session *s, struct tally *t)
{
    *t = (struct tally){.exercised = asked_enough(s->in, &s->objects)};
    for (size_t i = 0; i < s->objects.count; i++) {
        const struct ruling *r = &s->rulings.all[i];
        t->possible += r->value == RULING_POSSIBLE;
        t->impossible += r->value == RULING_IMPOSSIBLE;
        if (r->value != RULING_GAVE_UP)
            continue;
        if (t->undecided++ == 0 || (r->is_our_fault && !t->why->is_our_fault)) {
            t->first_undecided = &s->objects.all[i];
            t->why = r;
        }
    }
}

/* "zones: 19, search: 1", most first met first. */
static bool tell_who_decided(struct session *s)
{
    const char *names[8], *told = NULL;
    size_t counts[8] = {0}, met = 0;
    for (size_t i = 0; i < s->objects.count; i++) {
        const struct ruling *r = &s->rulings.all[i];
        size_t at = 0;
        s->out->steps += r->steps;
        while (r->by && at < met && strcmp(names[at], r->by) != 0)
            at++;
        if (!r->by || at == ARRAY_LEN(names))
            continue;
        if (at == met)
            names[met++] = r->by;
        counts[at]++;
    }
    for (size_t i = 0; i < met; i++) {
        told = arena_format(s->arena, "%s%s%s: %zu", told ? told : "", told ? ", " : "",
                            names[i], counts[i]);
        if (!told)
            return false;
    }
    s->out->decided_by = told;
    return true;
}

/* --- what is told --- */

#define SAY(s, ...) arena_format((s)->arena, __VA_ARGS__)

/* "on 3 keys", or "on one object" */
static const char *objects(const struct session *s, size_t how_many)
{
    if (s->plan.model->by_key && !(how_many == 1 && s->objects.all[0].key == OP_NIL))
        return tell_count(&s->teller, how_many, "key");
    return "one object";
}

static const char *tell_undecided(struct session *s, const struct tally *t)
{
    s->out->value = VERDICT_UNDECIDED;
    s->out->is_our_fault = t->why->is_our_fault;
    const char *key =
        t->first_undecided->key == OP_NIL
            ? ""
            : SAY(s, ", key %s,", tell_value(&s->teller, t->first_undecided->key));
    if (s->objects.count == 1)
        return SAY(s, "not decided: it has %s, and %s",
                   tell_count(&s->teller, t->first_undecided->count, "operation"), t->why->why);
    return SAY(s, "%zu of %s not decided; the first%s has %s, and %s", t->undecided,
               objects(s, s->objects.count), s->objects.count > 1 && key ? key : "",
               tell_count(&s->teller, t->first_undecided->count, "operation"), t->why->why);
}

static const char *tell_not_exercised(struct session *s)
{
    s->out->value = VERDICT_NOT_EXERCISED;
    return asked_too_little(s->in, s->plan.model);
}

static const char *tell_holds(struct session *s)
{
    s->out->value = VERDICT_HOLDS;
    const char *ops = tell_count(&s->teller, s->objects.op_count, "operation");
    const char *on = objects(s, s->objects.count);
    /* What an rmw answers is more than a read does. */
    if (s->plan.model->is_register && !(s->plan.model->kinds >> OP_RMW & 1))
        return SAY(s,
                   "%s on %s can be put in an order in which every read returns the latest "
                   "write",
                   ops, on);
    return SAY(s, "%s on %s can be put in an order that the model %s allows", ops, on,
               s->plan.model->about.name);
}

static enum err_code tell_violated(struct session *s, const struct tally *t, struct err *err)
{
    const struct object *o = &s->objects.all[s->rulings.first_impossible];
    struct contradiction c = {.problem = objects_problem(o, s->plan.model, s->plan.initial),
                              .decision = &s->rulings.decision,
                              .key = o->key,
                              .wants_all = s->in->options->wants_orders};
    if (contradiction_tell(&c, &s->teller, s->in->budget, s->out, err))
        return err->code;
    s->out->note = staleness_tell(&c.problem, s->in->budget, &s->teller);
    if (s->plan.stop_at_once)
        s->out->sentence =
            SAY(s, "%s (the first; what comes after it was not looked at)", s->out->sentence);
    else if (t->impossible > 1)
        s->out->sentence = SAY(s, "%s (violated: %s in all)", s->out->sentence,
                               tell_count(&s->teller, t->impossible, "key"));
    return s->out->sentence ? ERR_OK : err_set(err, ERR_NOMEM, "out of memory");
}

/* Orders by the ids of operations, for whoever wants to look after us. */
static bool give_orders(struct session *s)
{
    struct witness_order *orders = arena_array(s->arena, s->objects.count, sizeof *orders);
    for (size_t i = 0; orders && i < s->objects.count; i++) {
        const struct ruling *r = &s->rulings.all[i];
        if (r->value != RULING_POSSIBLE)
            continue;
        const struct object *o = &s->objects.all[i];
        int64_t *ids = arena_array(s->arena, r->order_count, sizeof *ids);
        if (!ids)
            return false;
        for (size_t k = 0; k < r->order_count; k++)
            ids[k] = s->in->columns->id[o->ops[r->order[k]].row];
        orders[s->out->order_count++] = (struct witness_order){o->key, ids, r->order_count};
    }
    s->out->orders = orders;
    return orders != NULL;
}

static bool give_undecided_keys(struct session *s)
{
    int64_t *keys = arena_array(s->arena, s->out->undecided_count, sizeof *keys);
    size_t found = 0;
    for (size_t i = 0; keys && i < s->objects.count; i++)
        if (s->rulings.all[i].value == RULING_GAVE_UP)
            keys[found++] = s->objects.all[i].key;
    s->out->undecided_keys = keys;
    return keys != NULL;
}

static enum err_code tell(struct session *s, struct err *err)
{
    struct tally t;
    count(s, &t);
    s->out->checked_count = (int64_t)s->objects.op_count;
    s->out->object_count = s->objects.count;
    s->out->violated_count = t.impossible;
    s->out->undecided_count = t.undecided;
    bool ready = tell_who_decided(s);
    if (ready && s->in->options->wants_orders)
        ready = give_orders(s) && give_undecided_keys(s);
    if (!ready)
        return err_set(err, ERR_NOMEM, "out of memory");
    if (t.impossible > 0)
        return tell_violated(s, &t, err);
    s->out->sentence = t.undecided > 0 ? tell_undecided(s, &t)
                       : t.exercised   ? tell_holds(s)
                                       : tell_not_exercised(s);
    return s->out->sentence ? ERR_OK : err_set(err, ERR_NOMEM, "out of memory");
}

/* A set that merges is no object with one order: nothing in it is what this check is
 * about, unless somebody says which model to take. */
static bool is_merging(const struct check_input *in)
{
    const struct promise *p = in->promise;
    return !in->options->model && p && p->type && strcmp(p->type, "or-set") == 0;
}

static enum err_code check(const struct check_input *in, struct arena *arena,
                           struct verdict *out, struct err *err)
{
    struct session s = {
        .in = in,
        .plan = {.model = asked_model(in),
                 .initial = in->options->initial,
                 .jobs = in->options->jobs,
                 .stop_at_once = in->options->stop_at_once,
                 .keep_orders = in->options->wants_orders},
        .teller = {.history = in->history, .columns = in->columns, .arena = arena},
        .arena = arena,
        .out = out};
    enum err_code code = ERR_OK;
    if (!is_merging(in))
        code = asked_objects(in, s.plan.model, arena, &s.objects, err);
    if (code == ERR_OK)
        code = rulings_make(&s.objects, &s.plan, in->budget, arena, &s.rulings, err);
    if (code == ERR_OK)
        code = tell(&s, err);
    rulings_done(&s.rulings);
    return code;
}

const struct checker_ops checker_linearizable = {
    .about = {.name = "linearizable",
              .summary = "Every read of a register returns the latest write, in real time.",
              .flags = PLUGIN_REGISTER},
    .of_objects = true,
    .check = check,
};
