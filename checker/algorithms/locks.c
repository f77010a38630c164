/* Turns of a lock are a chain (chain.h): acquire, release, acquire, and so on.
 *
 *   mutex: every acquire may fill any turn of its kind, and so may every release.
 *   fenced-mutex: tokens put the acquires in order, so each fills a place of its own; a
 *   release that names a token fills the place behind it, others any that is left.
 *
 * An acquire whose token nobody knows can be between two others only if there is a token
 * left between theirs. The chain does without it: if that works, it is an order. If it
 * fails for one that has a place, such acquires cannot help, as they would need releases,
 * too, and free nothing. Whether they help a release without a token is not known here.
 * Nor is it always when unanswered releases name tokens and others name none: which of
 * them freed the lock that time may matter, and only two of the choices are tried. */
#include "checker/algorithms/locks.h"

#include <stdlib.h>
#include <string.h>

#include "checker/algorithms/chain.h"
#include "checker/algorithms/refusal.h"
#include "checker/int_map.h"

static const char *const got_late =
    "{0.who} acquired the lock with token {0.result} before {1.who} asked for it, who got "
    "the smaller token {1.result}";
static const char *const came_late =
    "{0.who} {0.deed} by {0.returned}, which comes after the turn of {1.who}, who asked for it "
    "only at {1.called}";
static const char *const got_unreleased =
    "{0.who} acquired the lock before {0.returned}, though all releases that had been asked "
    "for by then were needed to free it for others before";
static const char *const gave_unheld =
    "{0.who} released the lock before {0.returned}, though all that had acquired it by then "
    "were needed for other releases";
static const char *const got_held = "{0.who} acquired the lock before {0.returned}, though it "
                                    "was held, and nobody had released "
                                    "it";
static const char *const gave_free = "{0.who} released the lock before {0.returned}, though it "
                                     "was free, and nobody had acquired "
                                     "it";
static const char *const not_greater =
    "{0.who} acquired the lock with token {0.result}, which was used before the start";
static const char *const given_twice =
    "{0.who} and {1.who} both acquired the lock with token {0.result}";
static const char *const released_twice =
    "{0.who} and {1.who} both released the lock with token {0.argument}";
static const char *const never_given =
    "{0.who} released the lock with token {0.argument}, which nobody had got";

static enum err_code no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "lock: out of memory");
}

/* --- why not, in the words of locks --- */

/* Had anybody asked to do the other thing before `by` returned? */
static bool was_turned(const struct problem *p, uint32_t by)
{
    for (size_t i = 0; i < p->count; i++)
        if (p->ops[i].op.kind != p->ops[by].op.kind &&
            p->ops[i].called_at_ns <= p->ops[by].returned_at_ns)
            return true;
    return false;
}

static void tell(const struct problem *p, const struct chain_failure *f, struct finding *out)
{
    const struct model_op *by = &p->ops[f->by].op;
    out->roles[0] = f->by;
    out->roles[1] = f->owner;
    if (f->reason == CHAIN_LATE)
        out->claim = by->kind == OP_ACQUIRE && p->ops[f->owner].op.kind == OP_ACQUIRE
                         ? got_late
                         : came_late;
    else if (was_turned(p, f->by))
        out->claim = by->kind == OP_ACQUIRE ? got_unreleased : gave_unheld;
    else
        out->claim = by->kind == OP_ACQUIRE ? got_held : gave_free;
}

/* --- mutex --- */

static void give_turns(struct chain *c, bool held)
{
    const struct problem *p = c->p;
    for (size_t i = 0; i < p->count; i++) {
        c->parts[i].role = CHAIN_POOL;
        c->parts[i].low = p->ops[i].op.kind == OP_ACQUIRE ? CHAIN_FIRST : CHAIN_SECOND;
    }
    for (uint32_t i = 0; i < c->place_count; i++)
        c->places[i].class = (i + held) % 2 ? CHAIN_SECOND : CHAIN_FIRST;
}

/* An acquire that nothing overlaps leaves the lock held, whatever was before. So of a
 * proof only what was called from the last such one on is needed; unless one that is
 * unanswered was before it, and may be after it, too. */
static void shorten(const struct problem *p, uint32_t by, struct finding *out)
{
    size_t from = 0;
    int64_t latest_ns = INT64_MIN; /* return of those so far */
    for (size_t i = 0; i < out->proof_count; i++) {
        const struct timed_op *op = &p->ops[out->proof[i]];
        bool last = i + 1 == out->proof_count;
        bool alone = latest_ns < op->called_at_ns &&
                     (last || p->ops[out->proof[i + 1]].called_at_ns > op->returned_at_ns);
        if (alone && op->op.kind == OP_ACQUIRE && out->proof[i] != by)
            from = i;
        if (op->returned_at_ns > latest_ns)
            latest_ns = op->returned_at_ns;
    }
    out->proof += from;
    out->proof_count -= from;
}

static enum err_code decide_mutex(const struct problem *p, bool held, struct budget *budget,
                                  struct arena *work, struct arena *keep, struct finding *out,
                                  struct err *err)
{
    struct chain c;
    struct chain_failure failure;
    if (!chain_init(&c, p, (uint32_t)p->count, work))
        return no_memory(err);
    give_turns(&c, held);
    enum err_code code = chain_decide(&c, budget, work, keep, out, &failure, err);
    if (code || out->value != FINDING_NO_ORDER)
        return code;
    tell(p, &failure, out);
    if (!held)
        shorten(p, failure.by, out);
    return ERR_OK;
}

/* --- fenced-mutex --- */

struct fenced {
    const struct problem *p;
    struct arena *keep;
    struct chain chain;
    struct int_map turn; /* token -> which acquire in order, from 0 */
    uint32_t *acquires;  /* those who were told a token */
    size_t acquire_count;
    int64_t untold_from_ns;   /* the first call of an acquire whose token is not known */
    bool untold_answered;     /* and one of them returned */
    bool has_spare, has_pool; /* releases, see chain.h */
};

static bool got_token(const struct timed_op *op)
{
    return op->op.kind == OP_ACQUIRE && model_op_told(&op->op);
}

static bool any_token(const struct problem *p)
{
    for (size_t i = 0; i < p->count; i++)
        if (got_token(&p->ops[i]) ||
            (p->ops[i].op.kind == OP_RELEASE && p->ops[i].op.argument != OP_NIL))
            return true;
    return false;
}

static int by_token(const void *a, const void *b, void *context)
{
    const struct timed_op *ops = context;
    int64_t x = ops[*(const uint32_t *)a].op.result, y = ops[*(const uint32_t *)b].op.result;
    return x < y ? -1 : x > y;
}

static bool collect(struct fenced *f, struct arena *work)
{
    const struct problem *p = f->p;
    f->acquires = arena_array(work, p->count + 1, sizeof *f->acquires);
    if (!f->acquires || !int_map_init(&f->turn, work, p->count))
        return false;
    f->untold_from_ns = INT64_MAX;
    for (uint32_t i = 0; i < p->count; i++) {
        if (got_token(&p->ops[i]))
            f->acquires[f->acquire_count++] = i;
        else if (p->ops[i].op.kind == OP_ACQUIRE) {
            if (p->ops[i].called_at_ns < f->untold_from_ns)
                f->untold_from_ns = p->ops[i].called_at_ns;
            f->untold_answered |= p->ops[i].op.answered;
        }
    }
    qsort_r(f->acquires, f->acquire_count, sizeof *f->acquires, by_token,
            (void *)(uintptr_t)p->ops);
    return true;
}

/* Each of them has a turn of its own; two of one token, or one too small, have none. */
static enum err_code place_acquires(struct fenced *f, struct finding *out, struct err *err)
{
    const struct timed_op *ops = f->p->ops;
    if (f->acquire_count > 0 && ops[f->acquires[0]].op.result <= f->p->initial)
        return refuse_one(not_greater, f->acquires[0], f->keep, out, err);
    for (uint32_t i = 0; i < f->acquire_count; i++) {
        uint32_t op = f->acquires[i];
        if (i > 0 && ops[op].op.result == ops[f->acquires[i - 1]].op.result)
            return refuse_two(given_twice, f->acquires[i - 1], op, f->keep, out, err);
        (void)int_map_put(&f->turn, ops[op].op.result, i);
        f->chain.parts[op] = (struct chain_part){.role = CHAIN_PLACE, .low = 2 * i};
        f->chain.places[2 * i].owner = op;
        f->chain.places[2 * i + 1].class = CHAIN_SECOND;
    }
    return ERR_OK;
}

/* Of those that name a token, one that returned owns the place behind it; of others one
 * is its spare, and further ones never happen. */
static enum err_code place_release(struct fenced *f, uint32_t op, struct finding *out,
                                   struct err *err)
{
    const struct timed_op *release = &f->p->ops[op];
    struct chain_part *part = &f->chain.parts[op];
    *part = (struct chain_part){.role = CHAIN_POOL, .low = CHAIN_SECOND};
    if (release->op.argument == OP_NIL) {
        f->has_pool = true;
        return ERR_OK;
    }
    const uint32_t *turn = int_map_get(&f->turn, release->op.argument);
    part->role = CHAIN_NEVER;
    if (!turn && !release->op.answered)
        return ERR_OK;
    if (!turn && f->untold_from_ns <= release->returned_at_ns)
        return ERR_OK; /* perhaps the token of one who was not told */
    if (!turn)
        return refuse_one(never_given, op, f->keep, out, err);
    struct chain_place *place = &f->chain.places[2 * *turn + 1];
    if (release->op.answered && place->owner != CHAIN_NOBODY)
        return refuse_two(released_twice, place->owner, op, f->keep, out, err);
    if (release->op.answered) {
        place->owner = op;
        *part = (struct chain_part){.role = CHAIN_PLACE, .low = 2 * *turn + 1};
    } else if (place->spare == CHAIN_NOBODY) {
        place->spare = op;
        f->has_spare = true;
    }
    return ERR_OK;
}

/* Does everything that returned have something to do in the chain? */
static bool all_fit(const struct fenced *f)
{
    for (size_t i = 0; i < f->p->count; i++)
        if (f->p->ops[i].op.answered && f->chain.parts[i].role == CHAIN_NEVER)
            return false;
    return !f->untold_answered;
}

static enum err_code place_all(struct fenced *f, struct arena *work, struct finding *out,
                               struct err *err)
{
    *out = (struct finding){.value = FINDING_ORDER};
    if (!collect(f, work) || !chain_init(&f->chain, f->p, 2 * (uint32_t)f->acquire_count, work))
        return no_memory(err);
    for (size_t i = 0; i < f->p->count; i++)
        f->chain.parts[i].role = CHAIN_NEVER;
    enum err_code code = place_acquires(f, out, err);
    for (uint32_t i = 0; i < f->p->count && !code && out->value == FINDING_ORDER; i++)
        if (f->p->ops[i].op.kind == OP_RELEASE)
            code = place_release(f, i, out, err);
    return code;
}

/* See the head of this file. */
static bool is_certain(const struct fenced *f, const struct chain_failure *failure)
{
    bool has_place = f->chain.parts[failure->by].role == CHAIN_PLACE;
    if (has_place && failure->reason == CHAIN_LATE)
        return true;
    if (f->has_spare && f->has_pool)
        return false;
    return has_place || f->untold_from_ns > f->p->ops[failure->by].returned_at_ns;
}

static enum err_code run_chain(struct fenced *f, struct budget *budget, struct arena *work,
                               struct finding *out, struct chain_failure *failure,
                               struct err *err)
{
    enum err_code code = chain_decide(&f->chain, budget, work, f->keep, out, failure, err);
    if (code || out->value != FINDING_NO_ORDER || !f->has_spare || !f->has_pool)
        return code;
    f->chain.spares_first = true;
    return chain_decide(&f->chain, budget, work, f->keep, out, failure, err);
}

static enum err_code decide_fenced(const struct problem *p, struct budget *budget,
                                   struct arena *work, struct arena *keep, struct finding *out,
                                   struct err *err)
{
    struct fenced f = {.p = p, .keep = keep};
    struct chain_failure failure;
    enum err_code code = place_all(&f, work, out, err);
    if (code || out->value == FINDING_NO_ORDER)
        return code;
    code = run_chain(&f, budget, work, out, &failure, err);
    if (code)
        return code;
    if (out->value == FINDING_NO_ORDER && is_certain(&f, &failure))
        tell(p, &failure, out);
    else if (out->value == FINDING_NO_ORDER || (out->value == FINDING_ORDER && !all_fit(&f)))
        *out = (struct finding){.value = FINDING_NOT_MINE};
    return ERR_OK;
}

enum err_code lock_decide(const struct problem *p, struct budget *budget, struct arena *work,
                          struct arena *keep, struct finding *out, struct err *err)
{
    if (strcmp(p->model->about.name, "mutex") == 0)
        return decide_mutex(p, p->initial == 1, budget, work, keep, out, err);
    /* Without tokens there is always room between two of them, and it is a mutex. */
    if (!any_token(p))
        return decide_mutex(p, false, budget, work, keep, out, err);
    return decide_fenced(p, budget, work, keep, out, err);
}
