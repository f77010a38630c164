/* The first return that no order can account for. */
#include "checker/prefix.h"

#include <assert.h>
#include <stdlib.h>

#include "checker/part.h"

struct hunt {
    const struct problem *p;
    struct budget *budget;
    int64_t *returns_ns; /* ascending, each instant once */
    size_t count;
    struct timed_op *ops; /* of the part that is tried */
    size_t low, high;     /* all before `low` are well, at `high` it is broken */
};

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

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
        qsort(h->returns_ns, all, sizeof *h->returns_ns, by_number);
    for (size_t i = 0; i < all; i++)
        if (h->count == 0 || h->returns_ns[i] != h->returns_ns[h->count - 1])
            h->returns_ns[h->count++] = h->returns_ns[i];
}

/* Impossible operations are so once the last of them has returned. */
static void lower(struct hunt *h, const struct problem *p, const uint32_t *proof, size_t count)
{
    int64_t last_ns = INT64_MIN;
    for (size_t i = 0; i < count; i++) {
        const struct timed_op *op = &p->ops[proof[i]];
        if (op->op.answered && op->returned_at_ns > last_ns)
            last_ns = op->returned_at_ns;
    }
    while (h->high > h->low && h->returns_ns[h->high] > last_ns)
        h->high--;
}

/* Decide the beginning that ends with return `at`; false when nobody can tell. */
static bool try_until(struct hunt *h, size_t at, bool *told_more)
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
        *told_more = d.finding.proof != NULL;
        if (d.finding.proof)
            lower(h, &part, d.finding.proof, d.finding.proof_count);
    }
    arena_done(&keep);
    return value == FINDING_ORDER || value == FINDING_NO_ORDER;
}

enum { NEAR_TRIES = 3 };

/* A proof often ends with the first return that is broken: try right before that, and
 * only then halve. */
static bool narrow(struct hunt *h)
{
    bool told_more = true;
    for (unsigned tries = 0; h->low < h->high; tries++) {
        bool near = told_more && tries < NEAR_TRIES;
        told_more = false;
        size_t at = near ? h->high - 1 : h->low + (h->high - h->low) / 2;
        if (!try_until(h, at, &told_more))
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
        if (proof)
            lower(&h, p, proof, proof_count);
        out->is_exact = narrow(&h);
        out->broken_at_ns = h.returns_ns[h.high];
        out->broken_by = who_returned(p, out->broken_at_ns);
        out->well_until_ns = h.low > 0 ? h.returns_ns[h.low - 1] : INT64_MIN;
    }
    arena_done(&arena);
    return ready ? ERR_OK : err_set(err, ERR_NOMEM, "prefix: out of memory");
}
