/* In most cases two elements are enough: one was pushed before the other and got while
 * the other was on top of it. Else it takes several that cover each other's gaps; of those
 * that cannot go on, halves, quarters and so on are left out as long as the rest still
 * cannot. */
#include "checker/algorithms/stack_proof.h"

#include <assert.h>
#include <stdlib.h>

#include "checker/sorting.h"

static const char *const below_got =
    "{0.who} {0.deed} by {0.returned}, though {1.who} had pushed {1.argument} on top of it by "
    "{1.returned}, and it was still there for {2.who}, asking at {2.called}";
static const char *const below_got_lost =
    "{0.who} {0.deed} by {0.returned}, though {1.who} had pushed {1.argument} on top of it by "
    "{1.returned}, and too few pops can have taken that";
static const char *const not_empty =
    "{0.who} found the stack empty by {0.returned}, though {1.who} had pushed {1.argument} by "
    "{1.returned}, and it was still there for {2.who}, asking at {2.called}";
static const char *const not_empty_lost =
    "{0.who} found the stack empty by {0.returned}, though {1.who} had pushed {1.argument} by "
    "{1.returned}, and too few pops can have taken that";
static const char *const crossed =
    "{0.who} {0.deed} by {0.returned}, and no order of what was pushed and popped around it "
    "lets the latest element go first";

/* --- what is named --- */

struct names {
    const struct stack *s;
    uint32_t *ops; /* some more than once */
    size_t count, max;
};

static bool names_init(struct names *n, const struct stack *s, size_t max, struct arena *work)
{
    *n = (struct names){.s = s, .max = max};
    n->ops = arena_array(work, max + 1, sizeof *n->ops);
    return n->ops != NULL;
}

static void name(struct names *n, uint32_t op)
{
    if (op == STACK_NOBODY)
        return;
    assert(n->count < n->max);
    n->ops[n->count++] = op;
}

/* Ascending, each once. */
static void tidy(struct names *n)
{
    size_t kept = 0;
    qsort(n->ops, n->count, sizeof *n->ops, sorting_by_index);
    for (size_t i = 0; i < n->count; i++)
        if (i == 0 || n->ops[i] != n->ops[i - 1])
            n->ops[kept++] = n->ops[i];
    n->count = kept;
}

static bool give_names(struct names *n, struct arena *keep, struct finding *out)
{
    tidy(n);
    out->value = FINDING_NO_ORDER;
    out->proof_count = n->count;
    out->proof = arena_array(keep, n->count + 1, sizeof *out->proof);
    for (size_t i = 0; out->proof && i < n->count; i++)
        out->proof[i] = n->ops[i];
    return out->proof != NULL;
}

/* The operation of an element that returned first, or was called last. */
static uint32_t extreme(const struct stack *s, uint32_t element, bool first)
{
    const struct stack_element *e = &s->elements[element];
    uint32_t found = e->push;
    for (uint32_t i = 0; i <= e->peek_count; i++) {
        uint32_t op = i < e->peek_count ? s->peeks[e->first_peek + i] : e->pop;
        if (op != STACK_NOBODY &&
            (first ? s->returned[op] < s->returned[found] : s->called[op] > s->called[found]))
            found = op;
    }
    return found;
}

/* That it is there for certain from its start on. */
static void name_start(struct names *n, uint32_t element)
{
    name(n, n->s->elements[element].push);
    name(n, extreme(n->s, element, true));
}

enum { BOUND_NAMES = 5 };

static void name_bound(struct names *n, const struct stack_bounds *bounds, uint32_t element)
{
    name_start(n, element);
    name(n, bounds->by[element]);
    if (bounds->below[element] != STACK_NOBODY)
        name_start(n, bounds->below[element]);
}

/* --- two elements --- */

/* An answered operation shows that it is there after its bound. */
static bool is_crossed(const struct stack *s, const struct stack_bounds *bounds,
                       uint32_t element)
{
    uint32_t by = bounds->by[element];
    return by != STACK_NOBODY && s->returned[by] < s->elements[element].late;
}

/* It was never popped, and no pop is left that might have taken it. */
static bool is_lost(const struct stack *s, const struct stack_bounds *bounds, uint32_t element)
{
    return bounds->by[element] != STACK_NOBODY && s->elements[element].pop == STACK_NOBODY &&
           s->open_pop_count == 0;
}

static bool prove_pair(const struct stack *s, const struct stack_bounds *bounds,
                       uint32_t element, struct arena *work, struct arena *keep,
                       struct finding *out)
{
    struct names n;
    bool lost = !is_crossed(s, bounds, element);
    bool empty = bounds->below[element] == STACK_NOBODY;
    uint32_t last = extreme(s, element, false);
    if (!names_init(&n, s, BOUND_NAMES + 2, work))
        return false;
    name_bound(&n, bounds, element);
    if (!lost)
        name(&n, last);
    name(&n, s->elements[element].pop);
    out->claim =
        empty ? (lost ? not_empty_lost : not_empty) : (lost ? below_got_lost : below_got);
    out->roles[0] = bounds->by[element];
    out->roles[1] = s->elements[element].push;
    out->roles[2] = last;
    return give_names(&n, keep, out);
}

bool stack_prove_lost(const struct stack *s, const struct stack_bounds *bounds,
                      const uint32_t *lost, uint32_t lost_count, struct arena *work,
                      struct arena *keep, struct finding *out)
{
    struct names n;
    uint32_t last = lost[lost_count - 1], by = bounds->by[last];
    if (!names_init(&n, s, lost_count * (size_t)BOUND_NAMES + s->open_pop_count, work))
        return false;
    for (uint32_t i = 0; i < lost_count; i++)
        name_bound(&n, bounds, lost[i]);
    for (uint32_t i = 0; i < s->open_pop_count; i++)
        if (s->called[s->open_pops[i]] <= s->returned[by])
            name(&n, s->open_pops[i]);
    out->claim = bounds->below[last] == STACK_NOBODY ? not_empty_lost : below_got_lost;
    out->roles[0] = by;
    out->roles[1] = s->elements[last].push;
    return give_names(&n, keep, out);
}

/* --- several elements --- */

/* Elements, then answers that it was empty, in one row of things to leave out. */
struct shrinker {
    const struct stack *s;
    struct budget *budget;
    uint32_t *things;
    size_t count;
    size_t looked_at, looks_max; /* operations */
    bool no_memory;
};

static void name_thing(struct names *n, uint32_t thing)
{
    const struct stack *s = n->s;
    if (thing >= s->count) {
        name(n, s->empties[thing - s->count]);
        return;
    }
    const struct stack_element *e = &s->elements[thing];
    name(n, e->push);
    name(n, e->pop);
    for (uint32_t i = 0; i < e->peek_count; i++)
        name(n, s->peeks[e->first_peek + i]);
}

static size_t names_of(const struct stack *s, const uint32_t *things, size_t count)
{
    size_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += 3 + (things[i] < s->count ? s->elements[things[i]].peek_count : 0);
    return sum;
}

/* Their operations; and for each that no answered pop took one of the unanswered pops,
 * the first ones. */
static bool name_things(struct names *n, const struct stack *s, const uint32_t *things,
                        size_t count, struct arena *work)
{
    uint32_t loose = 0;
    if (!names_init(n, s, names_of(s, things, count), work))
        return false;
    for (size_t i = 0; i < count; i++) {
        name_thing(n, things[i]);
        loose += things[i] < s->count && s->elements[things[i]].pop == STACK_NOBODY;
    }
    for (uint32_t i = 0; i < loose && i < s->open_pop_count; i++)
        name(n, s->open_pops[i]);
    tidy(n);
    return true;
}

/* These alone, with all that no answered pop took taken by the first unanswered one. */
static bool peel_part(const struct names *n, struct budget *budget, struct arena *arena,
                      struct stack_nest *nest)
{
    struct stack s;
    struct stack_complaint complaint;
    struct problem part = *n->s->p;
    struct timed_op *ops = arena_array(arena, n->count + 1, sizeof *ops);
    for (size_t i = 0; ops && i < n->count; i++)
        ops[i] = n->s->p->ops[n->ops[i]];
    part.ops = ops;
    part.count = n->count;
    if (!ops || !stack_collect(&part, arena, &s, &complaint))
        return false;
    uint32_t *taker = arena_array(arena, s.count + (size_t)1, sizeof *taker);
    for (uint32_t i = 0; taker && i < s.count; i++)
        taker[i] = s.open_pop_count > 0 && s.elements[i].pop == STACK_NOBODY ? s.open_pops[0]
                                                                             : STACK_NOBODY;
    return taker && stack_peel(&s, taker, budget, arena, nest);
}

/* Are these stuck without the others? */
static bool is_stuck(struct shrinker *h, const uint32_t *things, size_t count)
{
    struct arena arena = {.memory = h->budget->memory};
    struct stack_nest nest = {.result = STACK_GAVE_UP};
    struct names n;
    h->no_memory |= !name_things(&n, h->s, things, count, &arena) ||
                    !peel_part(&n, h->budget, &arena, &nest);
    h->looked_at += names_of(h->s, things, count);
    arena_done(&arena);
    return nest.result == STACK_STUCK;
}

/* Leave out `length` of them from `from` on, if the others are stuck without. */
static bool leave_out(struct shrinker *h, size_t from, size_t length, uint32_t *rest)
{
    size_t count = 0;
    for (size_t i = 0; i < h->count; i++)
        if (i < from || i >= from + length)
            rest[count++] = h->things[i];
    if (count == 0 || !is_stuck(h, rest, count))
        return false;
    for (size_t i = 0; i < count; i++)
        h->things[i] = rest[i];
    h->count = count;
    return true;
}

static bool shrink(struct shrinker *h, struct arena *work)
{
    uint32_t *rest = arena_array(work, h->count + 1, sizeof *rest);
    if (!rest)
        return false;
    h->looks_max = 10 * names_of(h->s, h->things, h->count) + 100000;
    for (size_t length = h->count / 2; length > 0; length /= 2)
        for (size_t from = 0; from < h->count && h->looked_at < h->looks_max && !h->no_memory;)
            if (!leave_out(h, from, length, rest))
                from += length;
    return !h->no_memory;
}

static bool list_things(struct shrinker *h, const struct stack_nest *nest, struct arena *work)
{
    const struct stack *s = h->s;
    h->things = arena_array(work, s->count + s->empty_count + (size_t)1, sizeof *h->things);
    if (!h->things)
        return false;
    for (uint32_t i = 0; i < s->count; i++)
        if (nest->turn[i] == 0 && !stack_is_instant(s, nest->taker, i))
            h->things[h->count++] = i;
    /* Once an element was taken away, all of these were right. */
    for (uint32_t i = 0; nest->turn_count == 0 && i < s->empty_count; i++)
        h->things[h->count++] = s->count + i;
    return true;
}

static bool prove_several(const struct stack *s, const struct stack_nest *nest,
                          struct budget *budget, struct arena *work, struct arena *keep,
                          struct finding *out)
{
    struct shrinker h = {.s = s, .budget = budget};
    struct names n;
    if (!list_things(&h, nest, work) || !shrink(&h, work) ||
        !name_things(&n, s, h.things, h.count, work))
        return false;
    uint32_t last = h.things[h.count - 1];
    out->claim = crossed;
    out->roles[0] = last >= s->count ? s->empties[last - s->count] : extreme(s, last, false);
    return give_names(&n, keep, out);
}

bool stack_prove(const struct stack *s, const struct stack_bounds *bounds,
                 const struct stack_nest *nest, struct budget *budget, struct arena *work,
                 struct arena *keep, struct finding *out)
{
    for (uint32_t i = 0; i < s->count; i++)
        if (is_crossed(s, bounds, i) || is_lost(s, bounds, i))
            return prove_pair(s, bounds, i, work, keep, out);
    return prove_several(s, nest, budget, work, keep, out);
}
