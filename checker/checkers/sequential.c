/* sequential: all operations together can be put in one order that the models of their
 * objects allow and that keeps the order of each process; real time does not count
 * (Lamport 1979). That cannot be told key by key, and is for small histories: the
 * question is NP-complete.
 *
 * Contents: all operations as one problem · is it an order · a small proof · what
 * proves it · telling */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "checker/algorithms/sequential.h"
#include "checker/asked.h"
#include "checker/replay.h"
#include "checker/tell.h"
#include "checker/witness.h"

struct session {
    const struct check_input *in;
    const struct model_ops *model;
    struct objects objects;
    struct teller teller;
    struct arena *arena;
    struct verdict *out;
    struct timed_op *ops; /* of all objects, by call */
    uint32_t *key_of;
    size_t count;
};

/* --- all operations as one problem --- */

struct owned {
    struct timed_op op;
    uint32_t key;
};

static int by_call(const void *a, const void *b)
{
    const struct owned *x = a, *y = b;
    if (x->op.called_at_ns != y->op.called_at_ns)
        return x->op.called_at_ns < y->op.called_at_ns ? -1 : 1;
    return x->op.row < y->op.row ? -1 : x->op.row > y->op.row;
}

static bool put_together(struct session *s)
{
    size_t all = s->objects.op_count;
    struct owned *owned = arena_array(s->arena, all, sizeof *owned);
    s->ops = arena_array(s->arena, all, sizeof *s->ops);
    s->key_of = arena_array(s->arena, all, sizeof *s->key_of);
    if (!owned || !s->ops || !s->key_of)
        return false;
    for (uint32_t k = 0; k < s->objects.count; k++)
        for (size_t i = 0; i < s->objects.all[k].count; i++)
            owned[s->count++] = (struct owned){s->objects.all[k].ops[i], k};
    if (all > 1)
        qsort(owned, all, sizeof *owned, by_call);
    for (size_t i = 0; i < all; i++) {
        s->ops[i] = owned[i].op;
        s->key_of[i] = owned[i].key;
    }
    return true;
}

/* Keys are numbers without gaps, also where some operations are left out. */
static enum err_code decide(struct session *s, const struct timed_op *ops,
                            const uint32_t *key_of, size_t count, struct budget *budget,
                            struct arena *keep, struct finding *out, struct err *err)
{
    struct problem p = {s->model, s->in->options->initial, ops, count};
    struct arena work = {.memory = budget->memory};
    *out = (struct finding){.value = FINDING_NOT_MINE};
    enum err_code code = sequential_decide(&p, key_of, budget, &work, keep, out, err);
    arena_done(&work);
    return code;
}

/* --- is it an order --- */

/* Later in the order means later in its process. */
static bool keeps_processes(const struct session *s, const struct finding *f, uint32_t *latest)
{
    memset(latest, 0, s->count * sizeof *latest); /* by process: the last index plus one */
    for (size_t i = 0; i < f->order_count; i++) {
        uint32_t op = f->order[i], process = s->ops[op].process;
        if (latest[process] > op)
            return false;
        latest[process] = op + 1;
    }
    return true;
}

struct judged {
    enum { ORDER_RIGHT, ORDER_WRONG, ORDER_UNKNOWN } value;
    const char *why; /* UNKNOWN */
};

static const struct judged no_memory = {ORDER_UNKNOWN, "its memory was used up"};

/* All operations, out of time, and the order, both sorted by object: those of key k begin
 * at ops_from[k], and its part of the order at order_from[k]. */
struct parts {
    struct timed_op *ops;
    uint32_t *place; /* by operation: where it is among those of its object */
    uint32_t *order; /* of such places */
    size_t *ops_from, *order_from;
};

static bool make_parts(const struct session *s, const struct finding *f, struct arena *work,
                       struct parts *out)
{
    size_t keys = s->objects.count + 2;
    out->ops = arena_array(work, s->count, sizeof *out->ops);
    out->place = arena_array(work, s->count, sizeof *out->place);
    out->order = arena_array(work, f->order_count, sizeof *out->order);
    out->ops_from = arena_array(work, keys, sizeof *out->ops_from);
    out->order_from = arena_array(work, keys, sizeof *out->order_from);
    return out->ops && out->place && out->order && out->ops_from && out->order_from;
}

/* Counted two places on, and then moved on by each that is put, so that in the end key k
 * begins at from[k]. */
static void sum_up(size_t *from, size_t keys)
{
    for (size_t i = 1; i < keys + 2; i++)
        from[i] += from[i - 1];
}

static void sort_parts(const struct session *s, const struct finding *f, struct parts *out)
{
    for (size_t i = 0; i < s->count; i++)
        out->ops_from[s->key_of[i] + 2]++;
    for (size_t i = 0; i < f->order_count; i++)
        out->order_from[s->key_of[f->order[i]] + 2]++;
    sum_up(out->ops_from, s->objects.count);
    sum_up(out->order_from, s->objects.count);
    for (size_t i = 0; i < s->count; i++) {
        uint32_t key = s->key_of[i];
        size_t at = out->ops_from[key + 1]++;
        out->place[i] = (uint32_t)at;
        out->ops[at] = s->ops[i];
        out->ops[at].called_at_ns = 0;
        out->ops[at].returned_at_ns = INT64_MAX;
    }
    for (size_t i = 0; i < s->count; i++)
        out->place[i] -= (uint32_t)out->ops_from[s->key_of[i]];
    for (size_t i = 0; i < f->order_count; i++)
        out->order[out->order_from[s->key_of[f->order[i]] + 1]++] = out->place[f->order[i]];
}

/* The part of the order that is about one object, played without real time. */
static struct judged play(const struct session *s, const struct parts *parts, uint32_t key)
{
    size_t from = parts->ops_from[key], order_from = parts->order_from[key];
    struct problem p = {s->model, s->in->options->initial, parts->ops + from,
                        parts->ops_from[key + 1] - from};
    struct arena work = {.memory = s->in->budget->memory};
    struct replay replay;
    struct err err;
    enum err_code code =
        replay_order(&p, parts->order + order_from, parts->order_from[key + 1] - order_from,
                     s->in->budget, &work, &replay, &err);
    arena_done(&work);
    if (code)
        return no_memory;
    if (replay.value == REPLAY_GAVE_UP)
        return (struct judged){ORDER_UNKNOWN, replay.why};
    return (struct judged){replay.value == REPLAY_ACCEPTED ? ORDER_RIGHT : ORDER_WRONG, NULL};
}

static struct judged judge_order(const struct session *s, const struct finding *f)
{
    struct arena work = {.memory = s->in->budget->memory};
    struct parts parts;
    struct judged judged = no_memory;
    uint32_t *latest = arena_array(&work, s->count, sizeof *latest);
    if (latest && make_parts(s, f, &work, &parts)) {
        bool right = keeps_processes(s, f, latest);
        judged = (struct judged){right ? ORDER_RIGHT : ORDER_WRONG, NULL};
        sort_parts(s, f, &parts);
    }
    for (uint32_t key = 0; judged.value == ORDER_RIGHT && key < s->objects.count; key++)
        judged = play(s, &parts, key);
    arena_done(&work);
    return judged;
}

/* --- a small proof --- */

enum { COURTESY_STEPS = 2 * 1000 * 1000 };

/* Without the operations that only look, as many as can go, what is left may be shown.
 * Soundly: looks change nothing, so taking one out breaks no order. */
static void drop_looks(struct session *s)
{
    struct budget part = *s->in->budget;
    part.steps_left = part.steps_left < COURTESY_STEPS ? part.steps_left : COURTESY_STEPS;
    struct arena own = {.memory = part.memory};
    struct timed_op *ops = arena_array(&own, s->count, sizeof *ops);
    uint32_t *key_of = arena_array(&own, s->count, sizeof *key_of);
    for (size_t i = s->count; ops && key_of && i-- > 0 && !part.why;) {
        if (!s->ops[i].op.answered || !s->model->only_looks(&s->ops[i].op))
            continue;
        if (!budget_spend(&part, s->count))
            break;
        size_t left = 0;
        for (size_t k = 0; k < s->count; k++)
            if (k != i) {
                ops[left] = s->ops[k];
                key_of[left++] = s->key_of[k];
            }
        struct arena keep = {.memory = part.memory};
        struct finding f;
        struct err err;
        if (decide(s, ops, key_of, left, &part, &keep, &f, &err) == ERR_OK &&
            f.value == FINDING_NO_ORDER) {
            memcpy(s->ops, ops, left * sizeof *ops);
            memcpy(s->key_of, key_of, left * sizeof *key_of);
            s->count = left;
        }
        arena_done(&keep);
    }
    arena_done(&own);
}

/* --- what proves it --- */

/* Ids of `count` operations: those that `order` names, or all. */
static bool give_ids(struct session *s, const uint32_t *order, size_t count,
                     struct witness_order *out)
{
    int64_t *ids = arena_array(s->arena, count, sizeof *ids);
    for (size_t i = 0; ids && i < count; i++)
        ids[i] = s->in->columns->id[s->ops[order ? order[i] : i].row];
    *out = (struct witness_order){OP_NIL, ids, count};
    return ids != NULL;
}

/* There is one order for all keys. */
static bool give_order(struct session *s, const struct finding *f)
{
    struct witness_order *all = arena_alloc(s->arena, sizeof *all);
    if (!all || !give_ids(s, f->order, f->order_count, all))
        return false;
    s->out->orders = all;
    s->out->order_count = 1;
    return true;
}

/* What is undecided is all keys together. */
static bool give_undecided(struct session *s)
{
    int64_t *key = arena_alloc(s->arena, sizeof *key);
    if (!key)
        return false;
    *key = OP_NIL;
    s->out->undecided_keys = key;
    return true;
}

/* --- telling --- */

#define SAY(s, ...) arena_format((s)->arena, __VA_ARGS__)

static const char *amount(struct session *s)
{
    return SAY(s, "%s on %s", tell_count(&s->teller, s->objects.op_count, "operation"),
               tell_count(&s->teller, s->objects.count, "key"));
}

/* The looks that are left are what cannot be explained. */
static enum err_code tell_violated(struct session *s, struct err *err)
{
    struct witness witness = {0};
    drop_looks(s);
    for (size_t i = s->count; i-- > 0;)
        if (s->ops[i].op.answered && s->model->only_looks(&s->ops[i].op))
            witness_add(&witness, s->ops[i].row);
    for (size_t i = s->count; i-- > 0;)
        witness_add(&witness, s->ops[i].row);
    s->out->value = VERDICT_VIOLATED;
    s->out->violated_count = 1;
    s->out->sentence = SAY(
        s, "no order of %s that keeps the order of each process is allowed by the model %s%s",
        amount(s), s->model->about.name,
        s->count > WITNESS_MAX ? SAY(s, " (%d of %zu operations that are needed to show it)",
                                     WITNESS_MAX, s->count)
                               : "");
    if (s->in->options->wants_orders && !give_ids(s, NULL, s->count, &s->out->proof))
        return err_set(err, ERR_NOMEM, "out of memory");
    return witness_give(&witness, s->in->columns, s->arena, s->out, err);
}

static const char *tell_undecided(struct session *s, const char *why)
{
    s->out->value = VERDICT_UNDECIDED;
    s->out->undecided_count = 1;
    if (s->in->options->wants_orders && !give_undecided(s))
        return NULL;
    return SAY(s, "%s not decided: %s", amount(s), why);
}

static const char *tell_order(struct session *s, const struct finding *f)
{
    struct judged judged = judge_order(s, f);
    s->out->is_our_fault = judged.value == ORDER_WRONG;
    if (judged.value != ORDER_RIGHT)
        return tell_undecided(s, judged.value == ORDER_UNKNOWN
                                     ? judged.why
                                     : "a fault of the checker: its order is wrong");
    if (!asked_enough(s->in, &s->objects)) {
        s->out->value = VERDICT_NOT_EXERCISED;
        return asked_too_little(s->in, s->model);
    }
    s->out->value = VERDICT_HOLDS;
    if (s->in->options->wants_orders && !give_order(s, f))
        return NULL;
    return SAY(s,
               "%s can be put in an order that keeps the order of each process and that the "
               "model %s allows",
               amount(s), s->model->about.name);
}

/* All keys together are one object: no key by itself is violated, or decided. */
static enum err_code tell(struct session *s, const struct finding *f, struct err *err)
{
    assert(f->value != FINDING_NOT_MINE); /* it is a search: it knows every model */
    s->out->checked_count = (int64_t)s->objects.op_count;
    s->out->object_count = s->objects.count > 0;
    if (f->value == FINDING_NO_ORDER && tell_violated(s, err))
        return err->code;
    if (f->value == FINDING_GAVE_UP)
        s->out->sentence = tell_undecided(s, f->why);
    if (f->value == FINDING_ORDER)
        s->out->sentence = tell_order(s, f);
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
    struct finding found;
    if (asked_objects(in, s.model, arena, &s.objects, err))
        return err->code;
    if (!put_together(&s))
        return err_set(err, ERR_NOMEM, "out of memory");
    if (decide(&s, s.ops, s.key_of, s.count, in->budget, arena, &found, err))
        return err->code;
    return tell(&s, &found, err);
}

const struct checker_ops checker_sequential = {
    .about = {.name = "sequential",
              .summary = "One order of all operations keeps that of each process.",
              .flags = PLUGIN_REGISTER},
    .of_objects = true,
    .check = check,
};
