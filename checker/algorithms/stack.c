/* Contents: what is wrong at a glance; who was taken by unanswered pops; the answer. */
#include "checker/algorithms/stack.h"

#include <stdlib.h>

#include "checker/algorithms/refusal.h"
#include "checker/algorithms/stack_bounds.h"
#include "checker/algorithms/stack_peel.h"
#include "checker/algorithms/stack_proof.h"

static const char *const unpushed = "{0.who} got {0.result}, which nobody had pushed";
static const char *const popped_twice = "{0.who} and {1.who} both popped {0.result}, which was "
                                        "pushed once";
static const char *const backwards =
    "{0.who} {0.deed} by {0.returned}, before {1.who}, who came first with it, asked at "
    "{1.called}";

struct decider {
    const struct problem *p;
    struct budget *budget;
    struct arena *work, *keep;
    struct finding *out;
    struct err *err;
    struct stack s;
    uint32_t *taker; /* by element, an unanswered pop */
};

static enum err_code no_memory(const struct decider *d)
{
    return err_set(d->err, ERR_NOMEM, "stack: out of memory");
}

static enum err_code complain(const struct decider *d, const struct stack_complaint *c)
{
    switch (c->trouble) {
    case STACK_FINE:
    case STACK_REPEATED: break;
    case STACK_UNPUSHED: return refuse_one(unpushed, c->ops[0], d->keep, d->out, d->err);
    case STACK_POPPED_TWICE: return refuse_three(popped_twice, c->ops, d->keep, d->out, d->err);
    case STACK_BACKWARDS:
        if (c->ops[1] == c->ops[2])
            return refuse_two(backwards, c->ops[0], c->ops[1], d->keep, d->out, d->err);
        return refuse_three(backwards, c->ops, d->keep, d->out, d->err);
    }
    d->out->value = FINDING_NOT_MINE;
    return ERR_OK;
}

/* --- unanswered pops --- */

/* Elements that no answered pop took. */
static bool is_loose(const struct stack *s, uint32_t element)
{
    return s->elements[element].pop == STACK_NOBODY;
}

struct deadline {
    uint32_t element, at;
};

static int by_deadline(const void *a, const void *b)
{
    const struct deadline *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->element < y->element ? -1 : x->element > y->element;
}

/* Loose elements that must have been taken, by when; each gets the next unanswered pop. If
 * that comes too late, so do all others that are left, and there is no order: `late` is
 * then how many cannot all have been taken. */
static bool take_bound(struct decider *d, const struct stack_bounds *bounds, uint32_t *late,
                       struct deadline **out)
{
    const struct stack *s = &d->s;
    struct deadline *all = arena_array(d->work, s->count + (size_t)1, sizeof *all);
    uint32_t count = 0;
    *late = 0;
    *out = all;
    if (!all)
        return false;
    for (uint32_t i = 0; i < s->count; i++)
        if (is_loose(s, i) && bounds->by[i] != STACK_NOBODY)
            all[count++] = (struct deadline){i, s->returned[bounds->by[i]]};
    qsort(all, count, sizeof *all, by_deadline);
    for (uint32_t i = 0; i < count; i++) {
        if (i == s->open_pop_count || s->called[s->open_pops[i]] > all[i].at) {
            *late = i + 1;
            return true;
        }
        d->taker[all[i].element] = s->open_pops[i];
    }
    return true;
}

/* Every loose element could have been taken by the first of them. */
static void take_freely(struct decider *d)
{
    for (uint32_t i = 0; i < d->s.count; i++)
        if (is_loose(&d->s, i))
            d->taker[i] = d->s.open_pops[0];
}

/* --- the answer --- */

static bool has_loose(const struct stack *s)
{
    for (uint32_t i = 0; i < s->count; i++)
        if (is_loose(s, i))
            return true;
    return false;
}

static enum err_code refuse_stuck(struct decider *d, const struct stack_bounds *bounds,
                                  const struct stack_nest *nest)
{
    return stack_prove(&d->s, bounds, nest, d->budget, d->work, d->keep, d->out) ? ERR_OK
                                                                                 : no_memory(d);
}

/* Some pops were never answered, and some elements never popped. */
static enum err_code decide_open(struct decider *d, const struct stack_bounds *bounds)
{
    uint32_t late;
    struct deadline *deadlines;
    struct stack_nest nest;
    if (!take_bound(d, bounds, &late, &deadlines))
        return no_memory(d);
    if (late > 0) {
        uint32_t *lost = arena_array(d->work, late, sizeof *lost);
        for (uint32_t i = 0; lost && i < late; i++)
            lost[i] = deadlines[i].element;
        return lost && stack_prove_lost(&d->s, bounds, lost, late, d->work, d->keep, d->out)
                   ? ERR_OK
                   : no_memory(d);
    }
    if (!stack_peel(&d->s, d->taker, d->budget, d->work, &nest))
        return no_memory(d);
    if (nest.result == STACK_NESTED)
        return stack_order(&d->s, &nest, d->work, d->keep, d->out) ? ERR_OK : no_memory(d);
    take_freely(d);
    if (!stack_peel(&d->s, d->taker, d->budget, d->work, &nest))
        return no_memory(d);
    if (nest.result == STACK_STUCK)
        return refuse_stuck(d, bounds, &nest);
    d->out->value = FINDING_NOT_MINE;
    return ERR_OK;
}

static enum err_code decide_closed(struct decider *d, const struct stack_bounds *bounds)
{
    struct stack_nest nest;
    if (!stack_peel(&d->s, d->taker, d->budget, d->work, &nest))
        return no_memory(d);
    if (nest.result == STACK_NESTED)
        return stack_order(&d->s, &nest, d->work, d->keep, d->out) ? ERR_OK : no_memory(d);
    if (nest.result == STACK_STUCK)
        return refuse_stuck(d, bounds, &nest);
    return ERR_OK;
}

static enum err_code decide(struct decider *d)
{
    struct stack_complaint complaint;
    struct stack_bounds bounds;
    if (!budget_spend(d->budget, d->p->count))
        return ERR_OK;
    if (!stack_collect(d->p, d->work, &d->s, &complaint))
        return no_memory(d);
    if (complaint.trouble != STACK_FINE)
        return complain(d, &complaint);
    d->taker = arena_array(d->work, d->s.count + (size_t)1, sizeof *d->taker);
    if (!d->taker || !stack_bounds_find(&d->s, d->work, &bounds))
        return no_memory(d);
    for (uint32_t i = 0; i < d->s.count; i++)
        d->taker[i] = STACK_NOBODY;
    return d->s.open_pop_count > 0 && has_loose(&d->s) ? decide_open(d, &bounds)
                                                       : decide_closed(d, &bounds);
}

enum err_code stack_decide(const struct problem *p, struct budget *budget, struct arena *work,
                           struct arena *keep, struct finding *out, struct err *err)
{
    struct decider d = {
        .p = p, .budget = budget, .work = work, .keep = keep, .out = out, .err = err};
    *out = (struct finding){.value = FINDING_NOT_MINE};
    if (p->count > UINT32_MAX / 16) /* positions and phases are numbered together */
        return ERR_OK;
    enum err_code code = decide(&d);
    if (!code && budget->why && out->value == FINDING_NOT_MINE)
        *out = (struct finding){.value = FINDING_GAVE_UP, .why = budget->why};
    return code;
}
