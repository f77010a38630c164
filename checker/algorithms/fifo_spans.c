/* Contents: spans · zones · instants for empty answers · sorted lists */
#include "checker/algorithms/fifo.h"

#include <assert.h>

#include "checker/algorithms/radix.h"

static enum err_code no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "queue: out of memory");
}

/* --- spans --- */

bool span_precedes(const struct span *a, const struct span *b)
{
    return a->entered_ns < b->called_ns || a->seen_ns < b->last_ns;
}

/* In such a span a value must be in from the first return to the last call. */
static int64_t in_ns(const struct span *s)
{
    return s->entered_ns < s->seen_ns ? s->entered_ns : s->seen_ns;
}

static struct span span_of(const struct problem *p, const struct stay *stay, bool taken)
{
    const struct timed_op *enter = &p->ops[stay->enter];
    struct span span = {.called_ns = enter->called_at_ns,
                        .entered_ns = enter->returned_at_ns,
                        .seen_ns = INT64_MAX,
                        .last_ns = enter->called_at_ns};
    if (stay->first != STAY_NOBODY) {
        span.seen_ns = p->ops[stay->first].returned_at_ns;
        if (p->ops[stay->last].called_at_ns > span.last_ns)
            span.last_ns = p->ops[stay->last].called_at_ns;
    }
    if (stay_is_lost(stay) && !taken)
        span.last_ns = INT64_MAX;
    return span;
}

static void sort_by(const struct fifo *f, int64_t (*at_ns)(const struct span *),
                    struct keyed *keyed, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        keyed[i].key = (uint64_t)at_ns(&f->spans[keyed[i].item]) ^ UINT64_C(1) << 63;
    radix_sort(keyed, keyed + f->total, count);
}

/* --- zones --- */

static bool find_zones(struct fifo *f, struct keyed *keyed, struct arena *work)
{
    struct fifo_zones *z = &f->zones;
    for (uint32_t i = 0; i < f->stays->count; i++) {
        const struct stay *stay = &f->stays->all[i];
        if (!stay->absent && !stay->empty && in_ns(&f->spans[i]) < f->spans[i].last_ns)
            keyed[z->count++].item = i;
    }
    sort_by(f, in_ns, keyed, z->count);
    z->stays = arena_array(work, z->count, sizeof *z->stays);
    z->runs = arena_array(work, z->count, sizeof *z->runs);
    for (uint32_t i = 0; z->stays && i < z->count; i++)
        z->stays[i] = keyed[i].item;
    return z->stays && z->runs;
}

/* Two zones that only touch leave an instant between them. */
static void join_zones(struct fifo *f)
{
    struct fifo_zones *z = &f->zones;
    for (uint32_t i = 0; i < z->count; i++) {
        const struct span *s = &f->spans[z->stays[i]];
        int64_t from_ns = in_ns(s);
        struct fifo_run *last = z->run_count > 0 ? &z->runs[z->run_count - 1] : NULL;
        if (!last || from_ns >= last->to_ns)
            z->runs[z->run_count++] =
                (struct fifo_run){.from_ns = from_ns, .to_ns = s->last_ns, .first = i};
        else if (s->last_ns > last->to_ns)
            last->to_ns = s->last_ns;
    }
}

/* The last run that begins before `at_ns`, or NULL. */
static const struct fifo_run *run_before(const struct fifo *f, int64_t at_ns)
{
    const struct fifo_zones *z = &f->zones;
    uint32_t low = 0, high = z->run_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (z->runs[middle].from_ns < at_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? &z->runs[low - 1] : NULL;
}

/* The run that leaves nobody an instant at `at_ns`, or NULL. */
static const struct fifo_run *run_at(const struct fifo *f, int64_t at_ns)
{
    const struct fifo_run *run = run_before(f, at_ns);
    return run && at_ns < run->to_ns ? run : NULL;
}

/* Always the zone that lasts longest of those that begin before the last one ends. */
uint32_t fifo_cover(const struct fifo *f, int64_t from_ns, int64_t to_ns, uint32_t *stays)
{
    const struct fifo_zones *z = &f->zones;
    const struct fifo_run *run = run_at(f, from_ns);
    uint32_t count = 0;
    if (!run)
        return 0;
    uint32_t longest = z->stays[run->first];
    for (uint32_t i = run->first; from_ns <= to_ns;) {
        for (; i < z->count && in_ns(&f->spans[z->stays[i]]) < from_ns; i++)
            if (f->spans[z->stays[i]].last_ns > f->spans[longest].last_ns)
                longest = z->stays[i];
        assert(f->spans[longest].last_ns > from_ns);
        stays[count++] = longest;
        from_ns = f->spans[longest].last_ns;
    }
    return count;
}

/* --- instants for empty answers --- */

/* False where there is none. */
static bool narrow(struct fifo *f, uint32_t empty, enum fifo_narrowing how)
{
    struct span *s = &f->spans[empty];
    const struct fifo_run *at_call = run_at(f, s->called_ns);
    const struct fifo_run *at_return = run_at(f, s->entered_ns);
    int64_t from_ns = at_call ? at_call->to_ns : s->called_ns;
    int64_t to_ns = at_return ? at_return->from_ns : s->entered_ns;
    if (from_ns > to_ns)
        return false;
    if (how == FIFO_TO_INSTANT)
        to_ns = from_ns;
    *s = (struct span){
        .called_ns = from_ns, .entered_ns = to_ns, .seen_ns = to_ns, .last_ns = from_ns};
    return true;
}

/* False without memory. */
static bool narrow_all(struct fifo *f, enum fifo_narrowing how, struct keyed *keyed,
                       struct arena *work, uint32_t *occupied)
{
    *occupied = STAY_NOBODY;
    if (f->stays->empty_count == 0)
        return true;
    if (!find_zones(f, keyed, work))
        return false;
    join_zones(f);
    for (uint32_t i = 0; i < f->stays->count && *occupied == STAY_NOBODY; i++)
        if (f->stays->all[i].empty && !narrow(f, i, how))
            *occupied = i;
    return true;
}

/* --- sorted lists --- */

static int64_t called_ns(const struct span *s)
{
    return s->called_ns;
}

static int64_t entered_ns(const struct span *s)
{
    return s->entered_ns;
}

static int64_t seen_ns(const struct span *s)
{
    return s->seen_ns;
}

static bool sort_stays(const struct fifo *f, int64_t (*at_ns)(const struct span *),
                       struct keyed *keyed, struct arena *work, uint32_t **sorted)
{
    *sorted = arena_array(work, f->total, sizeof **sorted);
    if (!*sorted)
        return false;
    uint32_t count = 0;
    for (uint32_t i = 0; i < f->stays->count; i++)
        if (!f->stays->all[i].absent)
            keyed[count++].item = i;
    sort_by(f, at_ns, keyed, count);
    for (uint32_t i = 0; i < count; i++)
        (*sorted)[i] = keyed[i].item;
    return true;
}

enum err_code fifo_init(struct fifo *f, const struct problem *p, const struct stays *stays,
                        bool taken, enum fifo_narrowing narrowing, struct arena *work,
                        uint32_t *occupied, struct err *err)
{
    *f = (struct fifo){.p = p, .stays = stays};
    f->spans = arena_array(work, stays->count, sizeof *f->spans);
    for (uint32_t i = 0; f->spans && i < stays->count; i++) {
        f->spans[i] = span_of(p, &stays->all[i], taken);
        f->total += !stays->all[i].absent;
    }
    struct keyed *keyed = arena_array(work, 2 * (size_t)f->total, sizeof *keyed);
    if (!f->spans || !keyed || !narrow_all(f, narrowing, keyed, work, occupied))
        return no_memory(err);
    if (*occupied != STAY_NOBODY)
        return ERR_OK;
    return sort_stays(f, called_ns, keyed, work, &f->by_called) &&
                   sort_stays(f, entered_ns, keyed, work, &f->by_entered) &&
                   sort_stays(f, seen_ns, keyed, work, &f->by_seen)
               ? ERR_OK
               : no_memory(err);
}
