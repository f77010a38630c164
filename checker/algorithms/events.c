/* Contents: an order from the steps · deciding */
#include "checker/algorithms/events.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "checker/algorithms/walk.h"

/* --- an order from the steps --- */

struct telling {
    const struct timeline *t;
    const struct trail_step *steps;
    size_t step_count, next;
    uint32_t value;
    uint32_t *pending; /* operations that are called and not yet placed */
    uint32_t pending_count;
    bool *is_step, *placed;
    uint32_t *order;
    size_t order_count;
};

static void place(struct telling *s, uint32_t op)
{
    assert(!s->placed[op]);
    s->placed[op] = true;
    s->order[s->order_count++] = op;
}

/* May it be placed where `value` is, without changing it? */
static bool fits_idly(const struct telling *s, const struct deed *d)
{
    switch (d->kind) {
    case DEED_LOOK: return d->from == s->value;
    case DEED_UNLIKE: return d->from != s->value;
    case DEED_WRITE: return d->to == s->value;
    case DEED_APPEND: return s->value == 0;
    case DEED_CAS: break;
    }
    return false;
}

/* Of those that wait, place who fits, and with `absorbing` also whom the next write
 * hides. */
static void place_idle(struct telling *s, bool absorbing)
{
    uint32_t left = 0;
    for (uint32_t i = 0; i < s->pending_count; i++) {
        uint32_t op = s->pending[i];
        const struct deed *d = &s->t->deeds[op];
        bool hidden = absorbing && (d->kind == DEED_WRITE || d->kind == DEED_APPEND);
        if (hidden || fits_idly(s, d))
            place(s, op);
        else
            s->pending[left++] = op;
    }
    s->pending_count = left;
}

/* A step waits for its turn; whoever is optional happens as a step or not at all. */
static void call(struct telling *s, uint32_t op)
{
    const struct deed *d = &s->t->deeds[op];
    if (s->is_step[op] || d->optional)
        return;
    if (fits_idly(s, d))
        place(s, op);
    else
        s->pending[s->pending_count++] = op;
}

/* Those that were taken while the return of that rank was at hand. */
static void take_steps(struct telling *s, uint32_t rank)
{
    for (; s->next < s->step_count && s->steps[s->next].rank == rank; s->next++) {
        uint32_t op = s->steps[s->next].op;
        const struct deed *d = &s->t->deeds[op];
        if (d->kind == DEED_WRITE)
            place_idle(s, true);
        place(s, op);
        s->value = deed_leaves(d, s->value);
        place_idle(s, false);
    }
}

static void tell(struct telling *s)
{
    uint32_t rank = 0;
    for (uint32_t i = 0; i < s->t->event_count; i++) {
        const struct event *at = &s->t->events[i];
        if (!at->is_return)
            call(s, at->op);
        else if (!s->t->deeds[at->op].optional)
            take_steps(s, rank++);
    }
}

/* --- deciding --- */

struct deciding {
    const struct problem *p;
    struct timeline timeline;
    struct budget *budget;
    struct arena *work, *keep;
    struct finding *out;
};

static bool make_order(struct deciding *d, const struct frontier *f)
{
    struct trail_step *steps;
    size_t count = d->p->count;
    struct telling s = {.t = &d->timeline, .value = d->timeline.first_value};
    s.step_count = frontier_path(f, &steps, d->work);
    s.steps = steps;
    s.pending = arena_array(d->work, count, sizeof *s.pending);
    s.is_step = arena_array(d->work, count, sizeof *s.is_step);
    s.placed = arena_array(d->work, count, sizeof *s.placed);
    s.order = arena_array(d->keep, count, sizeof *s.order);
    if (!steps || !s.pending || !s.is_step || !s.placed || !s.order)
        return false;
    for (size_t i = 0; i < s.step_count; i++)
        s.is_step[steps[i].op] = true;
    tell(&s);
    d->out->order = s.order;
    d->out->order_count = s.order_count;
    return true;
}

/* What the end of the events means; false: nothing. */
static bool conclude(struct deciding *d, const struct frontier *f, enum frontier_state state,
                     enum err_code *code)
{
    *d->out = (struct finding){.value = FINDING_NO_ORDER};
    switch (state) {
    case FRONTIER_FULL: *code = ERR_NOMEM; return true;
    case FRONTIER_SPENT:
        *d->out = (struct finding){.value = FINDING_GAVE_UP, .why = d->budget->why};
        return true;
    case FRONTIER_ALIVE:
        d->out->value = FINDING_ORDER;
        if (!make_order(d, f))
            *code = ERR_NOMEM;
        return true;
    case FRONTIER_EMPTY: break;
    }
    if (!frontier_was_cut(f))
        return true;
    *d->out = (struct finding){.value = FINDING_GAVE_UP, .why = "it can go too many ways"};
    return false;
}

/* In a round, `width` configurations are kept at a time; true when that decided it. */
static bool decide(struct deciding *d, size_t width, enum err_code *code)
{
    enum { SPARES = 8 };
    struct walk_limits limits = {.configs_max = width,
                                 .spares_max = width == SIZE_MAX ? UINT32_MAX : SPARES,
                                 .budget = d->budget,
                                 .work = d->work};
    struct frontier *f = walk(&d->timeline, limits);
    bool decided = conclude(d, f, f ? frontier_state(f) : FRONTIER_FULL, code);
    frontier_free(f);
    return decided;
}

enum err_code events_decide_by(const struct problem *p, const size_t *widths, size_t rounds,
                               struct budget *budget, struct arena *work, struct arena *keep,
                               struct finding *out, struct err *err)
{
    struct deciding d = {.p = p, .budget = budget, .work = work, .keep = keep, .out = out};
    enum err_code code = ERR_OK;
    if (!budget_spend(budget, p->count)) {
        *out = (struct finding){.value = FINDING_GAVE_UP, .why = budget->why};
        return ERR_OK;
    }
    *out = (struct finding){.value = FINDING_NOT_MINE};
    if (!timeline_make(p, work, &d.timeline, &code, err))
        return code;
    bool decided = false;
    for (size_t i = 0; i < rounds && !decided; i++)
        decided = decide(&d, widths[i], &code);
    return code ? err_set(err, ERR_NOMEM, "events: out of memory") : ERR_OK;
}

enum err_code events_decide(const struct problem *p, struct budget *budget, struct arena *work,
                            struct arena *keep, struct finding *out, struct err *err)
{
    static const size_t widths[] = {16, 512, 16384, SIZE_MAX};
    return events_decide_by(p, widths, ARRAY_LEN(widths), budget, work, keep, out, err);
}
