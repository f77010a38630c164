/* The order of a nest. At one position first the elements that end there are taken out,
 * the innermost first; then come those who look at what is left, and those who are in
 * the stack for no time; then others are put in, the outermost first. A peek of an
 * element belongs to its push or its pop where it has their position. */
#include "checker/algorithms/stack_peel.h"

enum phase { ENDS, BETWEEN, BEGINS, PHASES };

struct writer {
    const struct stack *s;
    const struct stack_nest *nest;
    struct entry {
        uint32_t op, key; /* position and phase */
    } * entries;
    size_t count;
};

static void write(struct writer *w, uint32_t op, uint32_t position, enum phase phase)
{
    w->entries[w->count++] = (struct entry){op, position * PHASES + phase};
}

static uint32_t pop_of(const struct writer *w, uint32_t element)
{
    uint32_t pop = w->s->elements[element].pop;
    return pop != STACK_NOBODY ? pop : w->nest->taker[element];
}

/* Where it is on top: where it was found to be, but while it is in the stack. */
static uint32_t peek_position(const struct writer *w, uint32_t element, uint32_t peek)
{
    uint32_t at = w->nest->at[peek], from = w->nest->from[element], to = w->nest->to[element];
    return at < from ? from : at > to ? to : at;
}

static void write_peeks(struct writer *w, uint32_t element, enum phase phase)
{
    const struct stack_element *e = &w->s->elements[element];
    for (uint32_t i = 0; i < e->peek_count; i++) {
        uint32_t peek = w->s->peeks[e->first_peek + i];
        uint32_t at = peek_position(w, element, peek);
        enum phase its = at == w->nest->from[element] ? BEGINS
                         : at == w->nest->to[element] ? ENDS
                                                      : BETWEEN;
        if (its == phase)
            write(w, peek, at, its);
    }
}

static void write_instant(struct writer *w, uint32_t element)
{
    const struct stack_element *e = &w->s->elements[element];
    uint32_t pop = pop_of(w, element), late = e->late;
    if (w->s->called[pop] > late)
        late = w->s->called[pop];
    write(w, e->push, late, BETWEEN);
    for (uint32_t i = 0; i < e->peek_count; i++)
        write(w, w->s->peeks[e->first_peek + i], late, BETWEEN);
    write(w, pop, late, BETWEEN);
}

static void write_all(struct writer *w)
{
    const struct stack_nest *nest = w->nest;
    for (uint32_t turn = nest->turn_count; turn > 0; turn--) {
        uint32_t element = nest->by_turn[turn - 1];
        write_peeks(w, element, ENDS);
        if (pop_of(w, element) != STACK_NOBODY)
            write(w, pop_of(w, element), nest->to[element], ENDS);
    }
    for (uint32_t i = 0; i < w->s->empty_count; i++)
        write(w, w->s->empties[i], nest->at[w->s->empties[i]], BETWEEN);
    for (uint32_t i = 0; i < w->s->count; i++)
        if (stack_is_instant(w->s, nest->taker, i))
            write_instant(w, i);
    for (uint32_t turn = 0; turn < nest->turn_count; turn++) {
        uint32_t element = nest->by_turn[turn];
        write_peeks(w, element, BETWEEN);
        write(w, w->s->elements[element].push, nest->from[element], BEGINS);
        write_peeks(w, element, BEGINS);
    }
}

/* By position and phase, and otherwise as they were written. */
bool stack_order(const struct stack *s, const struct stack_nest *nest, struct arena *work,
                 struct arena *keep, struct finding *out)
{
    struct writer w = {.s = s, .nest = nest};
    size_t keys = ((size_t)s->end + 2) * PHASES;
    uint32_t *next = arena_array(work, keys + 1, sizeof *next);
    w.entries = arena_array(work, s->p->count + 1, sizeof *w.entries);
    out->order = arena_array(keep, s->p->count + 1, sizeof *out->order);
    if (!next || !w.entries || !out->order)
        return false;
    write_all(&w);
    for (size_t i = 0; i < w.count; i++)
        next[w.entries[i].key + 1]++;
    for (size_t i = 1; i <= keys; i++)
        next[i] += next[i - 1];
    for (size_t i = 0; i < w.count; i++)
        out->order[next[w.entries[i].key]++] = w.entries[i].op;
    out->order_count = w.count;
    out->value = FINDING_ORDER;
    return true;
}
