/* Contents: unplaced jobs · placing · candidates · searching · simple orders · making
 *
 * Each placed job whose last read was called when others were known already has a
 * debt: those of them that are not placed yet must be, within the next k - 1 places. */
#include "checker/relatives/write_order.h"

#include <assert.h>
#include <stdlib.h>

/* A doubly linked ring through all jobs, and `count` as its head. Jobs are put back in
 * the opposite order of their removal. */
struct ring {
    uint32_t *next, *previous;
};

/* A place of the order. */
struct place {
    uint32_t job;    /* being tried here */
    uint32_t debt;   /* jobs that it still waits for */
    uint32_t tried;  /* up to here the list of candidates was gone through */
    uint8_t listing; /* which list that is */
};

struct write_orders {
    const struct write_job *jobs;
    uint32_t count;
    uint32_t *by_known;
    struct ring calls, knowns; /* unplaced, by call and by when they were known */
    struct place *places;
    struct keyed {
        int64_t at_ns;
        uint32_t job;
    } * keyed;
    uint32_t *position, *last_known; /* by job; of the first jobs to be known */
    uint32_t at;                     /* the place to be filled next */
    uint32_t free_since; /* before here no debt is open: nothing there is taken back */
    uint32_t open_count; /* places with a debt */
    uint32_t k;
    uint64_t steps_left;
    uint64_t visited; /* jobs that were looked at and are not spent yet */
    struct budget *budget;
};

/* --- unplaced jobs --- */

static bool ring_init(struct ring *r, size_t room, struct arena *work)
{
    r->next = arena_array(work, room, sizeof *r->next);
    r->previous = arena_array(work, room, sizeof *r->previous);
    return r->next && r->previous;
}

static void ring_fill(struct ring *r, const uint32_t *order, uint32_t count)
{
    uint32_t last = count;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t job = order ? order[i] : i;
        r->next[last] = job;
        r->previous[job] = last;
        last = job;
    }
    r->next[last] = count;
    r->previous[count] = last;
}

static void ring_remove(struct ring *r, uint32_t job)
{
    r->next[r->previous[job]] = r->next[job];
    r->previous[r->next[job]] = r->previous[job];
}

static void ring_restore(struct ring *r, uint32_t job)
{
    r->next[r->previous[job]] = job;
    r->previous[r->next[job]] = job;
}

static uint32_t first_known(const struct write_orders *w)
{
    return w->knowns.next[w->count];
}

/* Nobody else must come before it. */
static bool may_be_next(const struct write_orders *w, uint32_t job)
{
    return w->jobs[job].called_at_ns <= w->jobs[first_known(w)].known_at_ns;
}

/* How many unplaced jobs, itself aside, were known before its last read; counted to
 * `most`. */
static uint32_t debt_of(struct write_orders *w, uint32_t job, uint32_t most)
{
    uint32_t debt = 0;
    for (uint32_t other = first_known(w); other != w->count && debt < most;
         other = w->knowns.next[other]) {
        w->visited++;
        if (w->jobs[other].known_at_ns >= w->jobs[job].last_wanted_at_ns)
            break;
        debt += other != job;
    }
    return debt;
}

/* --- placing --- */

/* The first place whose debt may still be open when `at` is filled. */
static uint32_t window(const struct write_orders *w)
{
    uint32_t from = w->at + 1 > w->k ? w->at + 1 - w->k : 0;
    return from > w->free_since ? from : w->free_since;
}

static bool waits_for(const struct write_orders *w, const struct place *p, uint32_t job)
{
    return w->jobs[job].known_at_ns < w->jobs[p->job].last_wanted_at_ns;
}

static void take_back(struct write_orders *w)
{
    struct place *p = &w->places[w->at];
    w->open_count -= p->debt > 0;
    for (uint32_t i = window(w); i < w->at; i++)
        if (waits_for(w, &w->places[i], p->job))
            w->open_count += w->places[i].debt++ == 0;
    ring_restore(&w->knowns, p->job);
    ring_restore(&w->calls, p->job);
}

/* Put `job` at the next place, unless somebody could no longer be paid then. */
static bool put(struct write_orders *w, uint32_t job)
{
    struct place *p = &w->places[w->at];
    bool payable = true;
    p->job = job;
    p->debt = debt_of(w, job, w->k);
    ring_remove(&w->calls, job);
    ring_remove(&w->knowns, job);
    w->open_count += p->debt > 0;
    for (uint32_t i = window(w); i < w->at; i++)
        if (waits_for(w, &w->places[i], job))
            w->open_count -= --w->places[i].debt == 0;
    for (uint32_t i = window(w); i <= w->at; i++)
        payable &= w->places[i].debt <= i + w->k - 1 - w->at;
    if (!payable)
        take_back(w);
    return payable;
}

/* --- candidates --- */

/* Lists of them, one after the other. Without a debt: those that make none, then the
 * others. With debts: those that somebody waits for, then the others. */
enum { LIST_PAID, LIST_OTHERS, LIST_END };

static int64_t waited_until_ns(const struct write_orders *w)
{
    int64_t until_ns = INT64_MIN;
    for (uint32_t i = window(w); i < w->at; i++) {
        const struct place *p = &w->places[i];
        if (p->debt > 0 && w->jobs[p->job].last_wanted_at_ns > until_ns)
            until_ns = w->jobs[p->job].last_wanted_at_ns;
    }
    return until_ns;
}

/* Is every place up to some deadline taken by those that are waited for? */
static bool is_tight(const struct write_orders *w)
{
    bool tight = false;
    for (uint32_t i = window(w); i < w->at; i++)
        tight |= w->places[i].debt > 0 && w->places[i].debt == i + w->k - w->at;
    return tight;
}

/* The next of the list that is to be tried, or `count`. */
static uint32_t next_waited_for(struct write_orders *w, const struct place *p)
{
    int64_t until_ns = waited_until_ns(w);
    for (uint32_t job = w->knowns.next[p->tried]; job != w->count; job = w->knowns.next[job]) {
        w->visited++;
        if (w->jobs[job].known_at_ns >= until_ns)
            return w->count;
        if (may_be_next(w, job))
            return job;
    }
    return w->count;
}

static uint32_t next_called(struct write_orders *w, const struct place *p)
{
    bool is_free = w->open_count == 0;
    int64_t until_ns = waited_until_ns(w);
    for (uint32_t job = w->calls.next[p->tried]; job != w->count; job = w->calls.next[job]) {
        w->visited++;
        if (!may_be_next(w, job))
            return w->count;
        bool is_paid = is_free ? debt_of(w, job, 1) == 0 : w->jobs[job].known_at_ns < until_ns;
        if (is_paid == (p->listing == LIST_PAID))
            return job;
    }
    return w->count;
}

static uint32_t next_candidate(struct write_orders *w, struct place *p)
{
    for (; p->listing != LIST_END; p->listing++, p->tried = w->count) {
        bool waited_for = w->open_count > 0 && p->listing == LIST_PAID;
        if (w->open_count > 0 && p->listing == LIST_OTHERS && is_tight(w))
            continue;
        uint32_t job = waited_for ? next_waited_for(w, p) : next_called(w, p);
        if (job != w->count)
            return p->tried = job;
    }
    return w->count;
}

/* --- searching --- */

static bool spend(struct write_orders *w)
{
    uint64_t steps = 1 + w->at - window(w) + w->visited;
    w->visited = 0;
    if (steps > w->steps_left || !budget_spend(w->budget, steps))
        return false;
    w->steps_left -= steps;
    return true;
}

static void begin_place(struct write_orders *w)
{
    w->places[w->at].listing = LIST_PAID;
    w->places[w->at].tried = w->count;
}

static enum write_order_result search(struct write_orders *w)
{
    begin_place(w);
    while (w->at < w->count) {
        if (!spend(w))
            return WRITE_ORDER_GAVE_UP;
        uint32_t job = next_candidate(w, &w->places[w->at]);
        if (job == w->count && w->at == w->free_since)
            return WRITE_ORDER_NONE;
        if (job == w->count) {
            w->at--;
            take_back(w);
        } else if (put(w, job)) {
            w->at++;
            if (w->open_count == 0)
                w->free_since = w->at;
            if (w->at < w->count)
                begin_place(w);
        }
    }
    assert(w->open_count == 0);
    return WRITE_ORDER_FOUND;
}

enum write_order_result write_orders_find(struct write_orders *w, uint32_t k, uint64_t steps,
                                          struct budget *budget, uint32_t *order)
{
    assert(k >= 1);
    ring_fill(&w->calls, NULL, w->count);
    ring_fill(&w->knowns, w->by_known, w->count);
    w->at = w->free_since = w->open_count = 0;
    w->visited = 0;
    w->k = k;
    w->steps_left = steps;
    w->budget = budget;
    enum write_order_result result = search(w);
    for (uint32_t i = 0; i < w->at; i++)
        order[i] = w->places[i].job;
    return result;
}

/* --- simple orders --- */

static int by_time(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    if (x->at_ns != y->at_ns)
        return x->at_ns < y->at_ns ? -1 : 1;
    return x->job < y->job ? -1 : x->job > y->job;
}

static int64_t latest(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

void write_orders_simple(struct write_orders *w, bool by_wanted, uint32_t *order)
{
    for (uint32_t i = 0; i < w->count; i++) {
        const struct write_job *j = &w->jobs[i];
        int64_t wanted_ns = latest(j->called_at_ns, j->last_wanted_at_ns);
        bool earlier = by_wanted && wanted_ns < j->known_at_ns;
        w->keyed[i] = (struct keyed){earlier ? wanted_ns : j->known_at_ns, i};
    }
    qsort(w->keyed, w->count, sizeof *w->keyed, by_time);
    for (uint32_t i = 0; i < w->count; i++)
        order[i] = w->keyed[i].job;
}

/* How many jobs were known before `at_ns`. */
static uint32_t count_known(const struct write_orders *w, int64_t at_ns)
{
    uint32_t low = 0, high = w->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (w->jobs[w->by_known[middle]].known_at_ns < at_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t write_orders_rate(struct write_orders *w, const uint32_t *order)
{
    uint32_t k = 1, last = 0;
    for (uint32_t i = 0; i < w->count; i++)
        w->position[order[i]] = i;
    for (uint32_t i = 0; i < w->count; i++) {
        uint32_t position = w->position[w->by_known[i]];
        last = position > last ? position : last;
        w->last_known[i] = last;
    }
    for (uint32_t job = 0; job < w->count; job++) {
        uint32_t known = count_known(w, w->jobs[job].last_wanted_at_ns);
        if (known == 0 || w->last_known[known - 1] < w->position[job])
            continue;
        uint32_t needed = w->last_known[known - 1] - w->position[job] + 1;
        k = needed > k ? needed : k;
    }
    return k;
}

/* --- making --- */

struct write_orders *write_orders_new(const struct write_job *jobs, uint32_t count,
                                      struct arena *work)
{
    size_t room = (size_t)count + 1;
    struct write_orders *w = arena_alloc(work, sizeof *w);
    if (!w)
        return NULL;
    w->jobs = jobs;
    w->count = count;
    w->by_known = arena_array(work, room, sizeof *w->by_known);
    w->position = arena_array(work, room, sizeof *w->position);
    w->last_known = arena_array(work, room, sizeof *w->last_known);
    w->places = arena_array(work, room, sizeof *w->places);
    w->keyed = arena_array(work, room, sizeof *w->keyed);
    bool ready = ring_init(&w->calls, room, work) && ring_init(&w->knowns, room, work);
    if (!ready || !w->by_known || !w->position || !w->last_known || !w->places || !w->keyed)
        return NULL;
    write_orders_simple(w, false, w->by_known);
    return w;
}
