/* Contents: instants · free instants · one value · empty answers · all */
#include "checker/algorithms/greatest.h"

#include <assert.h>

#include "checker/algorithms/radix.h"

/* --- instants --- */

static uint64_t time_key(int64_t at_ns)
{
    return (uint64_t)at_ns ^ UINT64_C(1) << 63;
}

/* Calls ascend already; returns are merged with them. Instant 0 is before all. */
static void count_instants(struct greatest *g, const struct keyed *returns)
{
    const struct timed_op *ops = g->p->ops;
    uint32_t instant = 0;
    int64_t now_ns = 0;
    for (size_t call = 0, ret = 0; ret < g->p->count;) {
        bool calls = call < g->p->count &&
                     ops[call].called_at_ns <= ops[returns[ret].item].returned_at_ns;
        int64_t at_ns = calls ? ops[call].called_at_ns : ops[returns[ret].item].returned_at_ns;
        if (at_ns != INT64_MAX && (instant == 0 || at_ns != now_ns))
            instant++;
        now_ns = at_ns;
        if (calls)
            g->times[call++].from = instant;
        else
            g->times[returns[ret++].item].to = instant;
    }
    g->never = instant + 1;
    for (size_t i = 0; i < g->p->count; i++)
        if (ops[i].returned_at_ns == INT64_MAX)
            g->times[i].to = g->never;
}

static void sort_values(struct greatest *g, struct keyed *keyed)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < g->stays->count; i++) {
        const struct stay *stay = &g->stays->all[i];
        if (!stay->absent && !stay->empty)
            keyed[count++] = (struct keyed){.key = ~time_key(stay->value), .item = i};
    }
    radix_sort(keyed, keyed + count, count);
    for (uint32_t i = 0; i < count; i++)
        g->by_value[i] = keyed[i].item;
    g->value_count = count;
}

enum err_code greatest_init(struct greatest *g, const struct problem *p,
                            const struct stays *stays, struct arena *work, struct err *err)
{
    *g = (struct greatest){.p = p, .stays = stays};
    struct keyed *keyed = arena_array(work, 2 * p->count, sizeof *keyed);
    g->by_value = arena_array(work, stays->count, sizeof *g->by_value);
    g->times = arena_array(work, p->count, sizeof *g->times);
    g->taker = arena_array(work, stays->count, sizeof *g->taker);
    g->narrowed = arena_array(work, p->count, sizeof *g->narrowed);
    g->taken = arena_array(work, stays->count, sizeof *g->taken);
    g->zones = arena_array(work, stays->count, sizeof *g->zones);
    g->next_free = arena_array(work, 2 * p->count + 3, sizeof *g->next_free);
    g->last_free = arena_array(work, 2 * p->count + 3, sizeof *g->last_free);
    if (!keyed || !g->by_value || !g->times || !g->taker || !g->narrowed || !g->taken ||
        !g->zones || !g->next_free || !g->last_free)
        return err_set(err, ERR_NOMEM, "priority queue: out of memory");
    for (uint32_t i = 0; i < p->count; i++)
        keyed[i] = (struct keyed){.key = time_key(p->ops[i].returned_at_ns), .item = i};
    radix_sort(keyed, keyed + p->count, p->count);
    count_instants(g, keyed);
    sort_values(g, keyed);
    for (uint32_t i = 0; i < stays->count; i++)
        g->taker[i] = STAY_NOBODY;
    return ERR_OK;
}

/* --- free instants --- */

static uint32_t nearest(uint32_t *free, uint32_t at)
{
    while (free[at] != at) {
        free[at] = free[free[at]];
        at = free[at];
    }
    return at;
}

static uint32_t next_free(struct greatest *g, uint32_t at)
{
    return nearest(g->next_free, at);
}

static uint32_t last_free(struct greatest *g, uint32_t at)
{
    return nearest(g->last_free, at);
}

static void occupy(struct greatest *g, struct period zone)
{
    for (uint32_t at = next_free(g, zone.from + 1); at < zone.to; at = next_free(g, at)) {
        g->next_free[at] = at + 1;
        g->last_free[at] = at - 1;
    }
}

/* --- one value --- */

/* A value, its zone so far, and who may be at which time within it. */
struct value {
    struct greatest *g;
    const struct stay *stay;
    uint32_t id;    /* of the stay */
    uint32_t rank;  /* from 0, the greatest */
    uint32_t leave; /* who was told it and took it, or its taker, or STAY_NOBODY */
    struct placed *order;
    uint32_t *order_count;
};

static void widen(struct period *zone, struct period by)
{
    if (by.to < zone->from)
        zone->from = by.to;
    if (by.from > zone->to)
        zone->to = by.from;
}

static struct period *narrowed(struct value *v, uint32_t op)
{
    bool takes = op == v->leave && op != v->stay->leave;
    return takes ? &v->g->taken[v->id] : &v->g->narrowed[op];
}

static bool fail(struct value *v, uint32_t op)
{
    v->g->failed = op;
    v->g->failed_stay = v->id;
    return false;
}

/* Move an operation out of all zones, and behind its value's entry; false when that
 * leaves it no time. */
static bool narrow(struct value *v, uint32_t op)
{
    struct greatest *g = v->g;
    uint32_t from = g->times[op].from, entered = g->times[v->stay->enter].from;
    struct period *p = narrowed(v, op);
    p->from = next_free(g, from > entered ? from : entered);
    p->to = last_free(g, g->times[op].to);
    return p->from <= p->to || fail(v, op);
}

/* A value that may stay does so if nobody can take it any more. */
static bool narrow_leave(struct value *v)
{
    struct greatest *g = v->g;
    if (v->leave == STAY_NOBODY || narrow(v, v->leave))
        return true;
    if (v->leave == v->stay->leave || !g->leave_by || g->leave_by[v->id] <= g->never)
        return false;
    v->leave = STAY_NOBODY;
    return true;
}

static bool leaves_too_late(const struct value *v, const struct period *zone)
{
    const struct greatest *g = v->g;
    return v->leave != v->stay->leave && g->leave_by && zone->to > g->leave_by[v->id];
}

static bool find_zone(struct value *v, struct period *zone)
{
    struct greatest *g = v->g;
    const struct period *entry = &g->times[v->stay->enter];
    *zone = (struct period){.from = entry->to, .to = entry->from};
    uint32_t leave_by = g->never + 1;
    if (!narrow_leave(v))
        return false;
    if (v->leave != STAY_NOBODY) {
        widen(zone, *narrowed(v, v->leave));
        leave_by = narrowed(v, v->leave)->to;
    } else {
        zone->to = leave_by;
    }
    for (uint32_t op = v->stay->peek; op != STAY_NOBODY; op = g->stays->next_peek[op]) {
        if (!narrow(v, op))
            return false;
        if (g->narrowed[op].from > leave_by)
            return fail(v, op); /* nobody sees a value after it was taken */
        widen(zone, g->narrowed[op]);
    }
    return !leaves_too_late(v, zone) || fail(v, v->leave);
}

/* Within an instant, zones that end there and whoever sees something go by value, the
 * greatest first. Then zones begin, the least first. */
static void put(struct value *v, struct period zone, uint32_t instant, uint32_t op)
{
    uint32_t count = v->g->value_count;
    bool begins = zone.from < zone.to && instant == zone.from;
    uint32_t turn = begins ? 2 * count - v->rank : v->rank;
    v->order[(*v->order_count)++] = (struct placed){.instant = instant, .turn = turn, .op = op};
}

static void put_all(struct value *v, struct period zone)
{
    struct greatest *g = v->g;
    bool at_once = zone.to <= zone.from;
    uint32_t begin = at_once ? zone.to : zone.from;
    put(v, zone, begin, v->stay->enter);
    for (uint32_t op = v->stay->peek; op != STAY_NOBODY; op = g->stays->next_peek[op]) {
        uint32_t from = g->narrowed[op].from;
        put(v, zone, next_free(g, from > begin ? from : begin), op);
    }
    if (v->leave != STAY_NOBODY)
        put(v, zone, zone.to, v->leave);
}

static bool place_value(struct greatest *g, uint32_t rank, struct placed *order,
                        uint32_t *order_count)
{
    uint32_t id = g->by_value[rank];
    const struct stay *stay = &g->stays->all[id];
    struct value v = {.g = g,
                      .stay = stay,
                      .id = id,
                      .rank = rank,
                      .leave = stay_is_lost(stay) ? g->taker[id] : stay->leave,
                      .order = order,
                      .order_count = order_count};
    struct period zone;
    if (!find_zone(&v, &zone))
        return false;
    g->zones[id] = zone;
    if (order)
        put_all(&v, zone);
    occupy(g, zone);
    return true;
}

/* --- empty answers --- */

static bool place_empty(struct greatest *g, uint32_t id, struct placed *order,
                        uint32_t *order_count)
{
    const struct stay *stay = &g->stays->all[id];
    struct value v = {.g = g,
                      .stay = stay,
                      .id = id,
                      .rank = g->value_count,
                      .leave = stay->enter,
                      .order = order,
                      .order_count = order_count};
    if (!narrow(&v, stay->enter))
        return false;
    uint32_t at = g->narrowed[stay->enter].from;
    if (order)
        put(&v, (struct period){at, at}, at, stay->enter);
    return true;
}

/* --- all --- */

bool greatest_place(struct greatest *g, struct budget *budget, struct placed *order,
                    uint32_t *order_count)
{
    g->failed = g->failed_stay = STAY_NOBODY;
    for (uint32_t i = 0; i <= g->never + 1; i++)
        g->next_free[i] = g->last_free[i] = i;
    if (order)
        *order_count = 0;
    for (uint32_t rank = 0; rank < g->value_count; rank++)
        if (!budget_spend(budget, 1) || !place_value(g, rank, order, order_count))
            return false;
    for (uint32_t i = 0; i < g->stays->count; i++)
        if (g->stays->all[i].empty &&
            (!budget_spend(budget, 1) || !place_empty(g, i, order, order_count)))
            return false;
    return true;
}
