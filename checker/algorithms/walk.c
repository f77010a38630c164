/* Contents: what comes next · slots · spares · events */
#include "checker/algorithms/walk.h"

#include <assert.h>

#include "checker/algorithms/mask.h"

/* Unanswered writes of one value, in the order of their calls. */
struct spares {
    uint32_t first;        /* that is pending or waits; NO_OPERATION: none */
    uint32_t last;         /* of those that were called */
    uint32_t pending;      /* the first of them are */
    uint32_t next_to_pend; /* the first that waits */
    bool is_listed;        /* in walking.hoarded */
};

#define NO_OPERATION UINT32_MAX

struct walking {
    const struct timeline *t;
    struct walk_limits limits;
    struct frontier *f;
    uint32_t *next_source;
    uint32_t *slot_of; /* by operation; NO_SLOT while it is not pending */
    uint32_t *free_slots;
    uint32_t free_count, slot_count;
    struct spares *spares; /* by value */
    uint32_t *waiting;     /* by value: how many wait */
    uint32_t *spare_after; /* by operation: the next of its value */
    uint32_t *hoarded;     /* values of which some wait or waited */
    uint32_t hoarded_count;
};

/* --- what comes next --- */

static uint32_t called_at(const struct timeline *t, uint32_t op)
{
    return op == UINT32_MAX ? UINT32_MAX : t->call_at[op];
}

/* `op` is called: the next source of what it leaves is another one. */
static void move_source(const struct walking *w, uint32_t op)
{
    const struct timeline *t = w->t;
    const struct deed *d = &t->deeds[op];
    if (d->kind == DEED_WRITE || d->kind == DEED_CAS)
        w->next_source[d->to] = called_at(t, t->source_after[op]);
    if (d->kind == DEED_CAS)
        w->next_source[t->value_count] = called_at(t, t->cas_after[op]);
}

static void first_sources(const struct walking *w)
{
    const struct timeline *t = w->t;
    for (uint32_t value = 0; value < t->value_count; value++)
        w->next_source[value] = called_at(t, t->first_source[value]);
    w->next_source[t->value_count] = called_at(t, t->first_cas);
}

/* --- slots --- */

/* That many of a value are pending even when nobody has used one yet: a sequence of
 * operations may use more than one. */
enum { SPARES_AT_HAND = 2 };

static bool is_spare(const struct deed *d)
{
    return d->optional && d->kind == DEED_WRITE;
}

/* The most that can be pending at a time. */
static uint32_t count_slots(const struct walking *w)
{
    const struct timeline *t = w->t;
    uint32_t now = 0, most = 0, spares = 0;
    for (uint32_t i = 0; i < t->event_count; i++) {
        const struct event *at = &t->events[i];
        const struct deed *d = &t->deeds[at->op];
        if (is_spare(d)) {
            if (!at->is_return && w->waiting[d->to] < w->limits.spares_max) {
                w->waiting[d->to]++;
                spares++;
            }
            continue;
        }
        now = at->is_return ? now - 1 : now + 1;
        most = now > most ? now : most;
    }
    for (uint32_t value = 0; value < t->value_count; value++)
        w->waiting[value] = 0;
    return most + spares;
}

static void begin(struct walking *w, uint32_t op)
{
    assert(w->slot_of[op] == NO_SLOT);
    w->slot_of[op] = w->free_count > 0 ? w->free_slots[--w->free_count] : w->slot_count++;
    frontier_call(w->f, w->slot_of[op], &w->t->deeds[op]);
}

static void end(struct walking *w, uint32_t op, bool wanted)
{
    assert(w->slot_of[op] != NO_SLOT);
    frontier_return(w->f, w->slot_of[op], wanted);
    w->free_slots[w->free_count++] = w->slot_of[op];
    w->slot_of[op] = NO_SLOT;
}

/* --- spares --- */

static void pend_next(struct walking *w, struct spares *s)
{
    uint32_t op = s->next_to_pend;
    s->next_to_pend = w->spare_after[op];
    s->pending++;
    w->waiting[w->t->deeds[op].to]--;
    begin(w, op);
}

static void add_spare(struct walking *w, uint32_t op)
{
    uint32_t value = w->t->deeds[op].to;
    struct spares *s = &w->spares[value];
    w->spare_after[op] = NO_OPERATION;
    if (s->first == NO_OPERATION)
        s->first = op;
    else
        w->spare_after[s->last] = op;
    s->last = op;
    if (s->next_to_pend == NO_OPERATION)
        s->next_to_pend = op;
    w->waiting[value]++;
    if (s->pending < SPARES_AT_HAND || w->limits.spares_max == UINT32_MAX) {
        pend_next(w, s);
    } else if (!s->is_listed) {
        s->is_listed = true;
        w->hoarded[w->hoarded_count++] = value;
    }
}

/* Whoever is used in every configuration makes room; where all are used, another joins. */
static void refresh_spares(struct walking *w, struct spares *s)
{
    while (s->pending > 0 && frontier_uses_everywhere(w->f, w->slot_of[s->first])) {
        uint32_t used = s->first;
        s->first = w->spare_after[used];
        s->pending--;
        end(w, used, false);
    }
    while (s->next_to_pend != NO_OPERATION && s->pending < w->limits.spares_max &&
           !frontier_has_left_everywhere(w->f, w->t->deeds[s->next_to_pend].to))
        pend_next(w, s);
}

static void refresh_all(struct walking *w)
{
    for (uint32_t i = 0; i < w->hoarded_count; i++)
        if (w->waiting[w->hoarded[i]] > 0 && frontier_state(w->f) == FRONTIER_ALIVE)
            refresh_spares(w, &w->spares[w->hoarded[i]]);
}

/* Nobody wants what it leaves any more, nor any other of its value. */
static void drop_spares(struct walking *w, uint32_t value)
{
    struct spares *s = &w->spares[value];
    for (uint32_t op = s->first; op != NO_OPERATION; op = w->spare_after[op])
        if (w->slot_of[op] != NO_SLOT)
            end(w, op, false);
    s->first = s->next_to_pend = NO_OPERATION;
    s->pending = 0;
    w->waiting[value] = 0;
}

/* --- events --- */

static void call(struct walking *w, uint32_t op)
{
    move_source(w, op);
    if (is_spare(&w->t->deeds[op]))
        add_spare(w, op);
    else
        begin(w, op);
}

static void follow(struct walking *w)
{
    const struct timeline *t = w->t;
    uint32_t rank = 0;
    for (uint32_t i = 0; i < t->event_count && frontier_state(w->f) == FRONTIER_ALIVE; i++) {
        const struct event *at = &t->events[i];
        const struct deed *deed = &t->deeds[at->op];
        if (!at->is_return) {
            call(w, at->op);
        } else if (is_spare(deed)) {
            drop_spares(w, deed->to);
        } else {
            rank += !deed->optional;
            end(w, at->op, !deed->optional && timeline_wants(t, deed, rank));
            refresh_all(w);
        }
    }
}

static bool make_tables(struct walking *w)
{
    struct arena *a = w->limits.work;
    size_t ops = w->t->op_count, values = w->t->value_count;
    w->next_source = arena_array(a, values + 1, sizeof *w->next_source);
    w->slot_of = arena_array(a, ops, sizeof *w->slot_of);
    w->spare_after = arena_array(a, ops, sizeof *w->spare_after);
    w->spares = arena_array(a, values, sizeof *w->spares);
    w->waiting = arena_array(a, values, sizeof *w->waiting);
    w->hoarded = arena_array(a, values, sizeof *w->hoarded);
    if (!w->next_source || !w->slot_of || !w->spare_after || !w->spares || !w->waiting ||
        !w->hoarded)
        return false;
    for (size_t op = 0; op < ops; op++)
        w->slot_of[op] = NO_SLOT;
    for (size_t value = 0; value < values; value++)
        w->spares[value] = (struct spares){.first = NO_OPERATION, .next_to_pend = NO_OPERATION};
    return true;
}

struct frontier *walk(const struct timeline *t, struct walk_limits limits)
{
    struct walking w = {.t = t, .limits = limits};
    assert(limits.spares_max >= SPARES_AT_HAND);
    if (!make_tables(&w))
        return NULL;
    uint32_t slots = count_slots(&w);
    w.free_slots = arena_array(limits.work, slots, sizeof *w.free_slots);
    if (!w.free_slots)
        return NULL;
    struct frontier_limits of_frontier = {.configs_max = limits.configs_max,
                                          .keeps_trail = true,
                                          .budget = limits.budget,
                                          .next_source = t->has_appends ? NULL : w.next_source,
                                          .waiting = w.waiting};
    w.f = frontier_new(t->value_count, slots, t->first_value, of_frontier);
    if (!w.f)
        return NULL;
    first_sources(&w);
    follow(&w);
    return w.f;
}
