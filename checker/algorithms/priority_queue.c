/* After Lee and Mathur 2025, and on to operations that nobody answered: greatest.h. */
#include "checker/algorithms/priority_queue.h"

#include "checker/algorithms/priority_queue_parts.h"
#include "checker/algorithms/radix.h"

struct deciding {
    const struct problem *p;
    struct budget *budget;
    struct arena *work, *keep;
    struct finding *out;
    struct stays stays;
    struct greatest greatest;
};

static enum err_code no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "priority queue: out of memory");
}

static enum err_code give_order(struct deciding *d, const struct placed *placed, uint32_t count,
                                struct err *err)
{
    struct keyed *keyed = arena_array(d->work, 2 * (size_t)count, sizeof *keyed);
    uint32_t *order = arena_array(d->keep, count, sizeof *order);
    if (!keyed || !order)
        return no_memory(err);
    for (uint32_t i = 0; i < count; i++)
        keyed[i] = (struct keyed){.key = (uint64_t)placed[i].instant << 32 | placed[i].turn,
                                  .item = placed[i].op};
    radix_sort(keyed, keyed + count, count);
    for (uint32_t i = 0; i < count; i++)
        order[i] = keyed[i].item;
    *d->out = (struct finding){.value = FINDING_ORDER, .order = order, .order_count = count};
    return ERR_OK;
}

static void give_up(struct deciding *d)
{
    *d->out = (struct finding){.value = FINDING_GAVE_UP, .why = d->budget->why};
}

static enum err_code decide_without_takers(struct deciding *d, struct err *err)
{
    uint32_t count;
    struct placed *order = arena_array(d->work, d->p->count, sizeof *order);
    if (!order)
        return no_memory(err);
    if (greatest_place(&d->greatest, d->budget, order, &count))
        return give_order(d, order, count, err);
    if (!d->budget->why)
        return priority_queue_refute(&d->greatest, d->budget, d->work, d->keep, d->out, err);
    give_up(d);
    return ERR_OK;
}

/* There are enough takers, each early enough for somebody. */
static enum err_code choose_takers(struct deciding *d,
                                   const struct greatest_deadlines *deadlines, struct err *err)
{
    uint32_t count;
    enum taking taking;
    struct placed *order = arena_array(d->work, d->p->count, sizeof *order);
    if (!order)
        return no_memory(err);
    enum err_code code = priority_queue_take(&d->greatest, deadlines, d->budget, d->work,
                                             &taking, order, &count, err);
    if (code)
        return code;
    if (taking == TAKING_FOUND)
        return give_order(d, order, count, err);
    if (d->budget->why)
        give_up(d);
    else
        *d->out = (struct finding){.value = taking == TAKING_IMPOSSIBLE ? FINDING_NO_ORDER
                                                                        : FINDING_NOT_MINE};
    return ERR_OK;
}

/* Unanswered polls may have taken what nobody was told. What has no place even if the
 * first of them took it all has none. */
static enum err_code decide_with_takers(struct deciding *d, struct err *err)
{
    struct greatest *g = &d->greatest;
    struct greatest_deadlines deadlines;
    bool found;
    for (uint32_t i = 0; i < d->stays.count; i++)
        if (stay_is_lost(&d->stays.all[i]))
            g->taker[i] = d->stays.takers[0];
    if (!greatest_place(g, d->budget, NULL, NULL)) {
        if (!d->budget->why)
            return priority_queue_refute(g, d->budget, d->work, d->keep, d->out, err);
        give_up(d);
        return ERR_OK;
    }
    enum err_code code = greatest_deadlines(g, d->work, &deadlines, err);
    if (!code)
        code = priority_queue_refute_shortage(g, &deadlines, d->budget, d->work, d->keep,
                                              &found, d->out, err);
    return code || found ? code : choose_takers(d, &deadlines, err);
}

enum err_code priority_queue_decide(const struct problem *p, struct budget *budget,
                                    struct arena *work, struct arena *keep, struct finding *out,
                                    struct err *err)
{
    struct deciding d = {.p = p, .budget = budget, .work = work, .keep = keep, .out = out};
    bool ready;
    *out = (struct finding){.value = FINDING_NOT_MINE};
    if (p->initial != OP_NIL)
        return ERR_OK;
    enum err_code code = stays_collect(p, budget, work, keep, &d.stays, &ready, out, err);
    if (code || !ready)
        return code;
    code = greatest_init(&d.greatest, p, &d.stays, work, err);
    if (code)
        return code;
    return d.stays.taker_count > 0 && d.stays.lost_count > 0 ? decide_with_takers(&d, err)
                                                             : decide_without_takers(&d, err);
}
