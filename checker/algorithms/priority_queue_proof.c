/* Contents: covers · reasons · sentences · shortage */
#include "checker/algorithms/priority_queue_parts.h"

#include "checker/algorithms/proof.h"

/* Past this many looks through all zones, a proof is not worth its time. */
enum { LOOKS_MAX = 1000 };

struct reasoning {
    const struct greatest *g;
    struct budget *budget;
    struct proof proof;
    uint32_t *rank;   /* by stay */
    uint32_t *agenda; /* stays whose zones are to be shown */
    bool *on_agenda;
    uint32_t count;
    unsigned looks_left;
    uint32_t first_cover, cover_count; /* of the last cover that was shown */
};

static enum err_code no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "priority queue: out of memory");
}

static bool prepare(struct reasoning *r, const struct greatest *g, struct budget *budget,
                    struct arena *work)
{
    *r = (struct reasoning){.g = g, .budget = budget, .looks_left = LOOKS_MAX};
    r->rank = arena_array(work, g->stays->count, sizeof *r->rank);
    r->agenda = arena_array(work, g->stays->count, sizeof *r->agenda);
    r->on_agenda = arena_array(work, g->stays->count, sizeof *r->on_agenda);
    if (!r->rank || !r->agenda || !r->on_agenda || !proof_init(&r->proof, work, g->p->count))
        return false;
    for (uint32_t i = 0; i < g->value_count; i++)
        r->rank[g->by_value[i]] = i;
    return true;
}

/* Empty answers come after all values. */
static uint32_t rank_of(const struct reasoning *r, uint32_t stay)
{
    return r->g->stays->all[stay].empty ? r->g->value_count : r->rank[stay];
}

/* --- covers --- */

/* Of the zones of greater values that cover `instant`, the one that lasts longest (or,
 * going back, that begins first), or STAY_NOBODY. */
static uint32_t widest(const struct reasoning *r, uint32_t rank, uint32_t instant)
{
    uint32_t found = STAY_NOBODY;
    for (uint32_t i = 0; i < rank; i++) {
        uint32_t id = r->g->by_value[i];
        const struct period *zone = &r->g->zones[id];
        if (zone->from < instant && instant < zone->to &&
            (found == STAY_NOBODY || zone->to > r->g->zones[found].to))
            found = id;
    }
    return found;
}

/* Put zones of values greater than that of `rank` on the agenda that cover `from` to
 * `to`, which they do; false when that takes too long. */
static bool show_cover(struct reasoning *r, uint32_t rank, uint32_t from, uint32_t to)
{
    r->cover_count = 0;
    while (from <= to) {
        if (r->looks_left == 0 || !budget_spend(r->budget, rank))
            return false;
        r->looks_left--;
        uint32_t id = widest(r, rank, from);
        if (r->cover_count++ == 0)
            r->first_cover = id;
        if (!r->on_agenda[id])
            r->agenda[r->count++] = id;
        r->on_agenda[id] = true;
        from = r->g->zones[id].to;
    }
    return true;
}

/* --- reasons --- */

static uint32_t latest(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* Why somebody who saw a value cannot have been there sooner, or later. */
static bool show_from(struct reasoning *r, const struct stay *stay, uint32_t rank, uint32_t op)
{
    const struct period *times = r->g->times;
    proof_add(&r->proof, op);
    proof_add(&r->proof, stay->enter);
    uint32_t called = latest(times[op].from, times[stay->enter].from);
    return show_cover(r, rank, called, r->g->narrowed[op].from - 1);
}

static bool show_to(struct reasoning *r, const struct stay *stay, uint32_t rank, uint32_t op)
{
    proof_add(&r->proof, op);
    proof_add(&r->proof, stay->enter);
    return show_cover(r, rank, r->g->narrowed[op].to + 1, r->g->times[op].to);
}

/* Who of those who saw it makes the zone begin so early or last so long; STAY_NOBODY:
 * the entry does. */
static uint32_t first_to_see(const struct reasoning *r, uint32_t id)
{
    const struct stay *stay = &r->g->stays->all[id];
    const struct period *narrowed = r->g->narrowed;
    uint32_t found = stay->leave;
    for (uint32_t op = stay->peek; op != STAY_NOBODY; op = r->g->stays->next_peek[op])
        if (found == STAY_NOBODY || narrowed[op].to < narrowed[found].to)
            found = op;
    bool entry = found == STAY_NOBODY || r->g->times[stay->enter].to <= narrowed[found].to;
    return entry ? STAY_NOBODY : found;
}

static uint32_t last_to_see(const struct reasoning *r, uint32_t id)
{
    const struct stay *stay = &r->g->stays->all[id];
    const struct period *narrowed = r->g->narrowed;
    uint32_t found = stay->leave;
    for (uint32_t op = stay->peek; op != STAY_NOBODY; op = r->g->stays->next_peek[op])
        if (found == STAY_NOBODY || narrowed[op].from > narrowed[found].from)
            found = op;
    return found;
}

static bool show_begin(struct reasoning *r, uint32_t id)
{
    const struct stay *stay = &r->g->stays->all[id];
    uint32_t op = first_to_see(r, id);
    proof_add(&r->proof, stay->enter);
    proof_add(&r->proof, stay->leave);
    return op == STAY_NOBODY || show_to(r, stay, rank_of(r, id), op);
}

/* Why whoever takes a lost value cannot do so sooner: he himself is no part of it. */
static bool show_taken(struct reasoning *r, uint32_t id)
{
    const struct greatest *g = r->g;
    uint32_t entered = g->times[g->stays->all[id].enter].from;
    uint32_t called = latest(g->times[g->taker[id]].from, entered);
    return show_cover(r, rank_of(r, id), called, g->taken[id].from - 1);
}

static bool show_end(struct reasoning *r, uint32_t id)
{
    const struct greatest *g = r->g;
    const struct stay *stay = &g->stays->all[id];
    uint32_t op = last_to_see(r, id);
    if (op != STAY_NOBODY && !show_from(r, stay, rank_of(r, id), op))
        return false;
    return !stay_is_lost(stay) || g->taker[id] == STAY_NOBODY || show_taken(r, id);
}

static bool show_agenda(struct reasoning *r)
{
    for (uint32_t i = 0; i < r->count; i++)
        if (!show_begin(r, r->agenda[i]) || !show_end(r, r->agenda[i]))
            return false;
    return true;
}

static enum err_code give(struct reasoning *r, bool shown, const char *claim,
                          struct arena *keep, struct finding *out, struct err *err)
{
    if (shown)
        return proof_give(&r->proof, claim, keep, out, err);
    *out = (struct finding){.value = FINDING_NO_ORDER};
    return ERR_OK;
}

/* --- sentences --- */

static const char *claim_covered(struct reasoning *r, struct arena *keep)
{
    proof_cast(&r->proof, r->g->failed);
    proof_cast(&r->proof, r->g->stays->all[r->first_cover].enter);
    if (r->cover_count == 1)
        return arena_copy_text(keep,
                               "{0.who} {0.deed}, called at {0.called}, though {1.value}, "
                               "which is greater, was there until it returned at "
                               "{0.returned}");
    return arena_format(keep,
                        "{0.who} {0.deed}, called at {0.called}, though one or another of %u "
                        "greater values was there until it returned at {0.returned}, first "
                        "{1.value}",
                        r->cover_count);
}

static const char *claim_squeezed(struct reasoning *r, struct arena *keep)
{
    proof_cast(&r->proof, r->g->failed);
    proof_cast(&r->proof, r->g->stays->all[r->g->failed_stay].enter);
    return arena_copy_text(keep, "{0.who} {0.deed}, but whenever {1.value} can have been there "
                                 "until then, a greater value was there, too");
}

/* Why g->failed has no place, but for the zones of others. */
static bool show_failed(struct reasoning *r)
{
    const struct greatest *g = r->g;
    uint32_t op = g->failed, id = g->failed_stay;
    const struct stay *stay = &g->stays->all[id];
    const struct period *times = &g->times[op], *narrowed = &g->narrowed[op];
    if (op == g->taker[id])
        return show_end(r, id);
    proof_add(&r->proof, stay->enter);
    proof_add(&r->proof, stay->leave);
    if (narrowed->from <= narrowed->to) /* he saw what must have been taken by then */
        return show_from(r, stay, rank_of(r, id), op) &&
               show_to(r, stay, rank_of(r, id), stay->leave);
    uint32_t called = latest(times->from, g->times[stay->enter].from);
    return show_cover(r, rank_of(r, id), called, times->to);
}

static bool is_covered(const struct greatest *g)
{
    const struct period *narrowed = &g->narrowed[g->failed];
    return narrowed->from > narrowed->to &&
           g->times[g->failed].from >= g->times[g->stays->all[g->failed_stay].enter].from;
}

enum err_code priority_queue_refute(const struct greatest *g, struct budget *budget,
                                    struct arena *work, struct arena *keep, struct finding *out,
                                    struct err *err)
{
    struct reasoning r;
    if (!prepare(&r, g, budget, work))
        return no_memory(err);
    bool shown = show_failed(&r);
    const char *claim =
        shown && is_covered(g) ? claim_covered(&r, keep) : claim_squeezed(&r, keep);
    if (!claim)
        return no_memory(err);
    return give(&r, shown && show_agenda(&r), claim, keep, out, err);
}

enum err_code priority_queue_blame(const struct greatest *g, struct budget *budget,
                                   uint32_t *lost, uint32_t *count, bool *known,
                                   struct err *err)
{
    struct arena work = {.memory = budget->memory};
    struct reasoning r;
    *count = 0;
    *known = false;
    bool ready = prepare(&r, g, budget, &work);
    if (ready) {
        *known = show_failed(&r) && show_agenda(&r);
        if (g->failed == g->taker[g->failed_stay])
            lost[(*count)++] = g->failed_stay;
        for (uint32_t i = 0; i < r.count; i++)
            if (stay_is_lost(&g->stays->all[r.agenda[i]]))
                lost[(*count)++] = r.agenda[i];
    }
    arena_done(&work);
    return ready ? ERR_OK : no_memory(err);
}

/* --- shortage --- */

/* Why a lost value must have left by its deadline: when it was there, and who saw what
 * is less. */
static bool show_deadline(struct reasoning *r, const struct greatest_deadlines *d, uint32_t id)
{
    const struct greatest *g = r->g;
    for (;;) {
        uint32_t lesser = d->of[id].lesser, op = d->of[id].op;
        const struct stay *stay = &g->stays->all[lesser];
        if (!show_begin(r, id))
            return false;
        proof_add(&r->proof, stay->leave);
        if (op != STAY_NOBODY)
            return show_from(r, stay, rank_of(r, lesser), op) &&
                   show_to(r, stay, rank_of(r, lesser), op);
        if (!show_end(r, lesser))
            return false;
        id = lesser;
    }
}

static enum err_code give_shortage(struct reasoning *r, const struct greatest_deadlines *d,
                                   uint32_t count, struct arena *keep, struct finding *out,
                                   struct err *err)
{
    const struct stays *stays = r->g->stays;
    bool shown = true;
    proof_cast(&r->proof, stays->all[d->soonest_first[count - 1]].enter);
    for (uint32_t i = 0; i < count && shown; i++)
        shown = show_deadline(r, d, d->soonest_first[i]);
    /* Of the polls called later none can help. */
    for (uint32_t i = 0; i + 1 < count; i++)
        proof_add(&r->proof, stays->takers[i]);
    const char *claim =
        count == 1
            ? arena_copy_text(keep, "{0.value}, which {0.who} had inserted, was passed over, "
                                    "and there was nobody who can have taken it")
            : arena_format(keep,
                           "%u values were passed over, the last of them {0.value}, and only "
                           "%u unanswered polls can have taken them",
                           count, count - 1);
    if (!claim)
        return no_memory(err);
    return give(r, shown && show_agenda(r), claim, keep, out, err);
}

enum err_code priority_queue_refute_shortage(const struct greatest *g,
                                             const struct greatest_deadlines *d,
                                             struct budget *budget, struct arena *work,
                                             struct arena *keep, bool *found,
                                             struct finding *out, struct err *err)
{
    const struct stays *stays = g->stays;
    struct reasoning r;
    *found = false;
    for (uint32_t i = 0; i < d->count && !*found; i++) {
        uint32_t instant = d->of[d->soonest_first[i]].instant;
        if (instant == g->never)
            return ERR_OK;
        if (i < stays->taker_count && g->times[stays->takers[i]].from <= instant)
            continue;
        *found = true;
        if (!prepare(&r, g, budget, work))
            return no_memory(err);
        return give_shortage(&r, d, i + 1, keep, out, err);
    }
    return ERR_OK;
}
