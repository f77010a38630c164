/* Contents: circles · empty answers · shortage */
#include "checker/algorithms/queue_parts.h"

#include <assert.h>

#include "checker/algorithms/radix.h"

static enum err_code no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "queue: out of memory");
}

/* --- circles --- */

struct circle {
    const struct fifo *f;
    struct proof proof;
    struct arena *keep;
    const char *claim; /* so far; NULL without memory */
    unsigned told;     /* stays that come before the next */
};

static void say(struct circle *c, const char *what)
{
    const char *joints[] = {"", "; yet ", ", and "};
    if (c->claim)
        c->claim = arena_format(c->keep, "%s%s%s", c->claim, joints[c->told], what);
    c->told++;
}

/* Write a sentence about the roles from `r` on. */
#define SAY_OF(c, r, format, ...)                                                              \
    do {                                                                                       \
        const char *said = arena_format((c)->keep, format, __VA_ARGS__);                       \
        if (said)                                                                              \
            say(c, said);                                                                      \
        else                                                                                   \
            (c)->claim = NULL;                                                                 \
    } while (0)

static uint32_t last_of(const struct fifo *f, uint32_t stay)
{
    const struct stay *s = &f->stays->all[stay];
    if (f->spans[stay].last_ns == INT64_MAX)
        return STAY_NOBODY;
    return f->spans[stay].last_ns == f->p->ops[s->enter].called_at_ns ? s->enter : s->last;
}

static void add_by_entry(struct circle *c, uint32_t a, uint32_t b)
{
    unsigned r = c->proof.role_count;
    proof_cast(&c->proof, c->f->stays->all[a].enter);
    proof_cast(&c->proof, c->f->stays->all[b].enter);
    SAY_OF(
        c, r,
        "{%u.who} {%u.deed} by {%u.returned}, before {%u.who} {%u.deed}, called at {%u.called}",
        r, r, r, r + 1, r + 1, r + 1);
}

static void add_by_sight(struct circle *c, uint32_t a, uint32_t b)
{
    unsigned r = c->proof.role_count;
    uint32_t last = last_of(c->f, b);
    proof_cast(&c->proof, c->f->stays->all[a].first);
    if (last != STAY_NOBODY) {
        proof_cast(&c->proof, last);
        SAY_OF(c, r,
               "{%u.who} {%u.deed} by {%u.returned}, before {%u.who} {%u.deed}, called at "
               "{%u.called}",
               r, r, r, r + 1, r + 1, r + 1);
    } else {
        proof_cast(&c->proof, c->f->stays->all[b].enter);
        SAY_OF(c, r, "{%u.who} {%u.deed} by {%u.returned}, and {%u.value} was never dequeued",
               r, r, r, r + 1);
    }
}

/* Why `a` comes before `b`. */
static void add_reason(struct circle *c, uint32_t a, uint32_t b)
{
    const struct stay *all = c->f->stays->all;
    assert(span_precedes(&c->f->spans[a], &c->f->spans[b]));
    if (c->f->spans[a].entered_ns < c->f->spans[b].called_ns)
        add_by_entry(c, a, b);
    else
        add_by_sight(c, a, b);
    proof_add(&c->proof, all[a].enter);
    proof_add(&c->proof, all[a].leave);
}

enum err_code queue_refute_circle(const struct fifo *f, const struct fifo_line *stuck,
                                  struct arena *work, struct arena *keep, struct finding *out,
                                  struct err *err)
{
    struct circle c = {.f = f, .keep = keep, .claim = ""};
    uint32_t a = stuck->first_entered, b = stuck->first_seen;
    if (!proof_init(&c.proof, work, f->p->count))
        return no_memory(err);
    /* Whoever entered first and is not next must come after whoever was seen first. If
     * that one need not come after the other, it must come after the one seen second;
     * which either comes after it, or entered too late. */
    if (a == b)
        b = stuck->second_seen;
    uint32_t between = STAY_NOBODY;
    if (!span_precedes(&f->spans[a], &f->spans[b])) {
        between = stuck->second_seen;
        if (span_precedes(&f->spans[b], &f->spans[between])) {
            a = between;
            between = STAY_NOBODY;
        }
    }
    add_reason(&c, a, between == STAY_NOBODY ? b : between);
    if (between != STAY_NOBODY)
        add_reason(&c, between, b);
    add_reason(&c, b, a);
    return c.claim ? proof_give(&c.proof, c.claim, keep, out, err) : no_memory(err);
}

/* --- empty answers --- */

enum err_code queue_refute_empty(const struct fifo *f, uint32_t occupied, struct arena *work,
                                 struct arena *keep, struct finding *out, struct err *err)
{
    struct proof proof;
    uint32_t *cover = arena_array(work, f->zones.count, sizeof *cover);
    if (!cover || !proof_init(&proof, work, f->p->count))
        return no_memory(err);
    uint32_t count =
        fifo_cover(f, f->spans[occupied].called_ns, f->spans[occupied].entered_ns, cover);
    proof_cast(&proof, f->stays->all[occupied].enter);
    proof_cast(&proof, f->stays->all[cover[0]].enter);
    for (uint32_t i = 0; i < count; i++)
        fifo_prove_stay(f, cover[i], &proof);
    const char *claim =
        count == 1
            ? arena_copy_text(keep, "{0.who} {0.deed}, called at {0.called}, though {1.value} "
                                    "was there until it returned at {0.returned}")
            : arena_format(
                  keep,
                  "{0.who} {0.deed}, called at {0.called}, though one or another of %u "
                  "values was there until it returned at {0.returned}, first {1.value}",
                  count);
    return claim ? proof_give(&proof, claim, keep, out, err) : no_memory(err);
}

/* --- shortage --- */

/* Lost stays by deadline, without those that have none. */
static uint32_t sort_lost(const struct fifo *f, struct keyed *keyed)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < f->stays->count; i++)
        if (stay_is_lost(&f->stays->all[i]) && f->deadlines[i] != INT64_MAX)
            keyed[count++] =
                (struct keyed){.key = (uint64_t)f->deadlines[i] ^ UINT64_C(1) << 63, .item = i};
    radix_sort(keyed, keyed + f->stays->lost_count, count);
    return count;
}

static bool taken_too_late(const struct fifo *f, uint32_t stay, uint32_t taker)
{
    return taker >= f->stays->taker_count ||
           f->p->ops[f->stays->takers[taker]].called_at_ns > f->deadlines[stay];
}

static enum err_code give_shortage(const struct fifo_deadlines *d, const struct keyed *lost,
                                   uint32_t count, struct arena *work, struct arena *keep,
                                   struct finding *out, struct err *err)
{
    const struct fifo *f = d->f;
    struct proof proof;
    uint32_t *cover = arena_array(work, f->zones.count, sizeof *cover);
    if (!cover || !proof_init(&proof, work, f->p->count))
        return no_memory(err);
    proof_cast(&proof, f->stays->all[lost[count - 1].item].enter);
    for (uint32_t i = 0; i < count; i++)
        fifo_deadline(d, lost[i].item,
                      &(struct fifo_evidence){.proof = &proof, .cover = cover});
    /* Of the dequeues called later none can help. */
    for (uint32_t i = 0; i + 1 < count; i++)
        proof_add(&proof, f->stays->takers[i]);
    const char *claim =
        count == 1 ? arena_copy_text(keep, "{0.value}, which {0.who} had enqueued, was passed "
                                           "over, and there was nobody who can have taken it")
                   : arena_format(keep,
                                  "%u values were passed over, the last of them {0.value}, and "
                                  "only %u unanswered dequeues can have taken them",
                                  count, count - 1);
    return claim ? proof_give(&proof, claim, keep, out, err) : no_memory(err);
}

enum err_code queue_refute_shortage(const struct fifo_deadlines *d, struct arena *work,
                                    struct arena *keep, bool *found, struct finding *out,
                                    struct err *err)
{
    const struct fifo *f = d->f;
    struct keyed *lost = arena_array(work, 2 * (size_t)f->stays->lost_count, sizeof *lost);
    if (!lost)
        return no_memory(err);
    *found = false;
    uint32_t count = sort_lost(f, lost);
    for (uint32_t i = 0; i < count; i++)
        if (taken_too_late(f, lost[i].item, i)) {
            *found = true;
            return give_shortage(d, lost, i + 1, work, keep, out, err);
        }
    return ERR_OK;
}
