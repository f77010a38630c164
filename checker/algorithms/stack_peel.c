#include "checker/algorithms/stack_peel.h"

#include <assert.h>

#include "checker/algorithms/cover.h"
#include "checker/algorithms/positions.h"
#include "checker/algorithms/stabs.h"

/* What must touch a gap: a push by the start of its element's span, a pop from its end
 * on, a peek, or an answer that nothing was there. */
struct need {
    uint32_t first, last;
    uint32_t element; /* STACK_NOBODY: the stack was empty */
    uint32_t op;
};

struct peeler {
    const struct stack *s;
    const uint32_t *taker;
    struct budget *budget;
    struct stack_nest *out;

    struct need *needs; /* by `first` */
    uint32_t need_count;
    uint32_t *begun;   /* by position: how many needs begin up to it */
    uint32_t *need_of; /* by peek: its need */
    bool *met;
    uint32_t *unmet; /* by element */
    uint32_t unmet_empties;
    uint32_t *ready; /* elements without unmet needs */
    uint32_t ready_count;

    struct cover cover;         /* by the spans that are left */
    struct positions free;      /* gaps */
    struct stabs all, of_peeks; /* needs, by their index; and those of peeks, by element */
};

static uint32_t late_of(const struct stack *s, const uint32_t *taker, uint32_t element)
{
    const struct stack_element *e = &s->elements[element];
    uint32_t pop = e->pop != STACK_NOBODY ? e->pop : taker[element];
    if (pop == STACK_NOBODY)
        return s->end + 1;
    return s->called[pop] > e->late ? s->called[pop] : e->late;
}

bool stack_is_instant(const struct stack *s, const uint32_t *taker, uint32_t element)
{
    return late_of(s, taker, element) <= s->elements[element].early;
}

static struct stretch span_of(const struct peeler *p, uint32_t element)
{
    return (struct stretch){.from = p->s->elements[element].early + 1,
                            .to = late_of(p->s, p->taker, element),
                            .mark = element + 1};
}

/* --- getting ready --- */

static void add_need(struct peeler *p, uint32_t first, uint32_t last, uint32_t element,
                     uint32_t op)
{
    assert(first <= last);
    p->needs[p->need_count++] = (struct need){first, last, element, op};
    if (element == STACK_NOBODY)
        p->unmet_empties++;
    else
        p->unmet[element]++;
}

static void list_needs(struct peeler *p)
{
    const struct stack *s = p->s;
    for (uint32_t i = 0; i < s->empty_count; i++)
        add_need(p, s->called[s->empties[i]], s->returned[s->empties[i]], STACK_NOBODY,
                 s->empties[i]);
    for (uint32_t i = 0; i < s->count; i++) {
        const struct stack_element *e = &s->elements[i];
        uint32_t pop = e->pop != STACK_NOBODY ? e->pop : p->taker[i];
        if (stack_is_instant(s, p->taker, i))
            continue;
        add_need(p, s->called[e->push], e->early, i, e->push);
        if (pop != STACK_NOBODY)
            add_need(p, late_of(s, p->taker, i), s->returned[pop], i, pop);
        for (uint32_t k = 0; k < e->peek_count; k++) {
            uint32_t peek = s->peeks[e->first_peek + k];
            add_need(p, s->called[peek], s->returned[peek], i, peek);
        }
    }
}

/* By where they begin, and with all that is found by that. */
static bool sort_needs(struct peeler *p, struct arena *arena)
{
    uint32_t positions = p->s->end + 1;
    struct need *sorted = arena_array(arena, p->need_count + (size_t)1, sizeof *sorted);
    p->begun = arena_array(arena, positions + (size_t)1, sizeof *p->begun);
    if (!sorted || !p->begun || !stabs_init(&p->all, p->need_count, arena))
        return false;
    for (uint32_t i = 0; i < p->need_count; i++)
        p->begun[p->needs[i].first + 1]++;
    for (uint32_t i = 1; i <= positions; i++)
        p->begun[i] += p->begun[i - 1];
    for (uint32_t i = 0; i < p->need_count; i++)
        sorted[p->begun[p->needs[i].first]++] = p->needs[i];
    p->needs = sorted;
    for (uint32_t i = 0; i < p->need_count; i++)
        stabs_put(&p->all, i, sorted[i].last);
    stabs_ready(&p->all);
    return true;
}

static bool index_peeks(struct peeler *p, struct arena *arena)
{
    const struct stack *s = p->s;
    size_t ops = s->p->count;
    uint32_t *need = arena_array(arena, ops + 1, sizeof *need); /* by operation */
    p->need_of = arena_array(arena, ops + 1, sizeof *p->need_of);
    if (!need || !p->need_of || !stabs_init(&p->of_peeks, (uint32_t)ops + 1, arena))
        return false;
    for (uint32_t i = 0; i < p->need_count; i++)
        need[p->needs[i].op] = i;
    for (uint32_t i = 0; i < s->count; i++)
        for (uint32_t k = 0; k < s->elements[i].peek_count; k++) {
            uint32_t at = s->elements[i].first_peek + k;
            p->need_of[at] = need[s->peeks[at]];
            if (!stack_is_instant(s, p->taker, i))
                stabs_put(&p->of_peeks, at, s->returned[s->peeks[at]]);
        }
    stabs_ready(&p->of_peeks);
    return true;
}

static bool put_spans(struct peeler *p, struct arena *arena)
{
    struct stretch *spans = arena_array(arena, p->s->count + (size_t)1, sizeof *spans);
    uint32_t count = 0;
    if (!spans)
        return false;
    for (uint32_t i = 0; i < p->s->count; i++)
        if (!stack_is_instant(p->s, p->taker, i))
            spans[count++] = span_of(p, i);
    cover_put(&p->cover, spans, count);
    return true;
}

static bool peeler_init(struct peeler *p, struct arena *arena)
{
    const struct stack *s = p->s;
    size_t elements = s->count + (size_t)1, ops = s->p->count + (size_t)1;
    struct stack_nest *out = p->out;
    out->turn = arena_array(arena, elements, sizeof *out->turn);
    out->from = arena_array(arena, elements, sizeof *out->from);
    out->to = arena_array(arena, elements, sizeof *out->to);
    out->by_turn = arena_array(arena, elements, sizeof *out->by_turn);
    out->at = arena_array(arena, ops, sizeof *out->at);
    p->needs = arena_array(arena, ops + elements, sizeof *p->needs);
    p->met = arena_array(arena, ops + elements, sizeof *p->met);
    p->unmet = arena_array(arena, elements, sizeof *p->unmet);
    p->ready = arena_array(arena, elements, sizeof *p->ready);
    if (!out->turn || !out->from || !out->to || !out->by_turn || !out->at || !p->needs ||
        !p->met || !p->unmet || !p->ready || !cover_init(&p->cover, s->end + 1, arena) ||
        !positions_init(&p->free, s->end + 1, arena))
        return false;
    list_needs(p);
    return sort_needs(p, arena) && index_peeks(p, arena) && put_spans(p, arena);
}

/* --- taking away --- */

static void meet(struct peeler *p, uint32_t need, uint32_t position)
{
    const struct need *n = &p->needs[need];
    if (p->met[need])
        return;
    p->met[need] = true;
    p->out->at[n->op] = position;
    if (n->element == STACK_NOBODY)
        p->unmet_empties--;
    else if (--p->unmet[n->element] == 0)
        p->ready[p->ready_count++] = n->element;
}

/* Nothing covers it any more: it is a gap for all. */
static void be_free(struct peeler *p, uint32_t position)
{
    uint32_t need, begun = p->begun[position];
    positions_add(&p->free, position);
    while ((need = stabs_take(&p->all, 0, begun, position)) != STABS_NONE)
        meet(p, need, position);
}

/* Only this element covers it: it is a gap for its peeks. */
static void be_alone(struct peeler *p, uint32_t position, uint32_t element)
{
    const struct stack_element *e = &p->s->elements[element];
    uint32_t from = e->first_peek, to = from + e->peek_count, peek;
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        if (p->s->called[p->s->peeks[middle]] <= position)
            from = middle + 1;
        else
            to = middle;
    }
    while ((peek = stabs_take(&p->of_peeks, e->first_peek, from, position)) != STABS_NONE)
        meet(p, p->need_of[peek], position);
}

static void look_around(struct peeler *p)
{
    struct cover_news news;
    while (cover_tell(&p->cover, &news))
        if (news.mark == 0)
            be_free(p, news.position);
        else
            be_alone(p, news.position, news.mark - 1);
}

static void take_away(struct peeler *p, uint32_t element)
{
    struct stack_nest *out = p->out;
    struct stretch span = span_of(p, element);
    bool stays = span.to > p->s->end;
    out->by_turn[out->turn_count++] = element;
    out->turn[element] = out->turn_count;
    out->from[element] = positions_last(&p->free, p->s->elements[element].early);
    out->to[element] = stays ? span.to : positions_first(&p->free, span.to);
    cover_take(&p->cover, &span);
    look_around(p);
}

static enum stack_nest_result take_all(struct peeler *p)
{
    uint32_t left = 0;
    for (uint32_t i = 0; i < p->s->count; i++)
        left += !stack_is_instant(p->s, p->taker, i);
    look_around(p);
    /* The empty stack lies below everything. */
    if (p->unmet_empties > 0)
        return STACK_STUCK;
    for (; p->ready_count > 0; left--) {
        if (!budget_spend(p->budget, 8))
            return STACK_GAVE_UP;
        take_away(p, p->ready[--p->ready_count]);
    }
    return left > 0 ? STACK_STUCK : STACK_NESTED;
}

bool stack_peel(const struct stack *s, const uint32_t *taker, struct budget *budget,
                struct arena *arena, struct stack_nest *out)
{
    struct peeler p = {.s = s, .taker = taker, .budget = budget, .out = out};
    *out = (struct stack_nest){.taker = taker};
    if (!peeler_init(&p, arena))
        return false;
    out->result = take_all(&p);
    return true;
}
