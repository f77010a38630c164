/* Refused CAS that were not told what they found: each needs an instant at which the
 * register held another value than it expected. They move nothing, so where an order
 * of all others is known, each takes the first place that its time allows and the
 * value permits. Another order might have room where this one has none: only a value
 * that was certainly there all the time is a contradiction.
 *
 * A gap is the place before the operation of that number in the order. */
#include <assert.h>
#include <string.h>

#include "checker/algorithms/zones_parts.h"

#define NONE VERSION_NONE

struct refused {
    struct zones *z;
    uint32_t *ops; /* by call */
    uint32_t *gaps;
    uint32_t count;
    struct block *by_return, *by_gap; /* numbers in `ops`, as roots */
    /* By gap: the last call before it and the first return behind it. */
    int64_t *last_call_at_ns, *first_return_at_ns;
};

static void collect(struct refused *r)
{
    const struct problem *p = r->z->p;
    for (uint32_t i = 0; i < p->count; i++)
        if (r->z->versions.of[i] == NONE && p->ops[i].op.kind == OP_CAS)
            r->ops[r->count++] = i;
    assert(r->count == r->z->versions.blind_count);
}

/* The value it did not find, if it was ever there; or NULL. */
static const struct version *missed(const struct refused *r, uint32_t op)
{
    const struct versions *l = &r->z->versions;
    uint32_t version = versions_find(l, r->z->p->ops[op].op.expected);
    return version != NONE && l->at[version].kept ? &l->at[version] : NULL;
}

/* Is it one that several wrote, of whom the first may not have happened, but another
 * may? Then nobody is told here which of them it was. */
static bool any_ambiguous(const struct refused *r)
{
    const struct versions *l = &r->z->versions;
    for (uint32_t i = 0; i < r->count; i++) {
        uint32_t version = versions_find(l, r->z->p->ops[r->ops[i]].op.expected);
        if (version != NONE && l->at[version].repeated)
            return true;
    }
    return false;
}

/* --- contradictions --- */

/* Was `l` there all the time? After its first return it was, until its last call or
 * that of whoever replaced it. */
static bool was_there(const struct refused *r, uint32_t op, const struct version *l)
{
    const struct timed_op *refused = &r->z->p->ops[op];
    bool read_first = l->first_return_at_ns < l->returned_at_ns;
    uint32_t first = read_first ? l->first_reader : l->writer;
    uint32_t last = l->last_reader;
    int64_t until_ns = l->last_call_at_ns;
    if (l->successor != NONE && r->z->versions.at[l->successor].called_at_ns > until_ns) {
        until_ns = r->z->versions.at[l->successor].called_at_ns;
        last = r->z->versions.at[l->successor].writer;
    }
    int64_t since_ns = read_first ? l->first_return_at_ns : l->returned_at_ns;
    if (since_ns >= refused->called_at_ns || refused->returned_at_ns >= until_ns)
        return false;
    proof_refused(r->z, op, first, last);
    return true;
}

static bool none_is_wrong(const struct refused *r)
{
    for (uint32_t i = 0; i < r->count; i++) {
        const struct version *l = missed(r, r->ops[i]);
        if (l && was_there(r, r->ops[i], l))
            return false;
    }
    return true;
}

/* --- places --- */

static void note_times(struct refused *r)
{
    const struct timed_op *ops = r->z->p->ops;
    const uint32_t *order = r->z->out->order;
    size_t count = r->z->out->order_count;
    r->last_call_at_ns[0] = INT64_MIN;
    for (size_t g = 0; g < count; g++) {
        int64_t called = ops[order[g]].called_at_ns, before = r->last_call_at_ns[g];
        r->last_call_at_ns[g + 1] = called > before ? called : before;
    }
    r->first_return_at_ns[count] = INT64_MAX;
    for (size_t g = count; g-- > 0;) {
        int64_t returned = ops[order[g]].returned_at_ns, behind = r->first_return_at_ns[g + 1];
        r->first_return_at_ns[g] = returned < behind ? returned : behind;
    }
}

/* The first gap behind everything that returned before `at_ns`. */
static uint32_t first_gap(const struct refused *r, int64_t at_ns)
{
    uint32_t low = 0, high = (uint32_t)r->z->out->order_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (r->first_return_at_ns[middle] >= at_ns)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* Places have moved behind the last reader by now. */
static bool place(struct refused *r, uint32_t number, uint32_t not_before)
{
    const struct timed_op *op = &r->z->p->ops[r->ops[number]];
    const struct version *l = missed(r, r->ops[number]);
    uint32_t gap = first_gap(r, op->called_at_ns);
    gap = gap < not_before ? not_before : gap;
    if (l && gap <= l->place && gap >= l->place - l->reader_count)
        gap = l->place + 1;
    r->gaps[number] = gap;
    return gap <= r->z->out->order_count && r->last_call_at_ns[gap] <= op->returned_at_ns;
}

/* By call, so that whoever returned before has its place. */
static bool place_all(struct refused *r, struct block *spare)
{
    const struct timed_op *ops = r->z->p->ops;
    for (uint32_t i = 0; i < r->count; i++)
        r->by_return[i] =
            (struct block){.from_at_ns = ops[r->ops[i]].returned_at_ns, .root = i};
    blocks_sort(r->by_return, r->count, spare);
    uint32_t returned = 0, not_before = 0;
    for (uint32_t i = 0; i < r->count; i++) {
        for (; r->by_return[returned].from_at_ns < ops[r->ops[i]].called_at_ns; returned++) {
            uint32_t gap = r->gaps[r->by_return[returned].root];
            not_before = gap > not_before ? gap : not_before;
        }
        if (!place(r, i, not_before))
            return false;
    }
    return true;
}

/* From behind, so that everything moves once. */
static void insert_all(struct refused *r, struct block *spare)
{
    uint32_t *order = r->z->out->order;
    for (uint32_t i = 0; i < r->count; i++)
        r->by_gap[i] = (struct block){.from_at_ns = r->gaps[i], .root = i};
    blocks_sort(r->by_gap, r->count, spare);
    size_t end = r->z->out->order_count;
    for (uint32_t left = r->count; left > 0; left--) {
        size_t gap = (size_t)r->by_gap[left - 1].from_at_ns;
        memmove(order + gap + left, order + gap, (end - gap) * sizeof *order);
        order[gap + left - 1] = r->ops[r->by_gap[left - 1].root];
        end = gap;
    }
    r->z->out->order_count += r->count;
}

static bool allocate(struct refused *r, struct block **spare)
{
    struct arena *work = r->z->work;
    uint32_t count = r->z->versions.blind_count;
    size_t gaps = r->z->out->order_count + 1;
    r->ops = arena_array(work, count, sizeof *r->ops);
    r->gaps = arena_array(work, count, sizeof *r->gaps);
    r->by_return = arena_array(work, count, sizeof *r->by_return);
    r->by_gap = arena_array(work, count, sizeof *r->by_gap);
    *spare = arena_array(work, count, sizeof **spare);
    r->last_call_at_ns = arena_array(work, gaps, sizeof *r->last_call_at_ns);
    r->first_return_at_ns = arena_array(work, gaps, sizeof *r->first_return_at_ns);
    return r->ops && r->gaps && r->by_return && r->by_gap && *spare && r->last_call_at_ns &&
           r->first_return_at_ns;
}

bool refused_place(struct zones *z)
{
    struct refused r = {.z = z};
    struct block *spare;
    if (!allocate(&r, &spare) || !budget_spend(z->budget, z->p->count))
        return false;
    collect(&r);
    z->is_foreign = any_ambiguous(&r);
    if (z->is_foreign || !none_is_wrong(&r))
        return false;
    note_times(&r);
    if (!place_all(&r, spare)) {
        z->is_foreign = true;
        return false;
    }
    insert_all(&r, spare);
    return true;
}
