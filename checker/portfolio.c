/* Contents: who is asked · one turn · taking turns · what is believed · all of it */
#include "checker/portfolio.h"

#include <assert.h>
#include <string.h>

#include "checker/algorithms/counter.h"
#include "checker/algorithms/events.h"
#include "checker/algorithms/locks.h"
#include "checker/algorithms/log.h"
#include "checker/algorithms/priority_queue.h"
#include "checker/algorithms/queue.h"
#include "checker/algorithms/search.h"
#include "checker/algorithms/semaphore.h"
#include "checker/algorithms/set.h"
#include "checker/algorithms/stack.h"
#include "checker/algorithms/unique_ids.h"
#include "checker/algorithms/zones.h"
#include "checker/part.h"
#include "checker/replay.h"

/* --- who is asked --- */

static const struct {
    const char *model;
    struct contender contenders[CONTENDERS_MAX - 1];
} specialists[] = {
    {"register", {{"zones", zones_decide, true}, {"events", events_decide, false}}},
    {"cas-register", {{"zones", zones_decide, true}, {"events", events_decide, false}}},
    {"rmw", {{"zones", zones_decide, true}, {"events", events_decide, false}}},
    {"kv", {{"events", events_decide, false}}},
    {"queue", {{"queue", queue_decide, true}}},
    {"priority-queue", {{"priority-queue", priority_queue_decide, true}}},
    {"stack", {{"stack", stack_decide, true}}},
    {"mutex", {{"locks", lock_decide, true}}},
    {"fenced-mutex", {{"locks", lock_decide, true}}},
    {"semaphore", {{"semaphore", semaphore_decide, true}}},
    {"set", {{"set", set_decide, true}}},
    {"counter", {{"counter", counter_decide, true}}},
    {"log", {{"log", log_decide, true}}},
    {"unique-ids", {{"unique-ids", unique_ids_decide, true}}},
};

static const struct contender generic = {"search", search_decide, false};

struct contest {
    const struct problem *p;
    struct budget *budget;
    struct arena *keep;
    struct decision *out;
    struct contender contenders[CONTENDERS_MAX];
    bool is_out[CONTENDERS_MAX];
    size_t count;
    const char *why; /* the last who gave up for a reason of its own */
    bool lacked_memory;
};

static void enter(struct contest *c, const struct contender *who)
{
    assert(c->count < CONTENDERS_MAX);
    c->out->spent[c->count].algorithm = who->name;
    c->contenders[c->count++] = *who;
    c->out->spent_count = c->count;
}

/* Whoever knows this model, then whoever knows all; returns how many. */
static size_t list_contenders(const struct model_ops *model, struct contender *who)
{
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_LEN(specialists); i++) {
        if (strcmp(specialists[i].model, model->about.name) != 0)
            continue;
        const struct contender *knows = specialists[i].contenders;
        while (count < CONTENDERS_MAX - 1 && knows[count].name) {
            who[count] = knows[count];
            count++;
        }
    }
    who[count++] = generic;
    return count;
}

/* --- one turn --- */

/* A part of a budget, and whether it was the whole that ended. */
struct share {
    struct budget part;
    const struct budget *whole;
    bool expired;
};

static bool whole_expired(void *user)
{
    struct share *s = user;
    s->expired = s->whole->expired && s->whole->expired(s->whole->user);
    return s->expired;
}

static void share_out(struct share *s, const struct budget *whole, uint64_t steps)
{
    /* Not UINT64_MAX, which is not counted down. */
    uint64_t most = whole->steps_left == UINT64_MAX ? UINT64_MAX - 1 : whole->steps_left;
    *s = (struct share){.whole = whole};
    s->part = (struct budget){.steps_left = steps < most ? steps : most,
                              .memory = whole->memory,
                              .expired = whole_expired,
                              .user = s,
                              .asked_after = whole->asked_after};
}

/* Take from the whole what the part has spent; true when the whole has ended. */
static bool settle(struct share *s, struct budget *whole, uint64_t given, uint64_t *spent)
{
    uint64_t steps = given - s->part.steps_left;
    *spent += steps;
    whole->asked_after = s->part.asked_after;
    bool is_last = whole->steps_left != UINT64_MAX && given == whole->steps_left;
    if (whole->steps_left != UINT64_MAX)
        whole->steps_left -= steps;
    if (!s->expired && !(is_last && s->part.why))
        return false;
    whole->why = s->part.why ? s->part.why : "its time was used up";
    return true;
}

enum turn { TURN_DECIDED, TURN_OUT, TURN_TOO_SHORT, TURN_ALL_OVER };

/* Let contender `i` try with `steps`. */
static enum turn take_turn(struct contest *c, size_t i, uint64_t steps)
{
    struct share share;
    struct err err;
    struct arena work = {.memory = c->budget->memory};
    struct finding *found = &c->out->finding;
    share_out(&share, c->budget, steps);
    uint64_t given = share.part.steps_left;
    *found = (struct finding){.value = FINDING_NOT_MINE};
    enum err_code code =
        c->contenders[i].decide(c->p, &share.part, &work, c->keep, found, &err);
    arena_done(&work);
    bool all_over = settle(&share, c->budget, given, &c->out->spent[i].steps);
    if (code == ERR_OK && (found->value == FINDING_ORDER || found->value == FINDING_NO_ORDER))
        return TURN_DECIDED;
    c->lacked_memory |= code != ERR_OK || found->lacked_memory;
    if (all_over)
        return TURN_ALL_OVER;
    if (code == ERR_OK && found->value == FINDING_GAVE_UP && share.part.why)
        return TURN_TOO_SHORT;
    if (code || found->value == FINDING_GAVE_UP)
        c->why = code ? NO_MEMORY_LEFT : found->why;
    return TURN_OUT;
}

/* --- taking turns --- */

static size_t still_in(const struct contest *c)
{
    size_t count = 0;
    for (size_t i = 0; i < c->count; i++)
        count += !c->is_out[i];
    return count;
}

static bool decided(struct contest *c, size_t i, enum turn turn)
{
    c->is_out[i] |= turn == TURN_OUT;
    if (turn == TURN_DECIDED)
        c->out->by = c->contenders[i].name;
    return turn == TURN_DECIDED || turn == TURN_ALL_OVER;
}

static bool ask_the_sure(struct contest *c)
{
    for (size_t i = 0; i < c->count; i++) {
        if (!c->contenders[i].is_sure)
            continue;
        enum turn turn = take_turn(c, i, UINT64_MAX);
        c->is_out[i] = true;
        if (decided(c, i, turn))
            return true;
    }
    return false;
}

enum { FIRST_STEPS = 8000, STEPS_PER_OP = 16, GROWTH = 4 };

static void race(struct contest *c)
{
    uint64_t steps = FIRST_STEPS + STEPS_PER_OP * (uint64_t)c->p->count;
    for (size_t left = still_in(c); left > 0; left = still_in(c)) {
        for (size_t i = 0; i < c->count; i++) {
            if (c->is_out[i])
                continue;
            enum turn turn = take_turn(c, i, still_in(c) == 1 ? UINT64_MAX : steps);
            if (decided(c, i, turn))
                return;
        }
        steps = steps > UINT64_MAX / GROWTH ? UINT64_MAX : steps * GROWTH;
    }
}

static void give_up(struct decision *d, const char *why, bool lacked_memory)
{
    d->finding =
        (struct finding){.value = FINDING_GAVE_UP, .why = why, .lacked_memory = lacked_memory};
    d->by = NULL;
}

/* --- what is believed --- */

static void distrust(struct contest *c, const char *what, const char *why)
{
    const char *told = arena_format(c->keep, "a fault of the checker: %s of '%s' is wrong%s%s",
                                    what, c->out->by, why ? ": " : "", why ? why : "");
    give_up(c->out, told ? told : "a fault of the checker", false);
    c->out->is_our_fault = true;
}

static void check_order(struct contest *c)
{
    struct replay replay;
    struct err err;
    struct arena states = {.memory = c->budget->memory};
    const struct finding *f = &c->out->finding;
    if (replay_order(c->p, f->order, f->order_count, c->budget, &states, &replay, &err))
        give_up(c->out, NO_MEMORY_LEFT, true);
    else if (replay.value == REPLAY_REFUSED)
        distrust(c, "the order", replay.why);
    else if (replay.value == REPLAY_GAVE_UP)
        give_up(c->out, replay.why, replay.lacked_memory);
    arena_done(&states);
}

enum { PROOF_STEPS = 200 * 1000, PROOF_OPS_MAX = 256 };

/* A short one is tried again by who knows only the model. Where that cannot tell within
 * a few steps, the proof stands. */
static void check_proof(struct contest *c)
{
    const struct finding *f = &c->out->finding;
    if (!f->proof || f->proof_count > PROOF_OPS_MAX ||
        c->contenders[c->count - 1].name == c->out->by)
        return;
    struct arena work = {.memory = c->budget->memory};
    struct share share;
    struct decision again;
    struct problem part;
    struct timed_op *ops = arena_array(&work, f->proof_count, sizeof *ops);
    if (ops) {
        part = part_kept(c->p, f->proof, f->proof_count, ops);
        share_out(&share, c->budget, PROOF_STEPS);
        uint64_t given = share.part.steps_left;
        portfolio_ask(&generic, 1, &part, &share.part, &work, &again);
        (void)settle(&share, c->budget, given, &c->out->spent[c->count - 1].steps);
        if (again.finding.value == FINDING_ORDER)
            distrust(c, "the proof", NULL);
    }
    arena_done(&work);
}

static void believe(struct contest *c)
{
    if (c->out->finding.value == FINDING_ORDER)
        check_order(c);
    else if (c->out->finding.value == FINDING_NO_ORDER)
        check_proof(c);
}

/* --- all of it --- */

static void conclude(struct contest *c)
{
    if (c->out->by)
        believe(c);
    else if (c->budget->why)
        give_up(c->out, c->budget->why, c->lacked_memory);
    else
        give_up(c->out, c->why ? c->why : "no algorithm knows such histories",
                c->lacked_memory);
}

/* Where a state is one word, nobody needs to know what a model starts with by itself. */
static struct problem with_initial(const struct problem *p)
{
    int64_t word, again;
    struct model_state first = {&word, 0}, second = {&again, 0};
    struct problem told = *p;
    if (p->initial != OP_NIL || p->model->words_at_start != 1 || p->model->words_per_op != 0)
        return told;
    p->model->init(OP_NIL, &first);
    p->model->init(word, &second);
    if (first.count == 1 && second.count == 1 && again == word)
        told.initial = word;
    return told;
}

void portfolio_ask(const struct contender *who, size_t count, const struct problem *p,
                   struct budget *budget, struct arena *keep, struct decision *out)
{
    struct problem told = with_initial(p);
    struct contest c = {.p = &told, .budget = budget, .keep = keep, .out = out};
    *out = (struct decision){0};
    for (size_t i = 0; i < count; i++)
        enter(&c, &who[i]);
    if (budget_spend(budget, 1) && !ask_the_sure(&c))
        race(&c);
    conclude(&c);
}

void portfolio_decide(const struct problem *p, struct budget *budget, struct arena *keep,
                      struct decision *out)
{
    struct contender who[CONTENDERS_MAX];
    size_t count = list_contenders(p->model, who);
    portfolio_ask(who, count, p, budget, keep, out);
}
