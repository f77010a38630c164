/* Contents: who is left · who may be next · values that are taken · the line */
#include "checker/algorithms/fifo.h"

#include <assert.h>

#include "checker/algorithms/heap.h"

/* --- who is left --- */

struct lining {
    const struct fifo *f;
    bool taking;                 /* lost values wait for takers */
    bool by_sight;               /* guess that who was seen first is taken first */
    bool *placed;                /* by stay */
    uint32_t entered, seen;      /* in the sorted lists: the first who is left */
    uint32_t second;             /* in by_seen: the next one after that */
    uint32_t called;             /* in by_called: the first who entered too late for now */
    bool *admitted;              /* by stay: not too late */
    int64_t last_ns;             /* the last call of anything in line */
    struct heap ready;           /* those admitted, but: */
    struct heap barred;          /* empty answers, which mind last_ns */
    struct heap waiting, urgent; /* lost ones: by last_ns; then by deadline */
    uint32_t urgent_peeked;
    uint32_t used; /* takers */
    struct fifo_line *out;
};

static uint32_t skip_placed(const struct lining *l, const uint32_t *sorted, uint32_t from)
{
    while (from < l->f->total && l->placed[sorted[from]])
        from++;
    return from;
}

static uint32_t stay_at(const struct lining *l, const uint32_t *sorted, uint32_t at)
{
    return at < l->f->total ? sorted[at] : STAY_NOBODY;
}

static const struct span *span(const struct lining *l, uint32_t stay)
{
    return &l->f->spans[stay];
}

static bool is_lost(const struct lining *l, uint32_t stay)
{
    return l->taking && stay_is_lost(&l->f->stays->all[stay]);
}

static void look_again(struct lining *l)
{
    const struct fifo *f = l->f;
    l->entered = skip_placed(l, f->by_entered, l->entered);
    l->seen = skip_placed(l, f->by_seen, l->seen);
    if (l->second <= l->seen)
        l->second = l->seen + 1;
    l->second = skip_placed(l, f->by_seen, l->second);
    l->out->first_entered = stay_at(l, f->by_entered, l->entered);
    l->out->first_seen = stay_at(l, f->by_seen, l->seen);
    l->out->second_seen = stay_at(l, f->by_seen, l->second);
}

/* --- who may be next --- */

/* The first return of those left, but `stay`, who saw: whoever is next must not have
 * been called after it. */
static int64_t seen_but(const struct lining *l, uint32_t stay)
{
    uint32_t first = stay == l->out->first_seen ? l->out->second_seen : l->out->first_seen;
    return first == STAY_NOBODY ? INT64_MAX : span(l, first)->seen_ns;
}

/* To empty answers of more than one instant it matters who is before them: all that
 * must be out by then. */
static bool is_barred(const struct lining *l, uint32_t stay)
{
    return l->taking && l->f->stays->all[stay].empty;
}

static struct heap *heap_for(struct lining *l, uint32_t stay)
{
    if (is_barred(l, stay))
        return &l->barred;
    return is_lost(l, stay) ? &l->waiting : &l->ready;
}

static void admit(struct lining *l)
{
    int64_t entered_ns = span(l, l->out->first_entered)->entered_ns;
    for (; l->called < l->f->total; l->called++) {
        uint32_t stay = l->f->by_called[l->called];
        if (span(l, stay)->called_ns > entered_ns)
            return;
        l->admitted[stay] = true;
        heap_push(heap_for(l, stay), span(l, stay)->last_ns, stay);
    }
}

static uint32_t top(const struct lining *l, struct heap *heap)
{
    while (heap->count > 0 && l->placed[heap->items[0].item])
        heap_pop(heap);
    return heap->count > 0 ? heap->items[0].item : STAY_NOBODY;
}

/* May it be next, if somebody takes it where it is lost? */
static bool fits(const struct lining *l, uint32_t stay)
{
    return stay != STAY_NOBODY && l->admitted[stay] &&
           span(l, stay)->last_ns <= seen_but(l, stay);
}

static bool is_free(struct lining *l, uint32_t stay)
{
    if (!fits(l, stay) || is_lost(l, stay))
        return false;
    bool too_early =
        is_barred(l, stay) && l->last_ns > span(l, l->out->first_entered)->entered_ns;
    l->out->guessed |= too_early;
    return !too_early;
}

/* Whoever may be next at no cost, or STAY_NOBODY. Those that end soonest come first, so
 * that they keep no empty answer waiting. */
static uint32_t free_stay(struct lining *l)
{
    const uint32_t tried[] = {top(l, &l->barred), top(l, &l->ready), l->out->first_seen};
    for (size_t i = 0; i < sizeof tried / sizeof *tried; i++)
        if (is_free(l, tried[i]))
            return tried[i];
    /* Who is lost may stay for ever, once nobody is seen any more. */
    uint32_t first = l->out->first_seen;
    if (is_lost(l, first) && l->admitted[first] && seen_but(l, first) == INT64_MAX)
        return first;
    return span(l, first)->seen_ns == INT64_MAX ? top(l, &l->waiting) : STAY_NOBODY;
}

/* --- values that are taken --- */

static uint32_t unused_takers(const struct lining *l, int64_t at_ns)
{
    const struct stays *stays = l->f->stays;
    uint32_t low = 0, high = stays->taker_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (l->f->p->ops[stays->takers[middle]].called_at_ns <= at_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low > l->used ? low - l->used : 0;
}

static void find_urgent(struct lining *l)
{
    for (uint32_t stay; (stay = top(l, &l->waiting)) != STAY_NOBODY; heap_pop(&l->waiting)) {
        if (span(l, stay)->last_ns > span(l, l->out->first_seen)->seen_ns)
            return;
        heap_push(&l->urgent, l->f->deadlines[stay], stay);
        l->urgent_peeked += l->f->stays->all[stay].peek != STAY_NOBODY;
    }
}

static bool is_urgent(const struct lining *l, uint32_t stay)
{
    return span(l, stay)->last_ns <= span(l, l->out->first_seen)->seen_ns;
}

/* Nobody is free: whose turn is it to be taken? `first`, who was seen first, may be
 * taken later than others, since who is next need not mind his own return. */
static uint32_t taken_stay(struct lining *l)
{
    uint32_t first = l->out->first_seen, soonest = top(l, &l->urgent);
    int64_t seen_ns = span(l, first)->seen_ns;
    const int64_t *deadlines = l->f->deadlines;
    bool first_can = is_lost(l, first) && fits(l, first);
    if (first_can && unused_takers(l, seen_but(l, first)) == 0)
        first_can = false;
    if (soonest == STAY_NOBODY || unused_takers(l, seen_ns) == 0)
        return first_can ? first : STAY_NOBODY;
    uint32_t peeked = l->urgent_peeked + (first_can && !is_urgent(l, first));
    bool is_first = first_can && deadlines[first] <= deadlines[soonest];
    int64_t deadline_ns = deadlines[is_first ? first : soonest];
    bool guess = peeked > 1 && deadline_ns > seen_ns && deadline_ns != INT64_MAX;
    l->out->guessed |= guess;
    return is_first || (guess && l->by_sight && first_can) ? first : soonest;
}

/* --- the line --- */

static void place(struct lining *l, uint32_t stay, uint32_t taker)
{
    assert(stay != STAY_NOBODY && !l->placed[stay]);
    l->placed[stay] = true;
    l->out->order[l->out->count] = stay;
    l->out->taker[l->out->count++] = taker;
    int64_t last_ns = span(l, stay)->last_ns;
    if (taker != STAY_NOBODY && l->f->p->ops[taker].called_at_ns > last_ns)
        last_ns = l->f->p->ops[taker].called_at_ns;
    if (last_ns > l->last_ns)
        l->last_ns = last_ns;
}

static bool place_next(struct lining *l)
{
    look_again(l);
    admit(l);
    uint32_t stay = free_stay(l);
    if (stay != STAY_NOBODY) {
        place(l, stay, STAY_NOBODY);
        return true;
    }
    if (!l->taking)
        return false;
    find_urgent(l);
    stay = taken_stay(l);
    if (stay == STAY_NOBODY)
        return false;
    l->urgent_peeked -= is_urgent(l, stay) && l->f->stays->all[stay].peek != STAY_NOBODY;
    place(l, stay, l->f->stays->takers[l->used++]);
    return true;
}

static bool allocate(struct lining *l, struct arena *work)
{
    uint32_t lost = l->taking ? l->f->stays->lost_count : 0;
    uint32_t barred = l->taking ? l->f->stays->empty_count : 0;
    l->last_ns = INT64_MIN;
    l->placed = arena_array(work, l->f->stays->count, sizeof *l->placed);
    l->admitted = arena_array(work, l->f->stays->count, sizeof *l->admitted);
    l->out->order = arena_array(work, l->f->total, sizeof *l->out->order);
    l->out->taker = arena_array(work, l->f->total, sizeof *l->out->taker);
    return l->placed && l->admitted && l->out->order && l->out->taker &&
           heap_init(&l->ready, work, l->f->total - lost - barred) &&
           heap_init(&l->barred, work, barred) && heap_init(&l->waiting, work, lost) &&
           heap_init(&l->urgent, work, lost);
}

enum err_code fifo_run(const struct fifo *f, enum fifo_takers takers, struct budget *budget,
                       struct arena *work, struct fifo_line *out, bool *finished,
                       struct err *err)
{
    struct lining l = {.f = f,
                       .taking = takers != FIFO_TAKERS_NONE,
                       .by_sight = takers == FIFO_TAKERS_BY_SIGHT,
                       .out = out};
    assert(!l.taking || f->deadlines);
    *out = (struct fifo_line){0};
    *finished = false;
    if (!allocate(&l, work))
        return err_set(err, ERR_NOMEM, "queue: out of memory");
    while (out->count < f->total && budget_spend(budget, 1))
        if (!place_next(&l)) {
            *finished = true;
            return ERR_OK;
        }
    *finished = out->count == f->total;
    return ERR_OK;
}
