#include "checker/algorithms/chain.h"

#include <assert.h>

#include "checker/algorithms/heap.h"
#include "checker/algorithms/moments.h"
#include "checker/algorithms/proof.h"

struct sweep {
    const struct chain *c;
    const struct timed_op *ops;
    uint32_t level; /* places filled */
    bool *called, *done;
    struct heap pool[CHAIN_CLASSES];
    uint32_t *first_look; /* by level: those that wait for it, plus one */
    uint32_t *next_look;  /* by operation, plus one */
    uint32_t *forced_by;  /* by place: whose return filled it */
    uint32_t *order;
    size_t order_count;
    struct chain_failure *failure;
};

bool chain_init(struct chain *c, const struct problem *p, uint32_t place_count,
                struct arena *arena)
{
    c->p = p;
    c->place_count = place_count;
    c->parts = arena_array(arena, p->count + 1, sizeof *c->parts);
    c->places = arena_array(arena, (size_t)place_count + 1, sizeof *c->places);
    if (!c->parts || !c->places)
        return false;
    for (size_t i = 0; i <= place_count; i++)
        c->places[i] = (struct chain_place){CHAIN_NOBODY, CHAIN_NOBODY, CHAIN_FIRST};
    return true;
}

static bool sweep_init(struct sweep *s, const struct chain *c, struct arena *work,
                       struct arena *keep)
{
    size_t ops = c->p->count, places = (size_t)c->place_count + 1;
    s->c = c;
    s->ops = c->p->ops;
    s->called = arena_array(work, ops + 1, sizeof *s->called);
    s->done = arena_array(work, ops + 1, sizeof *s->done);
    s->first_look = arena_array(work, places, sizeof *s->first_look);
    s->next_look = arena_array(work, ops + 1, sizeof *s->next_look);
    s->forced_by = arena_array(work, places, sizeof *s->forced_by);
    s->order = arena_array(keep, ops + 1, sizeof *s->order);
    bool ready =
        s->called && s->done && s->first_look && s->next_look && s->forced_by && s->order;
    for (int class = 0; class < CHAIN_CLASSES; class ++)
        ready = ready && heap_init(&s->pool[class], work, ops);
    return ready;
}

static void happen(struct sweep *s, uint32_t op)
{
    assert(!s->done[op]);
    s->done[op] = true;
    s->order[s->order_count++] = op;
}

static bool fail(struct sweep *s, enum chain_reason reason, uint32_t by, uint32_t owner)
{
    *s->failure =
        (struct chain_failure){.reason = reason, .by = by, .owner = owner, .place = s->level};
    return false;
}

/* One who returns must fill some place, one who never does may fill any: so of those
 * two kinds, the spare is used between them at the latest. */
static uint32_t from_pool(struct sweep *s, const struct chain_place *place)
{
    bool spare = place->spare != CHAIN_NOBODY && s->called[place->spare];
    if (place->class >= CHAIN_CLASSES)
        return CHAIN_NOBODY;
    struct heap *pool = &s->pool[place->class];
    bool has_due = pool->count > 0 && s->ops[heap_first(pool)].op.answered;
    if (spare && (s->c->spares_first || !has_due))
        return place->spare;
    return pool->count > 0 ? heap_take(pool) : CHAIN_NOBODY;
}

static void let_look(struct sweep *s)
{
    for (uint32_t next = s->first_look[s->level]; next > 0; next = s->next_look[next - 1])
        happen(s, next - 1);
}

/* Fill the next place, because `by` returns. */
static bool advance(struct sweep *s, uint32_t by)
{
    if (s->level == s->c->place_count)
        return fail(s, CHAIN_NO_ONE, by, CHAIN_NOBODY);
    const struct chain_place *place = &s->c->places[s->level];
    uint32_t op = place->owner;
    if (op != CHAIN_NOBODY && !s->called[op])
        return fail(s, CHAIN_LATE, by, op);
    if (op == CHAIN_NOBODY)
        op = from_pool(s, place);
    if (op == CHAIN_NOBODY)
        return fail(s, CHAIN_NO_ONE, by, CHAIN_NOBODY);
    happen(s, op);
    s->forced_by[s->level++] = by;
    let_look(s);
    return true;
}

static bool call_look(struct sweep *s, uint32_t op)
{
    const struct chain_part *part = &s->c->parts[op];
    if (s->level > part->high)
        return fail(s, CHAIN_PASSED, op, s->forced_by[part->high]);
    if (s->level >= part->low)
        happen(s, op);
    else if (part->low <= s->c->place_count) {
        s->next_look[op] = s->first_look[part->low];
        s->first_look[part->low] = op + 1;
    } /* else it waits for ever */
    return true;
}

static bool call(struct sweep *s, uint32_t op)
{
    const struct chain_part *part = &s->c->parts[op];
    s->called[op] = true;
    switch (part->role) {
    case CHAIN_FREE: happen(s, op); return true;
    case CHAIN_POOL: heap_push(&s->pool[part->low], s->ops[op].returned_at_ns, op); return true;
    case CHAIN_LOOK: return call_look(s, op);
    case CHAIN_PLACE:
    case CHAIN_NEVER: break;
    }
    return true;
}

static bool moment(struct sweep *s, struct moment m)
{
    if (!m.is_return)
        return call(s, m.op);
    while (!s->done[m.op] && s->c->parts[m.op].role != CHAIN_NEVER)
        if (!advance(s, m.op))
            return false;
    return true;
}

static enum err_code no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "chain: out of memory");
}

/* Those called so far that change something, and those whose return filled a place:
 * with them alone the sweep would have come to the same end. */
static enum err_code refuse(const struct sweep *s, struct arena *work, struct arena *keep,
                            struct finding *out, struct err *err)
{
    size_t count = s->c->p->count;
    struct proof proof;
    if (!proof_init(&proof, work, count))
        return no_memory(err);
    for (uint32_t i = 0; i < count; i++) {
        enum chain_role role = s->c->parts[i].role;
        if (s->called[i] && (role == CHAIN_PLACE || role == CHAIN_POOL))
            proof_add(&proof, i);
    }
    for (uint32_t i = 0; i < s->level; i++)
        proof_add(&proof, s->forced_by[i]);
    proof_add(&proof, s->failure->by);
    proof_add(&proof, s->failure->owner);
    for (size_t i = 0; i < count; i++)
        if (proof.in[i] && s->c->parts[i].because > 0)
            proof_add(&proof, s->c->parts[i].because - 1);
    return proof_give(&proof, NULL, keep, out, err);
}

enum err_code chain_decide(const struct chain *c, struct budget *budget, struct arena *work,
                           struct arena *keep, struct finding *out,
                           struct chain_failure *failure, struct err *err)
{
    struct moments time;
    struct sweep s = {.failure = failure};
    *out = (struct finding){.value = FINDING_ORDER};
    if (!moments_make(c->p, work, &time) || !sweep_init(&s, c, work, keep))
        return no_memory(err);
    for (size_t i = 0; i < time.count; i++) {
        if (!budget_spend(budget, 1)) {
            *out = (struct finding){.value = FINDING_GAVE_UP, .why = budget->why};
            return ERR_OK;
        }
        if (!moment(&s, time.at[i]))
            return refuse(&s, work, keep, out, err);
    }
    out->order = s.order;
    out->order_count = s.order_count;
    return ERR_OK;
}
