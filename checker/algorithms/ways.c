/* Contents: states · one operation · twins · a return · events · copies · beginning and end */
#include "checker/algorithms/ways.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/counted.h"
#include "checker/algorithms/configs.h"
#include "checker/algorithms/mask.h"
#include "history/history.h"

struct ways {
    const struct model_ops *model;
    struct ways_limits limits;
    struct arena arena;
    size_t words; /* of a mask */
    uint32_t slot_count;
    struct model_op *ops;  /* by slot */
    uint32_t *twin_before; /* by slot: see note_twin */
    uint64_t *pending, *looks, *nobody;

    struct configs now, next;
    struct configs seen;        /* while an operation returns: in these it is still to come */
    uint64_t *taken, *expanded; /* room for a configuration each */

    struct model_state here, after, unused; /* room for steps, in one block */
    size_t state_room;                      /* words of each */
    bool cut;
    enum frontier_state state;
};

static uint64_t *done_of(uint64_t *config)
{
    return config + CONFIG_HEAD;
}

static uint64_t *optional_of(const struct ways *w, uint64_t *config)
{
    return config + CONFIG_HEAD + w->words;
}

/* --- states --- */

/* What one more operation makes of a state of `count` words has room, and so has what a
 * look at that copies. */
static bool make_state_room(struct ways *w, const struct model_op *op, uint32_t count)
{
    size_t need = count + model_state_words(w->model, 2, op->list ? op->list->count : 0);
    size_t room = 2 * need + 1, bytes = 3 * sizeof(int64_t);
    if (need <= w->state_room)
        return true;
    int64_t *words = counted_resize(w->limits.budget->memory, w->here.words,
                                    w->state_room * bytes, room * bytes);
    if (!words) {
        w->state = FRONTIER_FULL;
        return false;
    }
    w->here.words = words;
    w->after.words = words + room;
    w->unused.words = words + 2 * room;
    w->state_room = room;
    return true;
}

/* w->here becomes the state of `config`. */
static bool load(struct ways *w, const uint64_t *config, const struct model_op *op)
{
    uint32_t count;
    const int64_t *words = word_table_at(w->limits.states, config_value(config), &count);
    if (!make_state_room(w, op, count))
        return false;
    if (count > 0)
        memcpy(w->here.words, words, count * sizeof *words);
    w->here.count = count;
    return true;
}

/* What only looks and fits the state is done. */
static void settle(struct ways *w, const struct model_state *state, uint64_t *config)
{
    MASK_EACH (slot, w->looks, done_of(config), w->words)
        if (w->model->step(state, &w->ops[slot], 0, &w->unused))
            mask_set(done_of(config), slot);
}

/* --- one operation --- */

static void arrive(struct ways *w, const uint64_t *config, uint32_t target)
{
    uint64_t *arrived = w->taken;
    if (arrived != config)
        memcpy(arrived, config, configs_stride(&w->now) * sizeof *arrived);
    mask_clear(done_of(arrived), target);
    mask_clear(optional_of(w, arrived), target);
    configs_add(&w->next, arrived);
}

/* `config` after the operation in `slot`, which made w->after of it. */
static void take(struct ways *w, const uint64_t *config, uint32_t slot, uint32_t target)
{
    uint32_t number = word_table_add(w->limits.states, w->after.words, w->after.count);
    if (number == NO_STRING) {
        w->state = FRONTIER_FULL;
        return;
    }
    bool idle = number == config_value(config) && !w->ops[slot].answered;
    if (idle && slot != target)
        return; /* it may as well be left out */
    memcpy(w->taken, config, configs_stride(&w->now) * sizeof *config);
    mask_set(done_of(w->taken), slot);
    mask_clear(optional_of(w, w->taken), slot);
    config_set(w->taken, number, 0);
    settle(w, &w->after, w->taken);
    if (mask_has(done_of(w->taken), target))
        arrive(w, w->taken, target);
    else
        configs_add(&w->seen, w->taken);
}

/* --- twins --- */

static bool are_twins(const struct model_op *a, const struct model_op *b)
{
    return !a->answered && !b->answered && a->kind == b->kind && a->argument == b->argument &&
           a->expected == b->expected && !a->list && !b->list;
}

/* Of operations that do the same and are both never answered one is as good as the
 * other: they are used in the order of a chain. */
static void note_twin(struct ways *w, uint32_t slot)
{
    w->twin_before[slot] = NO_SLOT;
    if (w->ops[slot].answered)
        return;
    MASK_EACH (other, w->pending, w->nobody, w->words) {
        if (other == slot || !are_twins(&w->ops[slot], &w->ops[other]))
            continue;
        bool is_last = true;
        MASK_EACH (later, w->pending, w->nobody, w->words)
            is_last = is_last && w->twin_before[later] != other;
        if (is_last) {
            w->twin_before[slot] = other;
            return;
        }
    }
}

static void forget_twin(struct ways *w, uint32_t slot)
{
    MASK_EACH (later, w->pending, w->nobody, w->words)
        if (w->twin_before[later] == slot)
            w->twin_before[later] = w->twin_before[slot];
}

static bool waits_for_twin(const struct ways *w, const uint64_t *config, uint32_t slot)
{
    uint32_t before = w->twin_before[slot];
    return before != NO_SLOT && !mask_has(config + CONFIG_HEAD, before);
}

/* --- a return --- */

/* All that may happen next in `config`. */
static void expand(struct ways *w, const uint64_t *config, uint32_t target)
{
    MASK_EACH (slot, w->pending, config + CONFIG_HEAD, w->words) {
        const struct model_op *op = &w->ops[slot];
        if (slot != target && waits_for_twin(w, config, slot))
            continue;
        if (!load(w, config, op))
            return;
        for (unsigned choice = 0; w->model->step(&w->here, op, choice, &w->after); choice++)
            take(w, config, slot, target);
    }
}

static bool may_go_on(struct ways *w)
{
    if (w->now.full || w->next.full || w->seen.full)
        w->state = FRONTIER_FULL;
    else if (w->state == FRONTIER_ALIVE && !budget_spend(w->limits.budget, 1))
        w->state = FRONTIER_SPENT;
    return w->state == FRONTIER_ALIVE;
}

static void sort_out(struct ways *w, uint32_t target)
{
    for (size_t i = 0; i < w->now.count; i++) {
        uint64_t *config = configs_at(&w->now, i);
        if (mask_has(done_of(config), target) || mask_has(optional_of(w, config), target))
            arrive(w, config, target);
        else
            configs_add(&w->seen, config);
    }
}

enum { SEEN_PER_CONFIG = 4 };

static void move(struct ways *w, uint32_t target)
{
    sort_out(w, target);
    for (size_t i = 0; i < w->seen.count && may_go_on(w); i++) {
        size_t most = w->seen.count > w->next.count ? w->seen.count : w->next.count;
        if (most / SEEN_PER_CONFIG > w->limits.configs_max) {
            w->cut = true;
            return;
        }
        memcpy(w->expanded, configs_at(&w->seen, i),
               configs_stride(&w->seen) * sizeof *w->expanded); /* it moves as others come */
        expand(w, w->expanded, target);
    }
}

static void go_on_with_next(struct ways *w)
{
    configs_drop_dominated(&w->next, w->looks);
    if (w->next.count > w->limits.configs_max) {
        configs_keep_best(&w->next, w->limits.configs_max, w->pending);
        w->cut = true;
    }
    struct configs old = w->now;
    w->now = w->next;
    w->next = old;
    configs_clear(&w->next);
    configs_clear(&w->seen);
}

/* --- events --- */

void ways_call(struct ways *w, uint32_t slot, const struct model_op *op)
{
    assert(slot < w->slot_count && !mask_has(w->pending, slot));
    w->ops[slot] = *op;
    mask_set(w->pending, slot);
    note_twin(w, slot);
    bool looks = w->model->only_looks(op);
    if (looks)
        mask_set(w->looks, slot);
    for (size_t i = 0; i < w->now.count && w->state == FRONTIER_ALIVE; i++) {
        uint64_t *config = configs_at(&w->now, i);
        if (!op->answered)
            mask_set(optional_of(w, config), slot);
        if (looks && load(w, config, op))
            settle(w, &w->here, config);
    }
}

void ways_return(struct ways *w, uint32_t slot)
{
    assert(mask_has(w->pending, slot));
    if (w->state != FRONTIER_ALIVE)
        return;
    move(w, slot);
    forget_twin(w, slot);
    mask_clear(w->pending, slot);
    mask_clear(w->looks, slot);
    go_on_with_next(w);
    if (may_go_on(w) && w->now.count == 0)
        w->state = FRONTIER_EMPTY;
}

enum frontier_state ways_state(const struct ways *w)
{
    return w->state;
}

bool ways_were_cut(const struct ways *w)
{
    return w->cut;
}

size_t ways_count(const struct ways *w)
{
    return w->now.count;
}

/* --- copies --- */

static void forget_all(struct ways *w)
{
    memset(w->pending, 0, w->words * sizeof *w->pending);
    memset(w->looks, 0, w->words * sizeof *w->looks);
    configs_clear(&w->now);
    configs_clear(&w->next);
    configs_clear(&w->seen);
}

static void copy_config(struct ways *to, const struct ways *from, size_t i, struct renaming r)
{
    const uint64_t *config = configs_at(&from->now, i), *done = config + CONFIG_HEAD;
    uint32_t state = config_value(config);
    memset(to->taken, 0, configs_stride(&to->now) * sizeof *to->taken);
    config_set(to->taken, r.of ? r.of(r.user, state) : state, 0);
    memcpy(done_of(to->taken), done, from->words * sizeof *done);
    memcpy(optional_of(to, to->taken), done + from->words, from->words * sizeof *done);
    configs_add(&to->now, to->taken);
}

void ways_copy(struct ways *to, const struct ways *from, struct renaming renaming)
{
    assert(to->slot_count >= from->slot_count);
    forget_all(to);
    MASK_EACH (slot, from->pending, from->nobody, from->words) {
        to->ops[slot] = from->ops[slot];
        to->twin_before[slot] = from->twin_before[slot];
    }
    memcpy(to->pending, from->pending, from->words * sizeof *to->pending);
    memcpy(to->looks, from->looks, from->words * sizeof *to->looks);
    for (size_t i = 0; i < from->now.count; i++)
        copy_config(to, from, i, renaming);
    to->cut = from->cut;
    to->state = to->now.full ? FRONTIER_FULL : from->state;
}

void ways_each_state(const struct ways *w, void (*visit)(void *user, uint32_t state),
                     void *user)
{
    for (size_t i = 0; i < w->now.count; i++)
        visit(user, config_value(configs_at(&w->now, i)));
}

uint32_t ways_only_state(const struct ways *w)
{
    if (w->now.count != 1 || mask_any(w->pending, w->nobody, w->words))
        return UINT32_MAX;
    return config_value(configs_at(&w->now, 0));
}

/* --- beginning and end --- */

void ways_begin(struct ways *w, uint32_t state)
{
    forget_all(w);
    w->cut = false;
    w->state = FRONTIER_ALIVE;
    memset(w->taken, 0, configs_stride(&w->now) * sizeof *w->taken);
    config_set(w->taken, state, 0);
    configs_add(&w->now, w->taken);
    if (w->now.full)
        w->state = FRONTIER_FULL;
}

static bool make_tables(struct ways *w)
{
    size_t stride = configs_stride(&w->now);
    w->ops = arena_array(&w->arena, w->slot_count, sizeof *w->ops);
    w->twin_before = arena_array(&w->arena, w->slot_count, sizeof *w->twin_before);
    w->pending = arena_array(&w->arena, w->words, sizeof *w->pending);
    w->looks = arena_array(&w->arena, w->words, sizeof *w->looks);
    w->nobody = arena_array(&w->arena, w->words, sizeof *w->nobody);
    w->taken = arena_array(&w->arena, stride, sizeof *w->taken);
    w->expanded = arena_array(&w->arena, stride, sizeof *w->expanded);
    return w->ops && w->twin_before && w->pending && w->looks && w->nobody && w->taken &&
           w->expanded;
}

struct ways *ways_new(const struct model_ops *model, uint32_t slots, struct ways_limits limits)
{
    struct memory *memory = limits.budget->memory;
    struct ways *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    w->model = model;
    w->limits = limits;
    w->slot_count = slots > 0 ? slots : 1;
    w->words = (w->slot_count + 63) / 64;
    w->arena.memory = memory;
    w->now = w->next = w->seen = (struct configs){.mask_words = w->words, .memory = memory};
    if (make_tables(w))
        return w;
    ways_free(w);
    return NULL;
}

void ways_free(struct ways *w)
{
    if (!w)
        return;
    struct memory *memory = w->limits.budget->memory;
    counted_free(memory, w->here.words, w->state_room * 3 * sizeof(int64_t));
    configs_done(&w->now);
    configs_done(&w->next);
    configs_done(&w->seen);
    arena_done(&w->arena);
    free(w);
}
