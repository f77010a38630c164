#include "checker/algorithms/greatest_deadlines.h"

#include "checker/algorithms/radix.h"

/* Who leaves soonest of all that begin after an instant: a Fenwick tree of minima over
 * instants, from the last one down. */
struct tree {
    const struct greatest *g;
    uint32_t size;
    struct greatest_deadline *soonest; /* by place in the tree, from 1 */
};

static void note(struct tree *t, uint32_t begin, struct greatest_deadline deadline)
{
    for (uint32_t i = t->size - begin; i <= t->size; i += i & -i)
        if (deadline.instant < t->soonest[i].instant)
            t->soonest[i] = deadline;
}

static struct greatest_deadline soonest_after(const struct tree *t, uint32_t instant)
{
    struct greatest_deadline found = t->soonest[0];
    for (uint32_t i = t->size - instant - 1; i > 0; i -= i & -i)
        if (t->soonest[i].instant < found.instant)
            found = t->soonest[i];
    return found;
}

static void note_op(struct tree *t, uint32_t id, uint32_t op)
{
    const struct period *p = &t->g->narrowed[op];
    note(t, p->from, (struct greatest_deadline){.instant = p->to, .lesser = id, .op = op});
}

static void note_stay(struct tree *t, uint32_t id)
{
    const struct stay *stay = &t->g->stays->all[id];
    for (uint32_t op = stay->peek; op != STAY_NOBODY; op = t->g->stays->next_peek[op])
        note_op(t, id, op);
    if (stay->leave != STAY_NOBODY)
        note_op(t, id, stay->leave);
}

/* Whoever takes a lost value cannot do so before the first of all takers can. */
static void note_lost(struct tree *t, uint32_t id, uint32_t instant)
{
    if (instant != t->g->never)
        note(t, t->g->taken[id].from,
             (struct greatest_deadline){.instant = instant, .lesser = id, .op = STAY_NOBODY});
}

static void find_all(struct tree *t, struct greatest_deadlines *out)
{
    const struct greatest *g = t->g;
    for (uint32_t i = 0; i < g->stays->count; i++)
        if (g->stays->all[i].empty)
            note_op(t, i, g->stays->all[i].enter);
    for (uint32_t rank = g->value_count; rank-- > 0;) {
        uint32_t id = g->by_value[rank];
        if (stay_is_lost(&g->stays->all[id])) {
            out->of[id] = soonest_after(t, g->zones[id].from);
            out->soonest_first[out->count++] = id;
            note_lost(t, id, out->of[id].instant);
        }
        note_stay(t, id);
    }
}

enum err_code greatest_deadlines(const struct greatest *g, struct arena *work,
                                 struct greatest_deadlines *out, struct err *err)
{
    struct tree t = {.g = g, .size = g->never + 1};
    uint32_t lost = g->stays->lost_count;
    struct keyed *keyed = arena_array(work, 2 * (size_t)lost, sizeof *keyed);
    t.soonest = arena_array(work, (size_t)t.size + 1, sizeof *t.soonest);
    *out = (struct greatest_deadlines){0};
    out->of = arena_array(work, g->stays->count, sizeof *out->of);
    out->soonest_first = arena_array(work, lost, sizeof *out->soonest_first);
    if (!keyed || !t.soonest || !out->of || !out->soonest_first)
        return err_set(err, ERR_NOMEM, "priority queue: out of memory");
    for (uint32_t i = 0; i <= t.size; i++)
        t.soonest[i].instant = g->never;
    find_all(&t, out);
    for (uint32_t i = 0; i < out->count; i++)
        keyed[i] = (struct keyed){.key = out->of[out->soonest_first[i]].instant,
                                  .item = out->soonest_first[i]};
    radix_sort(keyed, keyed + lost, out->count);
    for (uint32_t i = 0; i < out->count; i++)
        out->soonest_first[i] = keyed[i].item;
    return ERR_OK;
}
