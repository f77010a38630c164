/* Contents: one object · all of them · what is kept */
#include "checker/rulings.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/work.h"

enum { OPS_WORTH_A_THREAD = 20000 };

/* What one thread needs and nobody else touches. */
struct desk {
    struct arena arena; /* texts and orders of its rulings */
    /* The first object that it found impossible: its decision, and what that is in. */
    size_t first;
    struct decision decision;
    struct arena kept;
};

struct court {
    const struct objects *objects;
    const struct rulings_plan *plan;
    const struct budget *budget;
    struct ruling *rulings;
    size_t *sequence; /* in which objects are taken */
    struct desk desks[WORKERS_MAX];
    atomic_size_t first_impossible;
    bool is_shared; /* by several threads: who lacks memory will be judged again */
};

/* --- one object --- */

/* A decision says more than a ruling, and takes more room: that of the first impossible
 * object is kept. */
static void note_impossible(struct court *c, struct desk *desk, size_t object,
                            const struct decision *d, struct arena *keep)
{
    if (object < desk->first) {
        arena_done(&desk->kept);
        desk->first = object;
        desk->decision = *d;
        desk->kept = *keep;
        *keep = (struct arena){.memory = keep->memory};
    }
    size_t first = atomic_load(&c->first_impossible);
    while (object < first &&
           !atomic_compare_exchange_weak(&c->first_impossible, &first, object))
        ;
}

/* What of a decision outlives it. */
static bool rule(const struct court *c, struct ruling *r, const struct decision *d,
                 struct arena *arena)
{
    const struct finding *f = &d->finding;
    *r = (struct ruling){
        .by = d->by, .is_our_fault = d->is_our_fault, .lacked_memory = f->lacked_memory};
    for (size_t i = 0; i < d->spent_count; i++)
        r->steps += d->spent[i].steps;
    r->value = f->value == FINDING_ORDER      ? RULING_POSSIBLE
               : f->value == FINDING_NO_ORDER ? RULING_IMPOSSIBLE
                                              : RULING_GAVE_UP;
    if (r->value == RULING_GAVE_UP) {
        bool is_for_now = c->is_shared && r->lacked_memory;
        r->why = is_for_now ? NO_MEMORY_LEFT : arena_copy_text(arena, f->why);
        return r->why != NULL;
    }
    if (r->value == RULING_IMPOSSIBLE || !c->plan->keep_orders)
        return true;
    r->order_count = f->order_count;
    r->order = arena_array(arena, f->order_count, sizeof *r->order);
    if (r->order && f->order_count > 0)
        memcpy(r->order, f->order, f->order_count * sizeof *r->order);
    return r->order != NULL;
}

/* Budgets cannot be shared by threads: each object gets one of its own. */
static void decide(struct court *c, size_t object, struct arena *keep, struct decision *d)
{
    struct budget own = *c->budget;
    struct problem p =
        objects_problem(&c->objects->all[object], c->plan->model, c->plan->initial);
    (void)budget_begin(&own);
    portfolio_decide(&p, &own, keep, d);
}

static void judge(struct court *c, struct desk *desk, size_t object)
{
    struct arena keep = {.memory = c->budget->memory};
    struct decision d;
    struct ruling *r = &c->rulings[object];
    decide(c, object, &keep, &d);
    if (!rule(c, r, &d, &desk->arena))
        *r = (struct ruling){
            .value = RULING_GAVE_UP, .why = NO_MEMORY_LEFT, .lacked_memory = true};
    if (r->value == RULING_IMPOSSIBLE)
        note_impossible(c, desk, object, &d, &keep);
    arena_done(&keep);
}

static void judge_one(void *user, unsigned worker, size_t index)
{
    struct court *c = user;
    size_t object = c->sequence[index];
    if (c->plan->stop_at_once && object > atomic_load(&c->first_impossible))
        return;
    judge(c, &c->desks[worker], object);
}

/* --- all of them --- */

struct sized {
    size_t object, count;
};

static int largest_first(const void *a, const void *b)
{
    const struct sized *x = a, *y = b;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return x->object < y->object ? -1 : x->object > y->object;
}

/* The largest first, so that no thread is left with it in the end; in their own order
 * where the first violation is the end. */
static bool put_in_sequence(struct court *c, struct arena *arena)
{
    size_t count = c->objects->count;
    struct sized *sized = arena_array(arena, count, sizeof *sized);
    c->sequence = arena_array(arena, count, sizeof *c->sequence);
    if (!sized || !c->sequence)
        return false;
    for (size_t i = 0; i < count; i++)
        sized[i] = (struct sized){i, c->objects->all[i].count};
    if (!c->plan->stop_at_once && count > 1)
        qsort(sized, count, sizeof *sized, largest_first);
    for (size_t i = 0; i < count; i++)
        c->sequence[i] = sized[i].object;
    return true;
}

/* Only the decision of the first impossible object is asked for. */
static void forget_others(struct court *c)
{
    for (unsigned i = 0; i < WORKERS_MAX; i++) {
        struct desk *desk = &c->desks[i];
        if (desk->first == atomic_load(&c->first_impossible))
            continue;
        arena_done(&desk->kept);
        desk->first = SIZE_MAX;
    }
}

/* What several had too little memory for together, one alone may have enough for. */
static void judge_again(struct court *c)
{
    c->is_shared = false;
    for (size_t i = 0; i < c->objects->count; i++) {
        if (!c->rulings[c->sequence[i]].lacked_memory)
            continue;
        forget_others(c);
        judge_one(c, 0, i);
    }
}

static void judge_all(struct court *c)
{
    bool worth = c->objects->op_count >= OPS_WORTH_A_THREAD;
    unsigned jobs = worth ? c->plan->jobs : 1;
    c->is_shared = jobs > 1 && c->objects->count > 1;
    work_share(jobs, c->objects->count, judge_one, c);
    if (c->is_shared)
        judge_again(c);
}

/* --- what is kept --- */

/* Texts and orders move to `arena`. */
static bool collect(struct court *c, struct arena *arena)
{
    for (size_t i = 0; i < c->objects->count; i++) {
        struct ruling *r = &c->rulings[i];
        bool is_behind = c->plan->stop_at_once && i > atomic_load(&c->first_impossible);
        if (is_behind)
            *r = (struct ruling){0};
        if (r->why && !(r->why = arena_copy_text(arena, r->why)))
            return false;
        if (!r->order)
            continue;
        uint32_t *order = arena_array(arena, r->order_count, sizeof *order);
        if (!order)
            return false;
        if (r->order_count > 0)
            memcpy(order, r->order, r->order_count * sizeof *order);
        r->order = order;
    }
    return true;
}

/* The decision of the first impossible object moves to `out`; all else goes. */
static void close_desks(struct court *c, struct rulings *out)
{
    for (unsigned i = 0; i < WORKERS_MAX; i++) {
        struct desk *desk = &c->desks[i];
        if (desk->first == out->first_impossible && desk->first != SIZE_MAX) {
            out->decision = desk->decision;
            out->kept = desk->kept;
        } else {
            arena_done(&desk->kept);
        }
        arena_done(&desk->arena);
    }
}

enum err_code rulings_make(const struct objects *objects, const struct rulings_plan *plan,
                           const struct budget *budget, struct arena *arena,
                           struct rulings *out, struct err *err)
{
    *out = (struct rulings){.first_impossible = SIZE_MAX};
    struct court *c = arena_alloc(arena, sizeof *c);
    out->all = arena_array(arena, objects->count, sizeof *out->all);
    if (!c || !out->all)
        return err_set(err, ERR_NOMEM, "rulings: out of memory");
    c->objects = objects;
    c->plan = plan;
    c->budget = budget;
    c->rulings = out->all;
    for (unsigned i = 0; i < WORKERS_MAX; i++)
        c->desks[i] = (struct desk){.arena = {.memory = budget->memory}, .first = SIZE_MAX};
    atomic_init(&c->first_impossible, SIZE_MAX);
    bool ready = put_in_sequence(c, arena);
    if (ready) {
        judge_all(c);
        ready = collect(c, arena);
    }
    out->first_impossible = atomic_load(&c->first_impossible);
    close_desks(c, out);
    return ready ? ERR_OK : err_set(err, ERR_NOMEM, "rulings: out of memory");
}

void rulings_done(struct rulings *r)
{
    arena_done(&r->kept);
}
