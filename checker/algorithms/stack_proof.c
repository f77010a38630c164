/* In most cases two elements are enough: one was pushed before the other and got while
 * the other was on top of it. Else it takes several that cover each other's gaps; of those
 * that cannot go on, halves, quarters and so on are left out as long as the rest still
 * cannot. */
#include "checker/algorithms/stack_proof.h"

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
    bool *named; /* by operation */
};

static bool names_init(struct names *n, const struct stack *s, struct arena *work)
{
    n->s = s;
    n->named = arena_array(work, s->p->count + 1, sizeof *n->named);
    return n->named != NULL;
}

static bool give_names(const struct names *n, struct arena *keep, struct finding *out)
{
    out->value = FINDING_NO_ORDER;
    out->proof_count = 0;
    out->proof = arena_array(keep, n->s->p->count + 1, sizeof *out->proof);
    for (uint32_t i = 0; out->proof && i < n->s->p->count; i++)
        if (n->named[i])
            out->proof[out->proof_count++] = i;
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
    n->named[n->s->elements[element].push] = true;
    n->named[extreme(n->s, element, true)] = true;
}

static void name_bound(struct names *n, const struct stack_bounds *bounds, uint32_t element)
{
    name_start(n, element);
    n->named[bounds->by[element]] = true;
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
    if (!names_init(&n, s, work))
        return false;
    name_bound(&n, bounds, element);
    if (!lost)
        n.named[last] = true;
    if (s->elements[element].pop != STACK_NOBODY)
        n.named[s->elements[element].pop] = true;
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
    if (!names_init(&n, s, work))
        return false;
    for (uint32_t i = 0; i < lost_count; i++)
        name_bound(&n, bounds, lost[i]);
    for (uint32_t i = 0; i < s->open_pop_count; i++)
        if (s->called[s->open_pops[i]] <= s->returned[by])
            n.named[s->open_pops[i]] = true;
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
    struct timed_op *ops; /* of a smaller problem */
    bool no_memory;
};

static void add_op(struct names *n, uint32_t op)
{
    if (op != STACK_NOBODY)
        n->named[op] = true;
}

static void add_thing(struct names *n, uint32_t thing)
{
    const struct stack *s = n->s;
    if (thing >= s->count) {
        add_op(n, s->empties[thing - s->count]);
        return;
    }
    const struct stack_element *e = &s->elements[thing];
    add_op(n, e->push);
    add_op(n, e->pop);
    for (uint32_t i = 0; i < e->peek_count; i++)
        add_op(n, s->peeks[e->first_peek + i]);
}

/* Their operations; and for each that no answered pop took one of the unanswered pops,
 * the first ones. */
static void name_things(struct names *n, const uint32_t *things, size_t count)
{
    const struct stack *s = n->s;
    uint32_t loose = 0;
    for (size_t i = 0; i < count; i++) {
        add_thing(n, things[i]);
        loose += things[i] < s->count && s->elements[things[i]].pop == STACK_NOBODY;
    }
    for (uint32_t i = 0; i < loose && i < s->open_pop_count; i++)
        add_op(n, s->open_pops[i]);
}

static struct problem part_of(const struct shrinker *h, const struct names *n)
{
    struct problem part = *h->s->p;
    part.count = 0;
    part.ops = h->ops;
    for (uint32_t i = 0; i < h->s->p->count; i++)
        if (n->named[i])
            h->ops[part.count++] = h->s->p->ops[i];
    return part;
}

/* Are these stuck without the others, whoever of them the unanswered pops take? */
static bool is_stuck(struct shrinker *h, const uint32_t *things, size_t count)
{
    struct arena arena = {.memory = h->budget->memory};
    struct stack s;
    struct stack_complaint complaint;
    struct stack_nest nest = {.result = STACK_GAVE_UP};
    struct names n;
    bool ready = names_init(&n, h->s, &arena);
    if (ready) {
        name_things(&n, things, count);
        struct problem part = part_of(h, &n);
        ready = stack_collect(&part, &arena, &s, &complaint);
        uint32_t *taker =
            ready ? arena_array(&arena, s.count + (size_t)1, sizeof *taker) : NULL;
        for (uint32_t i = 0; taker && i < s.count; i++)
            taker[i] = s.open_pop_count > 0 && s.elements[i].pop == STACK_NOBODY
                           ? s.open_pops[0]
                           : STACK_NOBODY;
        ready = taker && stack_peel(&s, taker, h->budget, &arena, &nest);
    }
    h->no_memory |= !ready;
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

enum { TRIES_MAX = 400 };

static bool shrink(struct shrinker *h, struct arena *work)
{
    uint32_t *rest = arena_array(work, h->count + 1, sizeof *rest);
    int tries = 0;
    if (!rest)
        return false;
    for (size_t length = h->count / 2; length > 0; length /= 2)
        for (size_t from = 0; from < h->count && tries < TRIES_MAX && !h->no_memory; tries++)
            if (!leave_out(h, from, length, rest))
                from += length;
    return !h->no_memory;
}

static bool list_things(struct shrinker *h, const struct stack_nest *nest, struct arena *work)
{
    const struct stack *s = h->s;
    h->things = arena_array(work, s->count + s->empty_count + (size_t)1, sizeof *h->things);
    h->ops = arena_array(work, s->p->count + 1, sizeof *h->ops);
    if (!h->things || !h->ops)
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
    if (!list_things(&h, nest, work) || !shrink(&h, work) || !names_init(&n, s, work))
        return false;
    name_things(&n, h.things, h.count);
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
