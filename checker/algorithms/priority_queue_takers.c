#include "checker/algorithms/priority_queue_parts.h"
#include "checker/algorithms/radix.h"

/* How many matches are tried, and how many operations are placed for that in all. */
enum { TRIES_MAX = 200, PLACED_MAX = 10 * 1000 * 1000 };

struct trial {
    struct greatest *g;
    struct budget *budget;
    struct arena *work;
    const struct greatest_deadlines *deadlines;
    uint32_t *leave_by;  /* by stay */
    struct keyed *keyed; /* those lost, and room to sort them */
    uint32_t tries_left;
    struct placed *order;
    uint32_t *order_count;
};

/* The first takers for those who must leave soonest; what may stay is taken, too, as
 * long as there are takers. False where somebody must leave sooner than he can. */
static bool assign(struct trial *s)
{
    struct greatest *g = s->g;
    uint32_t count = s->deadlines->count;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t id = s->deadlines->soonest_first[i];
        s->keyed[i] = (struct keyed){.key = s->leave_by[id], .item = id};
    }
    radix_sort(s->keyed, s->keyed + count, count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t id = s->keyed[i].item;
        bool taken = i < g->stays->taker_count;
        g->taker[id] = taken ? g->stays->takers[i] : STAY_NOBODY;
        if (s->leave_by[id] <= g->never &&
            (!taken || g->times[g->taker[id]].from > s->leave_by[id]))
            return false;
    }
    return true;
}

/* What `id` must do better than, now that somebody has no place because of it. */
static uint32_t sooner(const struct trial *s, uint32_t id)
{
    const struct greatest *g = s->g;
    bool too_late = id == g->failed_stay && g->failed == g->taker[id];
    return (too_late ? g->times[g->failed].from : g->zones[id].to) - 1;
}

static enum err_code try_takers(struct trial *s, enum taking *found, struct err *err);

/* One of `lost` must leave sooner than it does. */
static enum err_code try_each(struct trial *s, const uint32_t *lost, const uint32_t *bounds,
                              uint32_t count, enum taking *found, struct err *err)
{
    *found = TAKING_IMPOSSIBLE;
    for (uint32_t i = 0; i < count; i++) {
        enum taking one;
        uint32_t before = s->leave_by[lost[i]];
        if (bounds[i] >= before)
            continue; /* nothing new: it was too late for itself */
        s->leave_by[lost[i]] = bounds[i];
        enum err_code code = try_takers(s, &one, err);
        s->leave_by[lost[i]] = before;
        if (code)
            return code;
        if (one != TAKING_IMPOSSIBLE)
            *found = one;
        if (one == TAKING_FOUND)
            return ERR_OK;
    }
    return ERR_OK;
}

static enum err_code try_takers(struct trial *s, enum taking *found, struct err *err)
{
    *found = TAKING_IMPOSSIBLE;
    if (!assign(s))
        return ERR_OK;
    *found = TAKING_UNKNOWN;
    if (s->tries_left == 0)
        return ERR_OK;
    s->tries_left--;
    if (greatest_place(s->g, s->budget, s->order, s->order_count)) {
        *found = TAKING_FOUND;
        return ERR_OK;
    }
    if (s->budget->why)
        return ERR_OK;
    uint32_t count = s->deadlines->count, blamed;
    uint32_t *lost = arena_array(s->work, (size_t)count + 1, sizeof *lost);
    uint32_t *bounds = arena_array(s->work, (size_t)count + 1, sizeof *bounds);
    bool known;
    if (!lost || !bounds)
        return err_set(err, ERR_NOMEM, "priority queue: out of memory");
    enum err_code code = priority_queue_blame(s->g, s->budget, lost, &blamed, &known, err);
    if (code || !known)
        return code;
    for (uint32_t i = 0; i < blamed; i++)
        bounds[i] = sooner(s, lost[i]);
    return try_each(s, lost, bounds, blamed, found, err);
}

enum err_code priority_queue_take(struct greatest *g, const struct greatest_deadlines *d,
                                  struct budget *budget, struct arena *work, enum taking *found,
                                  struct placed *order, uint32_t *order_count, struct err *err)
{
    uint32_t tries = PLACED_MAX / (g->value_count + 1) + 1;
    struct trial s = {.g = g,
                      .budget = budget,
                      .work = work,
                      .deadlines = d,
                      .tries_left = tries < TRIES_MAX ? tries : TRIES_MAX,
                      .order = order,
                      .order_count = order_count};
    s.leave_by = arena_array(work, g->stays->count, sizeof *s.leave_by);
    s.keyed = arena_array(work, 2 * (size_t)d->count, sizeof *s.keyed);
    if (!s.leave_by || !s.keyed)
        return err_set(err, ERR_NOMEM, "priority queue: out of memory");
    for (uint32_t i = 0; i < d->count; i++) {
        uint32_t id = d->soonest_first[i], instant = d->of[id].instant;
        s.leave_by[id] = instant < g->never ? instant : g->never + 1;
    }
    g->leave_by = s.leave_by;
    return try_takers(&s, found, err);
}
