/* The first return that no order can account for. */
#include "checker/prefix.h"

#include <assert.h>
#include <stdlib.h>

#include "checker/part.h"
#include "checker/sorting.h"

struct hunt {
    const struct problem *p;
    struct budget *budget;
    int64_t *returns_ns; /* ascending, each instant once */
    size_t count;
    struct timed_op *ops; /* of the part that is tried */
    size_t low, high;     /* all before `low` are well, at `high` it is broken */
    size_t guess;         /* where it probably broke; NO_GUESS: nobody knows */
};

#define NO_GUESS SIZE_MAX

/* Returns come nearly in order, so most of them need not be moved at all. */
static void list_returns(struct hunt *h)
{
    bool in_order = true;
    size_t all = 0;
    for (size_t i = 0; i < h->p->count; i++) {
        if (!h->p->ops[i].op.answered)
            continue;
        h->returns_ns[all++] = h->p->ops[i].returned_at_ns;
        in_order &= all < 2 || h->returns_ns[all - 2] <= h->returns_ns[all - 1];
    }
    if (!in_order)
        qsort(h->returns_ns, all, sizeof *h->returns_ns, sorting_by_number);
    for (size_t i = 0; i < all; i++)
        if (h->count == 0 || h->returns_ns[i] != h->returns_ns[h->count - 1])
            h->returns_ns[h->count++] = h->returns_ns[i];
}

/* The last return among the operations of a proof: likely the one that broke it. Not
 * certainly: others that had not returned by then may still do what helps. */
static size_t guess_by(const struct hunt *h, const struct problem *p, const uint32_t *proof,
                       size_t count)
{
    int64_t last_ns = INT64_MIN;
    size_t at = h->high;
    for (size_t i = 0; i < count; i++) {
        const struct timed_op *op = &p->ops[proof[i]];
        if (op->op.answered && op->returned_at_ns > last_ns)
            last_ns = op->returned_at_ns;
    }
    while (at > h->low && h->returns_ns[at] > last_ns)
        at--;
    return at;
}

/* Decide the beginning that ends with return `at`; false when nobody can tell. */
static bool try_until(struct hunt *h, size_t at)
{
    struct arena keep = {.memory = h->budget->memory};
    struct decision d;
    struct problem part = part_until(h->p, h->returns_ns[at], h->ops);
    portfolio_decide(&part, h->budget, &keep, &d);
    enum finding_value value = d.finding.value;
    if (value == FINDING_ORDER)
        h->low = at + 1;
    if (value == FINDING_NO_ORDER) {
        h->high = at;
        h->guess = d.finding.proof ? guess_by(h, &part, d.finding.proof, d.finding.proof_count)
                                   : NO_GUESS;
    }
    arena_done(&keep);
    return value == FINDING_ORDER || value == FINDING_NO_ORDER;
}

enum { GUESSES_MAX = 6 };

/* A proof often ends with the first return that is broken: try that, then right before
 * it, and only when that leads nowhere, halve. */
static bool narrow(struct hunt *h)
{
    for (unsigned tries = 0; h->low < h->high; tries++) {
        size_t at = h->low + (h->high - h->low) / 2;
        if (tries < GUESSES_MAX && h->guess != NO_GUESS && h->guess >= h->low)
            at = h->guess < h->high ? h->guess : h->high - 1;
        if (!try_until(h, at))
            return false;
    }
    return true;
}

static uint32_t who_returned(const struct problem *p, int64_t at_ns)
{
    for (size_t i = p->count; i-- > 0;)
        if (p->ops[i].op.answered && p->ops[i].returned_at_ns == at_ns)
            return (uint32_t)i;
    assert(false);
    return 0;
}

enum err_code prefix_find(const struct problem *p, const uint32_t *proof, size_t proof_count,
                          struct budget *budget, struct prefix *out, struct err *err)
{
    struct arena arena = {.memory = budget->memory};
    struct hunt h = {.p = p, .budget = budget};
    h.returns_ns = arena_array(&arena, p->count, sizeof *h.returns_ns);
    h.ops = arena_array(&arena, p->count, sizeof *h.ops);
    bool ready = h.returns_ns && h.ops;
    if (ready) {
        list_returns(&h);
        assert(h.count > 0); /* nothing unanswered is impossible */
        h.high = h.count - 1;
        h.guess = proof ? guess_by(&h, p, proof, proof_count) : NO_GUESS;
        out->is_exact = narrow(&h);
        out->broken_at_ns = h.returns_ns[h.high];
        out->broken_by = who_returned(p, out->broken_at_ns);
        out->well_until_ns = h.low > 0 ? h.returns_ns[h.low - 1] : INT64_MIN;
    }
    arena_done(&arena);
    return ready ? ERR_OK : err_set(err, ERR_NOMEM, "prefix: out of memory");
}
