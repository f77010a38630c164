#include "checker/algorithms/fifo_deadlines.h"

#include "checker/algorithms/radix.h"

static int64_t seen_ns(const struct fifo *f, uint32_t stay)
{
    return stay == STAY_NOBODY ? INT64_MAX : f->spans[stay].seen_ns;
}

static int64_t entered_ns(const struct fifo *f, uint32_t stay)
{
    return stay == STAY_NOBODY ? INT64_MAX : f->spans[stay].entered_ns;
}

/* --- what comes after an instant --- */

static struct fifo_suffix prepend(const struct fifo *f, struct fifo_suffix rest, uint32_t stay)
{
    if (entered_ns(f, stay) < entered_ns(f, rest.entered))
        rest.entered = stay;
    if (seen_ns(f, stay) < seen_ns(f, rest.seen)) {
        rest.second = rest.seen;
        rest.seen = stay;
    } else if (seen_ns(f, stay) < seen_ns(f, rest.second)) {
        rest.second = stay;
    }
    return rest;
}

static struct fifo_suffix *suffixes(const struct fifo *f, const uint32_t *sorted,
                                    struct arena *work)
{
    uint32_t count = f->total;
    struct fifo_suffix *from = arena_array(work, (size_t)count + 1, sizeof *from);
    if (!from)
        return NULL;
    from[count] = (struct fifo_suffix){STAY_NOBODY, STAY_NOBODY, STAY_NOBODY};
    for (uint32_t i = count; i-- > 0;)
        from[i] = prepend(f, from[i + 1], sorted[i]);
    return from;
}

enum err_code fifo_deadlines_init(struct fifo_deadlines *d, const struct fifo *f,
                                  struct arena *work, struct err *err)
{
    uint32_t count = f->total;
    *d = (struct fifo_deadlines){.f = f};
    d->by_last = arena_array(work, count, sizeof *d->by_last);
    struct keyed *keyed = arena_array(work, 2 * (size_t)count, sizeof *keyed);
    if (!d->by_last || !keyed)
        return err_set(err, ERR_NOMEM, "queue: out of memory");
    uint64_t sign = UINT64_C(1) << 63;
    for (uint32_t i = 0; i < count; i++)
        keyed[i] = (struct keyed){.key = (uint64_t)f->spans[f->by_called[i]].last_ns ^ sign,
                                  .item = f->by_called[i]};
    radix_sort(keyed, keyed + count, count);
    for (uint32_t i = 0; i < count; i++)
        d->by_last[i] = keyed[i].item;
    d->from_call = suffixes(f, f->by_called, work);
    d->from_last = suffixes(f, d->by_last, work);
    return d->from_call && d->from_last ? ERR_OK
                                        : err_set(err, ERR_NOMEM, "queue: out of memory");
}

/* The first place in an order whose stay was called, or called last, after `at_ns`. */
static uint32_t first_after(const struct fifo_deadlines *d, bool last, int64_t at_ns)
{
    uint32_t low = 0, high = d->f->total;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct span *span =
            &d->f->spans[last ? d->by_last[middle] : d->f->by_called[middle]];
        if ((last ? span->last_ns : span->called_ns) > at_ns)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* --- deadlines --- */

/* Longer paths from a stay to another have short cuts, as circles do, or go round in
 * one; and a circle is proof enough without deadlines. */
enum { PATH_MAX_STAYS = 8 };

/* Whatever comes after a stay came in after `entered_ns` or was seen after `seen_ns`:
 * two instants that move down as more is found to come after it. A stay that is found
 * by itself, as seen after itself, moves nothing. */
struct reaching {
    const struct fifo_deadlines *d;
    uint32_t stay;
    int64_t entered_ns, seen_ns, deadline_ns;
    bool moved;
    const struct fifo_evidence *evidence;
};

static void show_cover(const struct fifo *f, int64_t from_ns, int64_t to_ns,
                       const struct fifo_evidence *evidence)
{
    if (from_ns > to_ns)
        return;
    uint32_t count = fifo_cover(f, from_ns, to_ns, evidence->cover);
    for (uint32_t i = 0; i < count; i++)
        fifo_prove_stay(f, evidence->cover[i], evidence->proof);
}

/* An empty answer says when it was because of those who left it no other time. */
static void show(const struct fifo *f, uint32_t stay, const struct fifo_evidence *evidence)
{
    const struct stay *s = &f->stays->all[stay];
    fifo_prove_stay(f, stay, evidence->proof);
    if (!s->empty)
        return;
    show_cover(f, f->p->ops[s->enter].called_at_ns, f->spans[stay].called_ns - 1, evidence);
    show_cover(f, f->spans[stay].entered_ns + 1, f->p->ops[s->enter].returned_at_ns, evidence);
}

static void reach(struct reaching *r, uint32_t stay)
{
    const struct fifo *f = r->d->f;
    if (stay == STAY_NOBODY || stay == r->stay)
        return;
    bool sooner = seen_ns(f, stay) < r->deadline_ns;
    bool entered = entered_ns(f, stay) < r->entered_ns;
    if (!sooner && !entered)
        return;
    if (sooner)
        r->deadline_ns = seen_ns(f, stay);
    if (entered)
        r->entered_ns = entered_ns(f, stay);
    if (r->deadline_ns < r->seen_ns)
        r->seen_ns = r->deadline_ns;
    r->moved = true;
    if (r->evidence)
        show(f, stay, r->evidence);
}

static void reach_all(struct reaching *r, const struct fifo_suffix *from)
{
    reach(r, from->entered);
    reach(r, from->seen == r->stay ? from->second : from->seen);
}

int64_t fifo_deadline(const struct fifo_deadlines *d, uint32_t stay,
                      const struct fifo_evidence *evidence)
{
    const struct span *span = &d->f->spans[stay];
    struct reaching r = {.d = d,
                         .stay = stay,
                         .entered_ns = span->entered_ns,
                         .seen_ns = span->seen_ns,
                         .deadline_ns = INT64_MAX,
                         .moved = true,
                         .evidence = evidence};
    if (evidence)
        show(d->f, stay, evidence);
    for (unsigned i = 0; r.moved && i < PATH_MAX_STAYS; i++) {
        r.moved = false;
        reach_all(&r, &d->from_call[first_after(d, false, r.entered_ns)]);
        reach_all(&r, &d->from_last[first_after(d, true, r.seen_ns)]);
    }
    return r.deadline_ns;
}

void fifo_prove_stay(const struct fifo *f, uint32_t stay, struct proof *proof)
{
    const struct stay *s = &f->stays->all[stay];
    proof_add(proof, s->enter);
    proof_add(proof, s->leave);
    proof_add(proof, s->first);
    proof_add(proof, s->last);
}
