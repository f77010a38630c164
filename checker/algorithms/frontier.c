/* Contents: what is pending · events · beginning and end */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/counted.h"
#include "checker/algorithms/frontier_parts.h"

/* --- what is pending --- */

/* There is always a free one: each operation cares for two values at most. */
static struct interest *begin_interest(struct frontier *f, uint32_t value)
{
    uint32_t at = f->interest_of[value];
    if (at == 0) {
        at = 1;
        while (f->interests[at].users > 0)
            at++;
        assert(at < f->interest_count);
        f->interests[at].value = value;
        f->interest_of[value] = at;
        if (at >= f->interest_end)
            f->interest_end = at + 1;
    }
    f->interests[at].users++;
    return &f->interests[at];
}

static void end_interest(struct frontier *f, uint32_t value)
{
    struct interest *in = frontier_interest(f, value);
    assert(in->users > 0);
    if (--in->users == 0)
        f->interest_of[value] = 0;
    while (f->interest_end > 1 && f->interests[f->interest_end - 1].users == 0)
        f->interest_end--;
}

/* The value that an operation is listed under. */
static uint32_t main_value(const struct deed *d)
{
    return d->kind == DEED_WRITE ? d->to : d->from;
}

static uint64_t *mask_of(struct interest *in, enum deed_kind kind)
{
    switch (kind) {
    case DEED_LOOK: return in->looks;
    case DEED_UNLIKE: return in->unlikes;
    case DEED_CAS: return in->replaces;
    case DEED_WRITE: return in->writes;
    case DEED_APPEND: break;
    }
    abort();
}

void frontier_note(struct frontier *f, uint32_t slot)
{
    const struct deed *d = &f->deeds[slot];
    mask_set(f->pending, slot);
    if (d->kind != DEED_APPEND)
        mask_set(mask_of(begin_interest(f, main_value(d)), d->kind), slot);
    if (d->kind == DEED_LOOK || d->kind == DEED_UNLIKE)
        mask_set(f->looks, slot);
    if (d->kind == DEED_UNLIKE)
        mask_set(f->unlikes, slot);
    if (d->kind == DEED_WRITE)
        mask_set(f->writes, slot);
    if (d->kind == DEED_APPEND)
        mask_set(f->appends, slot);
    f->append_count += d->kind == DEED_APPEND;
    if (d->kind == DEED_CAS) {
        begin_interest(f, d->to)->can_come++;
        f->cas_count++;
    }
}

void frontier_forget(struct frontier *f, uint32_t slot)
{
    const struct deed *d = &f->deeds[slot];
    if (d->kind != DEED_APPEND) {
        mask_clear(mask_of(frontier_interest(f, main_value(d)), d->kind), slot);
        end_interest(f, main_value(d));
    }
    if (d->kind == DEED_CAS) {
        frontier_interest(f, d->to)->can_come--;
        end_interest(f, d->to);
        f->cas_count--;
    }
    f->append_count -= d->kind == DEED_APPEND;
    mask_clear(f->pending, slot);
    mask_clear(f->looks, slot);
    mask_clear(f->unlikes, slot);
    mask_clear(f->writes, slot);
    mask_clear(f->appends, slot);
}

/* --- events --- */

void frontier_call(struct frontier *f, uint32_t slot, const struct deed *deed)
{
    assert(slot < f->slot_count && !mask_has(f->pending, slot));
    f->deeds[slot] = *deed;
    frontier_note(f, slot);
    for (size_t i = 0; i < f->now.count; i++) {
        uint64_t *config = configs_at(&f->now, i);
        if (deed->optional)
            mask_set(config_optional(f, config), slot);
        frontier_settle(f, config);
    }
}

enum { TRAIL_SLACK = 1 << 16 };

/* Forget the steps of configurations that are gone, when they are many. */
static void tidy_trail(struct frontier *f)
{
    if (f->trail.count < 2 * f->trail_pruned + TRAIL_SLACK)
        return;
    uint32_t *ends = counted_zeroed(f->trail.memory, f->now.count, sizeof *ends);
    for (size_t i = 0; ends && i < f->now.count; i++)
        ends[i] = config_trail(configs_at(&f->now, i));
    if (ends && trail_prune(&f->trail, ends, f->now.count))
        for (size_t i = 0; i < f->now.count; i++) {
            uint64_t *config = configs_at(&f->now, i);
            config_set(config, config_value(config), ends[i]);
        }
    counted_free(f->trail.memory, ends, f->now.count * sizeof *ends);
    f->trail_pruned = f->trail.count;
}

static void go_on_with_next(struct frontier *f)
{
    configs_drop_dominated(&f->next, f->looks);
    if (f->next.count > f->limits.configs_max) {
        configs_keep_best(&f->next, f->limits.configs_max, f->pending);
        f->cut = true;
    }
    struct configs old = f->now;
    f->now = f->next;
    f->next = old;
    configs_clear(&f->next);
    configs_clear(&f->seen);
    tidy_trail(f);
}

/* Where there is one configuration only, and nothing has to move in it, it stays. */
static bool stays(struct frontier *f, uint32_t slot, bool wanted)
{
    if (f->now.count != 1)
        return false;
    uint64_t *config = configs_at(&f->now, 0);
    if (!mask_has(config_done(config), slot) &&
        (wanted || !mask_has(config_optional(f, config), slot)))
        return false;
    mask_clear(config_done(config), slot);
    mask_clear(config_optional(f, config), slot);
    return true;
}

void frontier_return(struct frontier *f, uint32_t slot, bool wanted)
{
    assert(mask_has(f->pending, slot));
    if (f->state != FRONTIER_ALIVE)
        return;
    if (!f->deeds[slot].optional)
        f->rank = f->deeds[slot].return_at;
    bool stayed = stays(f, slot, wanted);
    if (!stayed)
        frontier_move(f, slot, wanted);
    frontier_forget(f, slot);
    if (!stayed)
        go_on_with_next(f);
    if (frontier_may_go_on(f) && f->now.count == 0)
        f->state = FRONTIER_EMPTY;
}

enum frontier_state frontier_state(const struct frontier *f)
{
    return f->state;
}

bool frontier_was_cut(const struct frontier *f)
{
    return f->cut;
}

bool frontier_uses_everywhere(const struct frontier *f, uint32_t slot)
{
    for (size_t i = 0; i < f->now.count; i++)
        if (!mask_has(config_done(configs_at(&f->now, i)), slot))
            return false;
    return true;
}

bool frontier_has_left_everywhere(const struct frontier *f, uint32_t value)
{
    const struct interest *in = frontier_interest(f, value);
    for (size_t i = 0; i < f->now.count; i++)
        if (!mask_any(in->writes, config_done(configs_at(&f->now, i)), f->words))
            return false;
    return true;
}

size_t frontier_path(const struct frontier *f, struct trail_step **out, struct arena *arena)
{
    size_t count = 0;
    assert(f->now.count > 0 && f->limits.keeps_trail);
    *out = trail_path(&f->trail, config_trail(configs_at(&f->now, 0)), arena, &count);
    return count;
}

/* --- beginning and end --- */

static bool make_masks(struct frontier *f)
{
    uint64_t **global[] = {&f->pending, &f->looks, &f->unlikes, &f->writes, &f->appends};
    bool made = true;
    for (size_t i = 0; i < ARRAY_LEN(global); i++)
        made = (*global[i] = arena_array(&f->arena, f->words, sizeof **global[i])) && made;
    for (uint32_t i = 0; made && i < f->interest_count; i++) {
        struct interest *in = &f->interests[i];
        uint64_t **own[] = {&in->looks, &in->unlikes, &in->writes, &in->replaces};
        for (size_t k = 0; k < ARRAY_LEN(own); k++)
            made = (*own[k] = arena_array(&f->arena, f->words, sizeof **own[k])) && made;
    }
    return made;
}

static bool make_tables(struct frontier *f)
{
    size_t stride = configs_stride(&f->now);
    f->deeds = arena_array(&f->arena, f->slot_count, sizeof *f->deeds);
    f->interests = arena_array(&f->arena, f->interest_count, sizeof *f->interests);
    f->interest_of = arena_array(&f->arena, f->value_count, sizeof *f->interest_of);
    f->taken = arena_array(&f->arena, stride, sizeof *f->taken);
    f->arrived = arena_array(&f->arena, stride, sizeof *f->arrived);
    f->expanded = arena_array(&f->arena, stride, sizeof *f->expanded);
    return f->deeds && f->interests && f->interest_of && f->taken && f->arrived &&
           f->expanded && make_masks(f);
}

struct frontier *frontier_new(uint32_t values, uint32_t slots, uint32_t first_value,
                              struct frontier_limits limits)
{
    struct memory *memory = limits.budget->memory;
    struct frontier *f = counted_zeroed(memory, 1, sizeof *f);
    if (!f)
        return NULL;
    f->limits = limits;
    f->arena.memory = f->trail.memory = memory;
    f->value_count = values;
    f->slot_count = slots > 0 ? slots : 1;
    f->words = (f->slot_count + 63) / 64;
    f->interest_count = 2 * f->slot_count + 1;
    f->now = f->next = f->seen = (struct configs){.mask_words = f->words, .memory = memory};
    if (!make_tables(f)) {
        frontier_free(f);
        return NULL;
    }
    frontier_begin(f, first_value);
    return f;
}

void frontier_free(struct frontier *f)
{
    if (!f)
        return;
    configs_done(&f->now);
    configs_done(&f->next);
    configs_done(&f->seen);
    trail_done(&f->trail);
    arena_done(&f->arena);
    counted_free(f->arena.memory, f, sizeof *f);
}
