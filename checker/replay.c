/* Contents: real time · the model · all of it
 *
 * A model whose steps have choices is followed along all of them at once: the set of
 * states that it can be in. */
#include "checker/replay.h"

#include <assert.h>
#include <string.h>

#include "base/counted.h"
#include "checker/collection.h"

/* --- real time --- */

/* What is wrong with the order, or NULL. */
static const char *break_of_time(const struct problem *p, const uint32_t *order, size_t count,
                                 uint64_t *met)
{
    /* Whoever comes later must not have returned before the latest call so far. */
    int64_t latest_call_ns = INT64_MIN;
    for (size_t i = 0; i < count; i++) {
        if (order[i] >= p->count)
            return "it names an operation that is not there";
        const struct timed_op *op = &p->ops[order[i]];
        uint64_t bit = UINT64_C(1) << (order[i] % 64);
        if (met[order[i] / 64] & bit)
            return "an operation is in it twice";
        met[order[i] / 64] |= bit;
        if (op->returned_at_ns < latest_call_ns)
            return "it puts an operation before one that had returned by its call";
        if (op->called_at_ns > latest_call_ns)
            latest_call_ns = op->called_at_ns;
    }
    for (size_t i = 0; i < p->count; i++)
        if (p->ops[i].op.answered && !(met[i / 64] >> (i % 64) & 1))
            return "an operation that was answered is missing";
    return NULL;
}

/* --- the model --- */

static const char model_refuses[] = "the model refuses one of its operations";

enum { BRANCHES_MAX = 256 };

struct player {
    const struct problem *p;
    struct budget *budget;
    size_t words_max; /* of a state */
    struct model_state now[BRANCHES_MAX], next[BRANCHES_MAX];
    size_t now_count, next_count, made_count; /* states with room for their words */
    struct arena arena;
};

static bool is_new(const struct player *y, const struct model_state *state)
{
    for (size_t i = 0; i < y->next_count; i++)
        if (y->next[i].count == state->count &&
            memcmp(y->next[i].words, state->words, state->count * sizeof *state->words) == 0)
            return false;
    return true;
}

/* Room for one more branch, in both sets; false without memory or past BRANCHES_MAX. */
static bool make_branch(struct player *y)
{
    if (y->made_count == BRANCHES_MAX)
        return false;
    int64_t *words = arena_array(&y->arena, 2 * y->words_max, sizeof *words);
    if (!words)
        return false;
    y->now[y->made_count].words = words;
    y->next[y->made_count++].words = words + y->words_max;
    return true;
}

static void swap_sets(struct player *y)
{
    struct model_state states[BRANCHES_MAX];
    size_t bytes = y->made_count * sizeof *states;
    memcpy(states, y->now, bytes);
    memcpy(y->now, y->next, bytes);
    memcpy(y->next, states, bytes);
    y->now_count = y->next_count;
}

/* All states after `op`; false where make_branch is. */
static bool step_all(struct player *y, const struct model_op *op, uint64_t *cost)
{
    y->next_count = 0;
    for (size_t i = 0; i < y->now_count; i++)
        for (unsigned choice = 0;; choice++) {
            if (y->next_count == y->made_count && !make_branch(y))
                return false;
            struct model_state *next = &y->next[y->next_count];
            *cost += 1 + y->now[i].count / 16;
            if (!y->p->model->step(&y->now[i], op, choice, next))
                break;
            assert(next->count <= y->words_max);
            y->next_count += is_new(y, next);
        }
    return true;
}

static bool spend(struct budget *budget, uint64_t steps, struct replay *out)
{
    if (budget_spend(budget, steps))
        return true;
    *out = (struct replay){.value = REPLAY_GAVE_UP, .why = budget->why};
    return false;
}

static void give_up(const struct player *y, struct replay *out)
{
    bool too_many = y->made_count == BRANCHES_MAX;
    *out = (struct replay){.value = REPLAY_GAVE_UP,
                           .why = too_many ? "its operations can end in too many states"
                                           : NO_MEMORY_LEFT,
                           .lacked_memory = !too_many};
}

static void play(struct player *y, const uint32_t *order, size_t count, struct replay *out)
{
    uint64_t cost = 0;
    for (size_t i = 0; i < count; i++) {
        if (!step_all(y, &y->p->ops[order[i]].op, &cost)) {
            give_up(y, out);
            return;
        }
        if (y->next_count == 0) {
            *out = (struct replay){.value = REPLAY_REFUSED, .why = model_refuses};
            return;
        }
        swap_sets(y);
        if (cost < 1024 && i + 1 < count)
            continue;
        if (!spend(y->budget, cost, out))
            return;
        cost = 0;
    }
    *out = (struct replay){.value = REPLAY_ACCEPTED};
}

/* --- all of it --- */

static struct model_state *copy_state(const struct model_state *state, struct arena *keep)
{
    struct model_state *copy = arena_alloc(keep, sizeof *copy);
    int64_t *words = arena_array(keep, state->count, sizeof *words);
    if (!copy || !words)
        return NULL;
    if (state->count > 0)
        memcpy(words, state->words, state->count * sizeof *words);
    *copy = (struct model_state){words, state->count};
    return copy;
}

enum { STEPS_PER_SPENDING = 1024 };

/* What is changed in place is played in place. */
static bool play_collection(struct player *y, const uint32_t *order, size_t count,
                            struct arena *keep, struct replay *out)
{
    struct collection c;
    if (!collection_init(&c, y->p, &y->arena))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (i % STEPS_PER_SPENDING == 0 && !spend(y->budget, STEPS_PER_SPENDING, out))
            return true;
        if (!collection_take(&c, &y->p->ops[order[i]].op)) {
            out->why = model_refuses;
            return true;
        }
    }
    *out = (struct replay){.value = REPLAY_ACCEPTED};
    out->state = arena_alloc(keep, sizeof *out->state);
    return out->state && collection_state(&c, keep, out->state);
}

static bool play_from_start(struct player *y, const uint32_t *order, size_t count,
                            struct arena *keep, struct replay *out)
{
    if (!make_branch(y))
        return false;
    y->p->model->init(y->p->initial, &y->now[0]);
    y->now_count = 1;
    play(y, order, count, out);
    if (out->value != REPLAY_ACCEPTED)
        return true;
    out->state = copy_state(&y->now[0], keep);
    return out->state != NULL;
}

enum err_code replay_order(const struct problem *p, const uint32_t *order, size_t count,
                           struct budget *budget, struct arena *keep, struct replay *out,
                           struct err *err)
{
    struct player *y = counted_zeroed(budget->memory, 1, sizeof *y);
    if (!y)
        return err_set(err, ERR_NOMEM, "replay: out of memory");
    y->p = p;
    y->budget = budget;
    y->arena.memory = budget->memory;
    y->words_max = problem_state_words(p);
    bool in_place = collection_fits(p);
    uint64_t *met = arena_array(&y->arena, p->count / 64 + 1, sizeof *met);
    bool ready = met != NULL;
    *out = (struct replay){.value = REPLAY_REFUSED};
    if (ready)
        out->why = break_of_time(p, order, count, met);
    if (ready && !out->why)
        ready = in_place ? play_collection(y, order, count, keep, out)
                         : play_from_start(y, order, count, keep, out);
    arena_done(&y->arena);
    counted_free(budget->memory, y, sizeof *y);
    return ready ? ERR_OK : err_set(err, ERR_NOMEM, "replay: out of memory");
}
