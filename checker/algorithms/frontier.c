/* Contents: what is pending · settling · one step · sequences of steps · events */
#include "checker/algorithms/frontier.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "checker/algorithms/configs.h"

/* The pending operations that care for one value, as masks of slots. */
struct interest {
    uint32_t value, users; /* 0 users: free */
    uint32_t can_come;     /* pending operations that find another and leave this one */
    uint64_t *looks, *unlikes, *writes, *replaces;
};

struct frontier {
    struct frontier_limits limits;
    size_t words; /* of a mask */
    uint32_t slot_count;
    struct deed *deeds; /* by slot */

    /* interests[0] is nobody's: values that no pending operation cares for. */
    struct interest *interests;
    uint32_t interest_count;
    uint32_t *interest_of; /* by value */
    uint64_t *masks;       /* where all those masks are */

    uint32_t cas_count;
    uint64_t *pending, *looks, *unlikes, *writes, *appends, *sure_cas;

    struct configs now, next, seen;
    uint64_t *child; /* room for two configurations */
    struct trail trail;
    uint32_t trail_pruned;
    uint32_t event;
    uint32_t rank; /* of the return at hand, as return_at counts */
    bool cut;
    enum frontier_state state;
};

/* --- what is pending --- */

static void set(uint64_t *mask, uint32_t slot)
{
    mask[slot / 64] |= UINT64_C(1) << (slot % 64);
}

static void clear(uint64_t *mask, uint32_t slot)
{
    mask[slot / 64] &= ~(UINT64_C(1) << (slot % 64));
}

static bool get(const uint64_t *mask, uint32_t slot)
{
    return mask[slot / 64] >> (slot % 64) & 1;
}

static struct interest *interest_in(const struct frontier *f, uint32_t value)
{
    return &f->interests[f->interest_of[value]];
}

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
    }
    f->interests[at].users++;
    return &f->interests[at];
}

static void end_interest(struct frontier *f, uint32_t value)
{
    struct interest *in = interest_in(f, value);
    assert(in->users > 0);
    if (--in->users == 0)
        f->interest_of[value] = 0;
}

static bool finds(const struct deed *d)
{
    return d->kind == DEED_LOOK || d->kind == DEED_UNLIKE || d->kind == DEED_CAS;
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

static void note_pending(struct frontier *f, uint32_t slot)
{
    const struct deed *d = &f->deeds[slot];
    set(f->pending, slot);
    if (d->kind != DEED_APPEND)
        set(mask_of(begin_interest(f, finds(d) ? d->from : d->to), d->kind), slot);
    if (d->kind == DEED_CAS)
        begin_interest(f, d->to)->can_come++, f->cas_count++;
    if (d->kind == DEED_LOOK || d->kind == DEED_UNLIKE)
        set(f->looks, slot);
    if (d->kind == DEED_UNLIKE)
        set(f->unlikes, slot);
    if (d->kind == DEED_WRITE)
        set(f->writes, slot);
    if (d->kind == DEED_APPEND)
        set(f->appends, slot);
}

static void forget_pending(struct frontier *f, uint32_t slot)
{
    const struct deed *d = &f->deeds[slot];
    if (d->kind != DEED_APPEND) {
        uint32_t value = finds(d) ? d->from : d->to;
        clear(mask_of(interest_in(f, value), d->kind), slot);
        end_interest(f, value);
    }
    if (d->kind == DEED_CAS) {
        interest_in(f, d->to)->can_come--;
        f->cas_count--;
        end_interest(f, d->to);
    }
    clear(f->pending, slot);
    clear(f->looks, slot);
    clear(f->unlikes, slot);
    clear(f->writes, slot);
    clear(f->appends, slot);
}

/* --- settling --- */

static uint64_t *done_of(const struct frontier *f, uint64_t *config)
{
    (void)f;
    return config + CONFIG_HEAD;
}

static uint64_t *optional_of(const struct frontier *f, uint64_t *config)
{
    return config + CONFIG_HEAD + f->words;
}

/* What only looks and fits is done; writes of what is there anyway may be taken now
 * without a trace, or later. */
static void settle(const struct frontier *f, uint64_t *config)
{
    uint32_t value = config_value(config);
    const struct interest *in = interest_in(f, value);
    uint64_t *done = done_of(f, config), *optional = optional_of(f, config);
    for (size_t i = 0; i < f->words; i++) {
        done[i] |= in->looks[i] | (f->unlikes[i] & ~in->unlikes[i]);
        uint64_t idle = in->writes[i] | (value == 0 ? f->appends[i] : 0);
        optional[i] |= idle & ~done[i];
    }
}

/* --- one step --- */

/* What slot's operation leaves where `value` is; UINT32_MAX: it does not fit. */
static uint32_t leaves(const struct deed *d, uint32_t value)
{
    switch (d->kind) {
    case DEED_WRITE: return d->to;
    case DEED_CAS: return d->from == value ? d->to : UINT32_MAX;
    case DEED_APPEND: break;
    case DEED_LOOK:
    case DEED_UNLIKE: return UINT32_MAX;
    }
    uint32_t low = 0, high = d->pair_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (d->pairs[middle].from < value)
            low = middle + 1;
        else
            high = middle;
    }
    return low < d->pair_count && d->pairs[low].from == value ? d->pairs[low].to : 0;
}

static bool any(const uint64_t *mask, const uint64_t *except, size_t words)
{
    for (size_t i = 0; i < words; i++)
        if (mask[i] & ~except[i])
            return true;
    return false;
}

/* As config_hold.pending: something moved during this return, and nothing follows. */
enum { MOVED = 1 };

/* When the first of those returns who need the write in `slot`, or it does itself. */
static uint32_t first_need(const struct frontier *f, const uint64_t *done, uint32_t slot)
{
    const struct interest *in = interest_in(f, f->deeds[slot].to);
    uint32_t first = f->deeds[slot].return_at;
    for (size_t i = 0; i < f->words; i++)
        for (uint64_t left = in->looks[i] & ~done[i]; left; left &= left - 1) {
            uint32_t look = (uint32_t)(i * 64) + (uint32_t)__builtin_ctzll(left);
            if (f->deeds[look].return_at < first)
                first = f->deeds[look].return_at;
        }
    return first;
}

/* A write that another follows at once, while X returns, might as well wait until just
 * before the next change of the value, unless it is itself, or somebody who reads it,
 * gone by then. So where it came early, the value must hold until one of them has
 * returned; all that is lost are detours. It cannot be moved past what needs to find
 * its value, nor in front of such a change, nor where somebody wants any other value. */
static struct config_hold hold_after(const struct frontier *f, const uint64_t *config,
                                     uint32_t slot)
{
    struct config_hold hold = config_held(config);
    if (f->deeds[slot].kind != DEED_WRITE)
        return (struct config_hold){0, MOVED};
    if (hold.until < hold.pending)
        hold.until = hold.pending;
    bool movable = !any(f->unlikes, config + CONFIG_HEAD, f->words);
    hold.pending = movable ? first_need(f, config + CONFIG_HEAD, slot) + 1 : MOVED;
    return hold;
}

/* Must the value stay, as it came with a detour? Not while it is on its way. */
static bool is_held(const struct frontier *f, const uint64_t *config)
{
    struct config_hold hold = config_held(config);
    return hold.pending == 0 && hold.until > f->rank;
}

/* `child` becomes `config` after the operation in `slot`, which leaves `to`. */
static void take(struct frontier *f, const uint64_t *config, uint32_t slot, uint32_t to,
                 uint64_t *child)
{
    memcpy(child, config, configs_stride(&f->now) * sizeof *child);
    uint64_t *done = done_of(f, child), *optional = optional_of(f, child);
    set(done, slot);
    clear(optional, slot);
    if (f->deeds[slot].kind == DEED_WRITE)
        for (size_t i = 0; i < f->words; i++)
            optional[i] |= (f->writes[i] | f->appends[i]) & ~done[i];
    uint32_t trail = config_trail(config);
    if (f->limits.keeps_trail) {
        trail = trail_add(&f->trail, trail, (struct trail_step){f->deeds[slot].op, f->event});
        if (trail == UINT32_MAX) {
            f->state = FRONTIER_FULL;
            trail = TRAIL_START;
        }
    }
    config_set(child, to, trail);
    config_hold(child, hold_after(f, config, slot));
    settle(f, child);
}

/* Does a pending operation want the value to become `to`? */
static bool is_wanted(const struct frontier *f, const uint64_t *config, uint32_t to)
{
    const uint64_t *done = config + CONFIG_HEAD;
    const struct interest *in = interest_in(f, to);
    if (any(in->looks, done, f->words) || any(in->replaces, done, f->words))
        return true;
    const struct interest *here = interest_in(f, config_value(config));
    if (to != config_value(config) && any(here->unlikes, done, f->words))
        return true;
    return to != 0 && any(f->appends, done, f->words);
}

/* Is a write or append still owed, other than `slot`'s? */
static bool is_owing(const struct frontier *f, const uint64_t *config, uint32_t slot)
{
    const uint64_t *done = config + CONFIG_HEAD, *optional = done + f->words;
    for (size_t i = 0; i < f->words; i++) {
        uint64_t owed = (f->writes[i] | f->appends[i]) & ~done[i] & ~optional[i];
        if (i == slot / 64)
            owed &= ~(UINT64_C(1) << (slot % 64));
        if (owed)
            return true;
    }
    return false;
}

/* Of the slots in `mask` that are not done, the one that returns first; UINT32_MAX:
 * there is none. */
static uint32_t earliest(const struct frontier *f, const uint64_t *mask, const uint64_t *done)
{
    uint32_t best = UINT32_MAX;
    for (size_t i = 0; i < f->words; i++)
        for (uint64_t left = mask[i] & ~done[i]; left; left &= left - 1) {
            uint32_t slot = (uint32_t)(i * 64) + (uint32_t)__builtin_ctzll(left);
            if (best == UINT32_MAX || f->deeds[slot].return_at < f->deeds[best].return_at)
                best = slot;
        }
    return best;
}

/* --- sequences of steps --- */

/* While `target` returns: `f->seen` are configurations in which it is still to come. */
struct closure {
    struct frontier *f;
    uint32_t target;
    bool wanted; /* what it leaves is, by somebody who returns later */
    uint64_t *child;
};

/* Can one of those in `mask` that are owed return before anybody could leave what it
 * wants to find? */
static bool comes_too_late(const struct frontier *f, const uint64_t *mask, const uint64_t *done,
                           uint32_t target, uint32_t source)
{
    for (size_t i = 0; i < f->words; i++)
        for (uint64_t left = mask[i] & ~done[i]; left; left &= left - 1) {
            uint32_t slot = (uint32_t)(i * 64) + (uint32_t)__builtin_ctzll(left);
            const struct deed *d = &f->deeds[slot];
            if (!d->optional && slot != target && d->return_at < source)
                return true;
        }
    return false;
}

/* Is it certain that some pending operation will never find what it wants? */
static bool is_doomed(const struct frontier *f, const uint64_t *config, uint32_t target)
{
    const uint64_t *done = config + CONFIG_HEAD;
    if (any(f->appends, done, f->words))
        return false;
    for (uint32_t i = 1; i < f->interest_count; i++) {
        const struct interest *in = &f->interests[i];
        if (in->users == 0 || in->value == config_value(config) || in->can_come > 0 ||
            any(in->writes, done, f->words))
            continue;
        uint32_t source = f->limits.next_source[in->value];
        if (comes_too_late(f, in->looks, done, target, source) ||
            comes_too_late(f, in->replaces, done, target, source))
            return true;
    }
    return false;
}

static bool is_owed_before(const struct frontier *f, const uint64_t *mask, const uint64_t *done,
                           uint32_t rank)
{
    for (size_t i = 0; i < f->words; i++)
        for (uint64_t left = mask[i] & ~done[i]; left; left &= left - 1) {
            uint32_t slot = (uint32_t)(i * 64) + (uint32_t)__builtin_ctzll(left);
            if (f->deeds[slot].return_at < rank)
                return true;
        }
    return false;
}

static bool cannot_hold(const struct frontier *f, const uint64_t *config, uint32_t target)
{
    const uint64_t *done = config + CONFIG_HEAD, *optional = done + f->words;
    uint32_t until = config_held(config).until;
    if (until <= f->rank + 1 || any(f->appends, done, f->words) || f->cas_count > 0)
        return false;
    for (size_t i = 0; i < f->words; i++)
        for (uint64_t left = f->pending[i] & ~done[i] & ~optional[i]; left; left &= left - 1) {
            uint32_t slot = (uint32_t)(i * 64) + (uint32_t)__builtin_ctzll(left);
            if (slot != target && f->deeds[slot].return_at < until)
                return true;
        }
    return false;
}

/* The target is done, or may be left out: a configuration of the next moment. */
static void arrive(struct closure *c, const uint64_t *config)
{
    struct frontier *f = c->f;
    if (f->limits.next_source &&
        (is_doomed(f, config, c->target) || cannot_hold(f, config, c->target)))
        return;
    uint64_t *arrived = c->child + configs_stride(&f->now);
    memcpy(arrived, config, configs_stride(&f->now) * sizeof *arrived);
    clear(done_of(f, arrived), c->target);
    clear(optional_of(f, arrived), c->target);
    uint32_t until = config_held(arrived).until;
    config_hold(arrived, (struct config_hold){until > f->rank + 1 ? until : 0, 0});
    configs_add(&f->next, arrived);
}

/* Is c->child, made of `config`, on its way in a manner that another way makes
 * superfluous? Writes that others follow at once may come in any order, so they come in
 * that of their needs; and the value they lead to must outlast those needs, so nobody
 * else may be owed something before. */
static bool is_detour(const struct closure *c, const uint64_t *config)
{
    const struct frontier *f = c->f;
    struct config_hold before = config_held(config), now = config_held(c->child);
    if (now.pending <= MOVED)
        return false;
    if (before.pending > now.pending)
        return true;
    if (f->cas_count > 0 || any(f->appends, c->child + CONFIG_HEAD, f->words))
        return false;
    uint32_t exempt =
        f->deeds[c->target].kind == DEED_LOOK ? f->deeds[c->target].from : UINT32_MAX;
    for (uint32_t i = 1; i < f->interest_count; i++) {
        const struct interest *in = &f->interests[i];
        if (in->users == 0 || in->value == exempt ||
            !is_owed_before(f, in->looks, c->child + CONFIG_HEAD, now.pending - 1))
            continue;
        if (exempt != UINT32_MAX)
            return true;
        exempt = in->value;
    }
    return false;
}

static void add_child(struct closure *c, const uint64_t *config, uint32_t slot, uint32_t to)
{
    struct frontier *f = c->f;
    take(f, config, slot, to, c->child);
    if (get(done_of(f, c->child), c->target)) {
        arrive(c, c->child);
        return;
    }
    bool was_optional = get(config + CONFIG_HEAD + f->words, c->target);
    bool is_optional = get(optional_of(f, c->child), c->target);
    if (is_optional && !was_optional)
        arrive(c, c->child);
    if ((!is_optional || c->wanted) && !is_detour(c, config))
        configs_add(&f->seen, c->child);
}

static void try_writes(struct closure *c, const uint64_t *config)
{
    struct frontier *f = c->f;
    for (uint32_t i = 1; i < f->interest_count; i++) {
        const struct interest *in = &f->interests[i];
        if (in->users == 0)
            continue;
        uint32_t slot = earliest(f, in->writes, config + CONFIG_HEAD);
        if (slot == UINT32_MAX || slot == c->target)
            continue;
        uint32_t value = in->value;
        if (value == config_value(config) ? is_owing(f, config, slot)
                                          : is_wanted(f, config, value))
            add_child(c, config, slot, value);
    }
}

static void try_replaces(struct closure *c, const uint64_t *config)
{
    struct frontier *f = c->f;
    const struct interest *in = interest_in(f, config_value(config));
    for (size_t i = 0; i < f->words; i++)
        for (uint64_t left = in->replaces[i] & ~config[CONFIG_HEAD + i]; left;
             left &= left - 1) {
            uint32_t slot = (uint32_t)(i * 64) + (uint32_t)__builtin_ctzll(left);
            const struct deed *d = &f->deeds[slot];
            if (slot != c->target && (!d->optional || is_wanted(f, config, d->to)))
                add_child(c, config, slot, d->to);
        }
}

static void try_appends(struct closure *c, const uint64_t *config)
{
    struct frontier *f = c->f;
    for (size_t i = 0; i < f->words; i++)
        for (uint64_t left = f->appends[i] & ~config[CONFIG_HEAD + i]; left; left &= left - 1) {
            uint32_t slot = (uint32_t)(i * 64) + (uint32_t)__builtin_ctzll(left);
            uint32_t to = leaves(&f->deeds[slot], config_value(config));
            if (slot != c->target && (to != 0 || is_wanted(f, config, to)))
                add_child(c, config, slot, to);
        }
}

/* The target itself first: the shortest way. */
static void expand(struct closure *c, const uint64_t *config)
{
    struct frontier *f = c->f;
    const struct deed *d = &f->deeds[c->target];
    uint32_t to = leaves(d, config_value(config));
    bool held = is_held(f, config);
    if (to != UINT32_MAX && !(held && d->kind == DEED_WRITE))
        add_child(c, config, c->target, to);
    if (!held)
        try_writes(c, config);
    try_replaces(c, config);
    try_appends(c, config);
}

static bool may_go_on(struct frontier *f)
{
    if (f->now.full || f->next.full || f->seen.full)
        f->state = FRONTIER_FULL;
    else if (!budget_spend(f->limits.budget, 1))
        f->state = FRONTIER_SPENT;
    return f->state == FRONTIER_ALIVE;
}

/* Copies: adding moves what is pointed at. */
static void close_over(struct closure *c)
{
    struct frontier *f = c->f;
    size_t size = configs_stride(&f->now) * sizeof *c->child;
    uint64_t *config = c->child + 2 * configs_stride(&f->now);
    for (size_t i = 0; i < f->seen.count && may_go_on(f); i++) {
        if (f->next.count > 4 * f->limits.configs_max) {
            f->cut = true;
            return;
        }
        memcpy(config, configs_at(&f->seen, i), size);
        expand(c, config);
    }
}

/* --- events --- */

void frontier_call(struct frontier *f, uint32_t slot, const struct deed *deed)
{
    assert(slot < f->slot_count && !get(f->pending, slot));
    f->deeds[slot] = *deed;
    note_pending(f, slot);
    for (size_t i = 0; i < f->now.count; i++) {
        uint64_t *config = configs_at(&f->now, i);
        if (deed->optional)
            set(optional_of(f, config), slot);
        settle(f, config);
    }
}

static void sort_out(struct frontier *f, uint32_t slot, bool wanted)
{
    for (size_t i = 0; i < f->now.count; i++) {
        uint64_t *config = configs_at(&f->now, i);
        bool done = get(done_of(f, config), slot), optional = get(optional_of(f, config), slot);
        struct closure c = {.f = f, .target = slot, .child = f->child};
        if (done || optional)
            arrive(&c, config);
        if (!done && (!optional || wanted))
            configs_add(&f->seen, config);
    }
}

static void tidy_trail(struct frontier *f)
{
    if (f->trail.count < 2 * f->trail_pruned + (1 << 16))
        return;
    uint32_t *ends = malloc((f->now.count + 1) * sizeof *ends);
    for (size_t i = 0; ends && i < f->now.count; i++)
        ends[i] = config_trail(configs_at(&f->now, i));
    if (ends && trail_prune(&f->trail, ends, f->now.count))
        for (size_t i = 0; i < f->now.count; i++) {
            uint64_t *config = configs_at(&f->now, i);
            config_set(config, config_value(config), ends[i]);
        }
    free(ends);
    f->trail_pruned = f->trail.count;
}

static void swap_in(struct frontier *f)
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

void frontier_return(struct frontier *f, uint32_t slot, bool wanted)
{
    assert(get(f->pending, slot));
    if (f->state != FRONTIER_ALIVE)
        return;
    struct closure c = {.f = f, .target = slot, .wanted = wanted, .child = f->child};
    if (!f->deeds[slot].optional)
        f->rank = f->deeds[slot].return_at;
    sort_out(f, slot, wanted);
    close_over(&c);
    forget_pending(f, slot);
    f->event++;
    swap_in(f);
    (void)may_go_on(f);
    if (f->state == FRONTIER_ALIVE && f->now.count == 0)
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

size_t frontier_size(const struct frontier *f)
{
    return f->now.count;
}

size_t frontier_path(const struct frontier *f, struct trail_step **out, struct arena *arena)
{
    size_t count = 0;
    assert(f->now.count > 0 && f->limits.keeps_trail);
    *out = trail_path(&f->trail, config_trail(configs_at(&f->now, 0)), arena, &count);
    return count;
}

/* --- beginning and end --- */

enum { GLOBAL_MASKS = 6, INTEREST_MASKS = 4 };

static void hand_out_masks(struct frontier *f)
{
    uint64_t *at = f->masks;
    uint64_t **global[GLOBAL_MASKS] = {&f->pending, &f->looks,   &f->unlikes,
                                       &f->writes,  &f->appends, &f->sure_cas};
    for (size_t i = 0; i < GLOBAL_MASKS; i++, at += f->words)
        *global[i] = at;
    for (uint32_t i = 0; i < f->interest_count; i++) {
        struct interest *in = &f->interests[i];
        uint64_t **own[INTEREST_MASKS] = {&in->looks, &in->unlikes, &in->writes, &in->replaces};
        for (size_t k = 0; k < INTEREST_MASKS; k++, at += f->words)
            *own[k] = at;
    }
}

static bool allocate(struct frontier *f, uint32_t values)
{
    size_t masks = GLOBAL_MASKS + (size_t)INTEREST_MASKS * f->interest_count;
    f->deeds = calloc(f->slot_count, sizeof *f->deeds);
    f->interests = calloc(f->interest_count, sizeof *f->interests);
    f->interest_of = calloc(values, sizeof *f->interest_of);
    f->masks = calloc(masks * f->words, sizeof *f->masks);
    f->child = calloc(3 * configs_stride(&f->now), sizeof *f->child);
    return f->deeds && f->interests && f->interest_of && f->masks && f->child;
}

struct frontier *frontier_new(uint32_t values, uint32_t slots, uint32_t first_value,
                              struct frontier_limits limits)
{
    struct frontier *f = calloc(1, sizeof *f);
    if (!f)
        return NULL;
    struct memory *memory = limits.budget->memory;
    f->limits = limits;
    f->slot_count = slots > 0 ? slots : 1;
    f->words = (f->slot_count + 63) / 64;
    f->interest_count = 2 * f->slot_count + 1;
    f->now = f->next = f->seen = (struct configs){.mask_words = f->words, .memory = memory};
    f->trail.memory = memory;
    if (!allocate(f, values)) {
        frontier_free(f);
        return NULL;
    }
    hand_out_masks(f);
    config_set(f->child, first_value, TRAIL_START);
    configs_add(&f->now, f->child);
    if (f->now.full)
        f->state = FRONTIER_FULL;
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
    free(f->deeds);
    free(f->interests);
    free(f->interest_of);
    free(f->masks);
    free(f->child);
    free(f);
}
