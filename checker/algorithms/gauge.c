/* Contents: situations and which are worth keeping; changes; the sweep; the order that
 * it found. Proofs are in gauge_proof.c. */
#include "checker/algorithms/gauge.h"

#include <assert.h>

enum { SLOTS_MAX = 64, SITUATIONS_MAX = 256, TRAIL_FIRST = 1024 };

enum way { UPWARDS, DOWNWARDS, WAYS };

/* A bit for each slot, which is an answered operation under way. `done`: it may return.
 * `spent`: it can change nothing any more. */
struct situation {
    int64_t number;
    uint64_t done, spent;
    uint32_t used[WAYS]; /* of the unanswered ones */
    uint32_t trail;      /* the change that led here, plus one */
};

struct change {
    uint32_t before; /* another, plus one */
    uint32_t op, at;
};

struct gauge_bench {
    struct arena *arena;
    struct situation now[SITUATIONS_MAX], reached[SITUATIONS_MAX];
    size_t now_count, reached_count;
    bool too_many, no_memory;

    uint64_t open;              /* slots in use */
    uint64_t kind[GAUGE_PARTS]; /* slots by what is in them */
    uint32_t slot_op[SLOTS_MAX];
    uint8_t *slot; /* by operation */

    uint32_t *unanswered[WAYS]; /* in the order of their calls */
    uint32_t unanswered_count[WAYS];

    struct change *trail;
    size_t trail_count, trail_room;
    uint32_t *path; /* trail entries of the answer */
    bool *changes;  /* by operation: it is on the path */
    uint32_t *waiting;
    struct gauge_event *events;
    size_t event_count;
};

struct gauge_bench *gauge_bench_new(size_t ops, struct arena *arena)
{
    struct gauge_bench *b = arena_alloc(arena, sizeof *b);
    if (!b)
        return NULL;
    b->arena = arena;
    b->slot = arena_array(arena, ops + 1, sizeof *b->slot);
    b->unanswered[UPWARDS] = arena_array(arena, ops + 1, sizeof *b->unanswered[0]);
    b->unanswered[DOWNWARDS] = arena_array(arena, ops + 1, sizeof *b->unanswered[0]);
    b->path = arena_array(arena, ops + 1, sizeof *b->path);
    b->changes = arena_array(arena, ops + 1, sizeof *b->changes);
    b->waiting = arena_array(arena, ops + 1, sizeof *b->waiting);
    b->events = arena_array(arena, ops + 1, sizeof *b->events);
    b->trail_room = TRAIL_FIRST;
    b->trail = arena_array(arena, b->trail_room, sizeof *b->trail);
    bool ready = b->slot && b->unanswered[UPWARDS] && b->unanswered[DOWNWARDS] && b->path &&
                 b->changes && b->waiting && b->events && b->trail;
    return ready ? b : NULL;
}

static int lowest(uint64_t bits)
{
    return __builtin_ctzll(bits);
}

/* --- situations --- */

/* Whatever can follow from `b` can follow from `a`. */
static bool is_as_good(const struct situation *a, const struct situation *b)
{
    return a->number == b->number && (a->done & b->done) == b->done &&
           (a->spent & b->spent) == a->spent && a->used[UPWARDS] <= b->used[UPWARDS] &&
           a->used[DOWNWARDS] <= b->used[DOWNWARDS];
}

static void keep(struct gauge_bench *b, struct situation *all, size_t *count,
                 const struct situation *s)
{
    for (size_t i = 0; i < *count; i++)
        if (is_as_good(&all[i], s))
            return;
    if (*count == SITUATIONS_MAX)
        b->too_many = true;
    else
        all[(*count)++] = *s;
}

/* Who only needed the number to be what it is now. */
static void settle(const struct gauge *g, const struct gauge_bench *b, struct situation *s)
{
    if (s->number == g->top)
        s->done |= b->kind[GAUGE_SEES_TOP] | b->kind[GAUGE_FILL];
    if (s->number <= 0)
        s->done |= b->kind[GAUGE_SEES_ZERO] | b->kind[GAUGE_CLEAR];
}

/* --- changes --- */

static bool remember(struct gauge_bench *b, struct change change)
{
    if (b->trail_count == b->trail_room) {
        struct change *more = arena_array(b->arena, 2 * b->trail_room, sizeof *more);
        if (!more)
            return false;
        for (size_t i = 0; i < b->trail_count; i++)
            more[i] = b->trail[i];
        b->trail = more;
        b->trail_room *= 2;
    }
    b->trail[b->trail_count++] = change;
    return true;
}

static void make(const struct gauge *g, struct gauge_bench *b, struct situation s, enum way way,
                 struct change change)
{
    change.before = s.trail;
    s.number += way == UPWARDS ? 1 : -1;
    settle(g, b, &s);
    size_t before = b->reached_count;
    keep(b, b->reached, &b->reached_count, &s);
    if (b->reached_count == before)
        return;
    b->no_memory |= !remember(b, change);
    b->reached[before].trail = (uint32_t)b->trail_count;
}

/* The slot of those that returns soonest. */
static int soonest_of(const struct gauge *g, const struct gauge_bench *b, uint64_t slots)
{
    int best = lowest(slots);
    for (; slots; slots &= slots - 1) {
        int slot = lowest(slots);
        if (g->ops[b->slot_op[slot]].returned_at_ns < g->ops[b->slot_op[best]].returned_at_ns)
            best = slot;
    }
    return best;
}

static void make_ways(const struct gauge *g, struct gauge_bench *b, const struct situation *s,
                      enum way way, uint32_t at)
{
    static const enum gauge_part parts[WAYS][2] = {{GAUGE_UP, GAUGE_FILL},
                                                   {GAUGE_DOWN, GAUGE_CLEAR}};
    if (way == UPWARDS ? s->number >= g->top : s->number <= 0)
        return;
    for (int i = 0; i < 2; i++) {
        uint64_t slots = b->kind[parts[way][i]] & ~s->spent;
        if (!slots)
            continue;
        int slot = soonest_of(g, b, slots);
        struct situation next = *s;
        next.done |= UINT64_C(1) << slot;
        next.spent |= UINT64_C(1) << slot;
        make(g, b, next, way, (struct change){.op = b->slot_op[slot], .at = at});
    }
    if (s->used[way] < b->unanswered_count[way]) {
        struct situation next = *s;
        uint32_t op = b->unanswered[way][next.used[way]++];
        make(g, b, next, way, (struct change){.op = op, .at = at});
    }
}

/* --- the sweep --- */

static void call(const struct gauge *g, struct gauge_bench *b, uint32_t op)
{
    enum gauge_part part = g->parts[op];
    if (!g->ops[op].op.answered) {
        enum way way = part == GAUGE_UP || part == GAUGE_FILL ? UPWARDS : DOWNWARDS;
        b->unanswered[way][b->unanswered_count[way]++] = op;
        return;
    }
    if (b->open == UINT64_MAX) {
        b->too_many = true;
        return;
    }
    int slot = lowest(~b->open);
    b->open |= UINT64_C(1) << slot;
    b->kind[part] |= UINT64_C(1) << slot;
    b->slot[op] = (uint8_t)slot;
    b->slot_op[slot] = op;
    for (size_t i = 0; i < b->now_count; i++)
        settle(g, b, &b->now[i]);
}

/* Nothing more can come of it: it is done, and no change that may still be wanted. */
static bool is_over(const struct gauge_bench *b, const struct situation *s, uint64_t bit)
{
    bool sets = (b->kind[GAUGE_FILL] | b->kind[GAUGE_CLEAR]) & bit;
    return (s->done & bit) && (!sets || (s->spent & bit));
}

/* Changes until it is over in each. */
static void explore(const struct gauge *g, struct gauge_bench *b, uint64_t bit, uint32_t at)
{
    b->reached_count = b->now_count;
    for (size_t i = 0; i < b->now_count; i++)
        b->reached[i] = b->now[i];
    for (size_t i = 0; i < b->reached_count && !b->too_many; i++) {
        struct situation s = b->reached[i];
        if (is_over(b, &s, bit))
            continue;
        make_ways(g, b, &s, UPWARDS, at);
        make_ways(g, b, &s, DOWNWARDS, at);
    }
}

/* False when there is no situation in which it is done. */
static bool give_back(const struct gauge *g, struct gauge_bench *b, struct moment what,
                      uint32_t at)
{
    int slot = b->slot[what.op];
    uint64_t bit = UINT64_C(1) << slot;
    assert(b->open & bit);
    explore(g, b, bit, at);
    b->now_count = 0;
    for (size_t i = 0; i < b->reached_count; i++) {
        struct situation s = b->reached[i];
        if (!(s.done & bit))
            continue;
        s.done &= ~bit;
        s.spent &= ~bit;
        keep(b, b->now, &b->now_count, &s);
    }
    b->open &= ~bit;
    b->kind[g->parts[what.op]] &= ~bit;
    return b->now_count > 0;
}

static void start(const struct gauge *g, struct gauge_bench *b)
{
    b->now[0] = (struct situation){.number = g->start};
    b->now_count = 1;
    b->too_many = b->no_memory = false;
    b->open = 0;
    for (int i = 0; i < GAUGE_PARTS; i++)
        b->kind[i] = 0;
    b->unanswered_count[UPWARDS] = b->unanswered_count[DOWNWARDS] = 0;
    b->trail_count = b->event_count = 0;
}

static bool sweep(const struct gauge *g, struct gauge_bench *b, struct budget *budget,
                  struct gauge_answer *out)
{
    for (size_t i = 0; i < g->moment_count; i++) {
        const struct gauge_moment *m = &g->moments[i];
        if (!budget_spend(budget, 1 + b->reached_count)) {
            out->result = GAUGE_GAVE_UP;
            return false;
        }
        if (!m->what.is_return)
            call(g, b, m->what.op);
        else if (!give_back(g, b, m->what, m->at) && !b->too_many) {
            *out = (struct gauge_answer){.result = GAUGE_NO_ORDER, .failed_at = i};
            return false;
        }
        if (b->too_many) {
            out->result = GAUGE_TOO_MANY;
            return false;
        }
    }
    return true;
}

/* --- its order --- */

static void happen(struct gauge_bench *b, uint32_t op, uint32_t at)
{
    b->events[b->event_count++] = (struct gauge_event){op, at};
}

static bool fits(const struct gauge *g, uint32_t op, int64_t number)
{
    enum gauge_part part = g->parts[op];
    return part == GAUGE_SEES_TOP || part == GAUGE_FILL ? number == g->top : number <= 0;
}

static size_t follow_trail(struct gauge_bench *b)
{
    size_t length = 0;
    for (uint32_t next = b->now[0].trail; next > 0; next = b->trail[next - 1].before) {
        b->path[length++] = next - 1;
        b->changes[b->trail[next - 1].op] = true;
    }
    return length;
}

static size_t let_wait(const struct gauge *g, struct gauge_bench *b, size_t waiting,
                       int64_t number, uint32_t at)
{
    size_t left = 0;
    for (size_t i = 0; i < waiting; i++)
        if (fits(g, b->waiting[i], number))
            happen(b, b->waiting[i], at);
        else
            b->waiting[left++] = b->waiting[i];
    return left;
}

/* The changes of the path again, and in between, as soon as they fit, the others. */
static void tell_events(const struct gauge *g, struct gauge_bench *b)
{
    int64_t number = g->start;
    size_t path = follow_trail(b), waiting = 0;
    for (size_t i = 0; i < g->moment_count; i++) {
        const struct gauge_moment *m = &g->moments[i];
        for (; path > 0 && b->trail[b->path[path - 1]].at == m->at; path--) {
            uint32_t op = b->trail[b->path[path - 1]].op;
            bool up = g->parts[op] == GAUGE_UP || g->parts[op] == GAUGE_FILL;
            happen(b, op, m->at);
            b->changes[op] = false;
            number += up ? 1 : -1;
            waiting = let_wait(g, b, waiting, number, m->at);
        }
        if (m->what.is_return || b->changes[m->what.op] || !g->ops[m->what.op].op.answered)
            continue;
        if (fits(g, m->what.op, number))
            happen(b, m->what.op, m->at);
        else
            b->waiting[waiting++] = m->what.op;
    }
    assert(path == 0); /* who waits still is under way at the end */
}

bool gauge_read(const struct gauge *g, struct gauge_bench *b, struct budget *budget,
                struct gauge_answer *out)
{
    *out = (struct gauge_answer){.result = GAUGE_ORDER};
    start(g, b);
    if (!sweep(g, b, budget, out) || b->no_memory)
        return !b->no_memory;
    tell_events(g, b);
    out->events = b->events;
    out->event_count = b->event_count;
    return true;
}
