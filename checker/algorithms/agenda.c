/* Contents: returns and slots · twins · lists · taking and putting back */
#include "checker/algorithms/agenda.h"

#include <assert.h>
#include <string.h>

#include "checker/algorithms/moments.h"

/* --- returns and slots --- */

static bool make_room(struct agenda *a, struct arena *work)
{
    a->by_return = arena_array(work, a->problem->count, sizeof *a->by_return);
    a->slot = arena_array(work, a->problem->count, sizeof *a->slot);
    return a->by_return && a->slot;
}

/* Whoever is called at the very instant of a return is under way together with it. */
static bool go_through_time(struct agenda *a, struct arena *work)
{
    struct moments time;
    uint32_t *spare = arena_array(work, a->problem->count, sizeof *spare);
    uint32_t spare_count = 0, slots = 0;
    if (!spare || !make_room(a, work) || !moments_make(a->problem, work, &time))
        return false;
    for (size_t i = 0; i < time.count; i++) {
        uint32_t op = time.at[i].op;
        assert(a->problem->ops[op].called_at_ns <= a->problem->ops[op].returned_at_ns);
        if (time.at[i].is_return) {
            a->by_return[a->answered_count++] = op;
            spare[spare_count++] = a->slot[op];
        } else if (a->problem->ops[op].op.answered)
            a->slot[op] = spare_count > 0 ? spare[--spare_count] : slots++;
    }
    a->open_words = (slots + 63) / 64;
    a->open = arena_array(work, a->open_words, sizeof *a->open);
    return a->open != NULL;
}

static void flip(struct agenda *a, uint32_t op)
{
    a->open[a->slot[op] / 64] ^= UINT64_C(1) << (a->slot[op] % 64);
}

static bool is_flipped(const struct agenda *a, uint32_t op)
{
    return a->open[a->slot[op] / 64] >> (a->slot[op] % 64) & 1;
}

/* --- twins --- */

static uint64_t mixed(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0xff51afd7ed558ccd);
    return hash ^ hash >> 32;
}

static uint64_t hash_of(const struct model_op *op)
{
    uint64_t hash = mixed((uint64_t)op->kind << 2 | (uint64_t)op->answered << 1 | op->refused,
                          (uint64_t)op->argument);
    hash = mixed(hash, (uint64_t)op->expected);
    hash = mixed(hash, op->answered ? (uint64_t)op->result : 0);
    for (size_t i = 0; op->list && i < op->list->count; i++)
        hash = mixed(hash, (uint64_t)op->list->at[i]);
    return hash;
}

static bool same_list(const struct int_list *a, const struct int_list *b)
{
    if (a == b || !a || !b)
        return a == b;
    return a->count == b->count &&
           (a->count == 0 || memcmp(a->at, b->at, a->count * sizeof *a->at) == 0);
}

static bool same(const struct model_op *a, const struct model_op *b)
{
    return a->kind == b->kind && a->answered == b->answered && a->refused == b->refused &&
           a->argument == b->argument && a->expected == b->expected &&
           (!a->answered || a->result == b->result) && same_list(a->list, b->list);
}

/* In an order that has the later twin first, the two can change places. */
static bool find_twins(struct agenda *a, struct arena *work)
{
    const struct timed_op *ops = a->problem->ops;
    size_t slots = 4;
    while (slots < 2 * a->problem->count)
        slots *= 2;
    uint32_t *latest = arena_array(work, slots, sizeof *latest); /* plus one; 0: empty */
    a->twin = arena_array(work, a->problem->count, sizeof *a->twin);
    if (!latest || !a->twin)
        return false;
    for (uint32_t i = 0; i < a->problem->count; i++) {
        size_t at = (size_t)hash_of(&ops[i].op) & (slots - 1);
        while (latest[at] && !same(&ops[latest[at] - 1].op, &ops[i].op))
            at = (at + 1) & (slots - 1);
        uint32_t last = latest[at] ? latest[at] - 1 : NO_OP;
        bool fits = last != NO_OP && ops[last].returned_at_ns <= ops[i].returned_at_ns;
        a->twin[i] = fits ? last : NO_OP;
        latest[at] = i + 1;
    }
    return true;
}

/* --- lists --- */

static void unlink_op(struct agenda *a, uint32_t op)
{
    struct agenda_link link = a->links[op];
    a->links[link.before].after = link.after;
    a->links[link.after].before = link.before;
}

static void relink_op(struct agenda *a, uint32_t op)
{
    struct agenda_link link = a->links[op];
    a->links[link.before].after = op;
    a->links[link.after].before = op;
}

static enum agenda_list list_of(const struct agenda *a, uint32_t op)
{
    const struct model_op *o = &a->problem->ops[op].op;
    bool looks = a->problem->model->only_looks(o);
    if (o->answered)
        return looks ? AGENDA_LOOKERS : AGENDA_MOVERS;
    return looks ? AGENDA_LISTS : AGENDA_UNANSWERED;
}

static bool make_lists(struct agenda *a, struct arena *work)
{
    uint32_t count = (uint32_t)a->problem->count;
    a->links = arena_array(work, count + AGENDA_LISTS, sizeof *a->links);
    a->list = arena_array(work, count, sizeof *a->list);
    a->done = arena_array(work, count, sizeof *a->done);
    if (!a->links || !a->list || !a->done)
        return false;
    for (uint32_t end = count; end < count + AGENDA_LISTS; end++)
        a->links[end] = (struct agenda_link){end, end};
    for (uint32_t i = 0; i < count; i++) {
        enum agenda_list list = list_of(a, i);
        a->list[i] = (uint8_t)list;
        if (list == AGENDA_LISTS)
            continue;
        a->unanswered_count += list == AGENDA_UNANSWERED;
        a->links[i] = (struct agenda_link){a->links[count + list].before, count + list};
        relink_op(a, i);
    }
    return true;
}

static uint32_t if_next(const struct agenda *a, uint32_t op)
{
    bool may = op < a->problem->count && a->problem->ops[op].called_at_ns <= a->deadline_ns;
    return may ? op : NO_OP;
}

uint32_t agenda_first(const struct agenda *a, enum agenda_list list)
{
    return if_next(a, a->links[a->problem->count + list].after);
}

uint32_t agenda_after(const struct agenda *a, uint32_t op)
{
    return if_next(a, a->links[op].after);
}

/* --- taking and putting back --- */

static void note_deadline(struct agenda *a)
{
    a->deadline_ns =
        agenda_is_over(a) ? INT64_MAX : a->problem->ops[a->by_return[a->target]].returned_at_ns;
}

void agenda_take(struct agenda *a, uint32_t op)
{
    assert(!a->done[op]);
    a->done[op] = true;
    unlink_op(a, op);
    if (a->list[op] == AGENDA_UNANSWERED)
        return;
    assert(!is_flipped(a, op));
    flip(a, op);
    while (!agenda_is_over(a) && a->done[a->by_return[a->target]])
        flip(a, a->by_return[a->target++]);
    note_deadline(a);
}

void agenda_put_back(struct agenda *a, uint32_t op, uint32_t target)
{
    assert(a->done[op] && target <= a->target);
    a->done[op] = false;
    relink_op(a, op);
    if (a->list[op] == AGENDA_UNANSWERED)
        return;
    while (a->target > target)
        flip(a, a->by_return[--a->target]);
    assert(is_flipped(a, op));
    flip(a, op);
    note_deadline(a);
}

bool agenda_init(struct agenda *a, const struct problem *p, struct arena *work)
{
    *a = (struct agenda){.problem = p};
    if (!go_through_time(a, work) || !find_twins(a, work) || !make_lists(a, work))
        return false;
    note_deadline(a);
    return true;
}
