/* Contents: settling · one operation · who may go first · sequences */
#include <assert.h>
#include <string.h>

#include "checker/algorithms/frontier_parts.h"

/* --- settling --- */

void frontier_settle(const struct frontier *f, uint64_t *config)
{
    uint32_t value = config_value(config);
    const struct interest *in = frontier_interest(f, value);
    uint64_t *done = config_done(config), *optional = config_optional(f, config);
    for (size_t i = 0; i < f->words; i++) {
        done[i] |= in->looks[i] | (f->unlikes[i] & ~in->unlikes[i]);
        uint64_t idle = in->writes[i] | (value == 0 ? f->appends[i] : 0);
        optional[i] |= idle & ~done[i];
    }
}

/* --- one operation --- */

static uint32_t appended(const struct deed *d, uint32_t value)
{
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

uint32_t deed_leaves(const struct deed *d, uint32_t value)
{
    switch (d->kind) {
    case DEED_WRITE: return d->to;
    case DEED_CAS: return d->from == value ? d->to : DEED_DOES_NOT_FIT;
    case DEED_APPEND: return appended(d, value);
    case DEED_LOOK:
    case DEED_UNLIKE: break;
    }
    return DEED_DOES_NOT_FIT;
}

/* A write hides every other one that is pending. */
static void absorb(const struct frontier *f, uint64_t *config)
{
    uint64_t *done = config_done(config), *optional = config_optional(f, config);
    for (size_t i = 0; i < f->words; i++)
        optional[i] |= (f->writes[i] | f->appends[i]) & ~done[i];
}

static uint32_t add_to_trail(struct frontier *f, uint32_t trail, uint32_t slot)
{
    if (!f->limits.keeps_trail)
        return trail;
    uint32_t added =
        trail_add(&f->trail, trail, (struct trail_step){f->deeds[slot].op, f->rank});
    if (added != UINT32_MAX)
        return added;
    f->state = FRONTIER_FULL;
    return TRAIL_START;
}

/* f->taken becomes `config` after the operation in `slot`, which leaves `to`. */
static void take(struct frontier *f, const uint64_t *config, uint32_t slot, uint32_t to)
{
    uint64_t *taken = f->taken;
    memcpy(taken, config, configs_stride(&f->now) * sizeof *taken);
    mask_set(config_done(taken), slot);
    mask_clear(config_optional(f, taken), slot);
    if (f->deeds[slot].kind == DEED_WRITE)
        absorb(f, taken);
    config_set(taken, to, add_to_trail(f, config_trail(config), slot));
    config_hold(taken, hold_after(f, config, slot));
    frontier_settle(f, taken);
}

/* --- who may go first --- */

/* Does a pending operation want the value to become `to`? */
static bool is_wanted(const struct frontier *f, const uint64_t *config, uint32_t to)
{
    const uint64_t *done = config + CONFIG_HEAD;
    const struct interest *in = frontier_interest(f, to);
    if (mask_any(in->looks, done, f->words) || mask_any(in->replaces, done, f->words))
        return true;
    const struct interest *here = frontier_interest(f, config_value(config));
    if (to != config_value(config) && mask_any(here->unlikes, done, f->words))
        return true;
    return to != 0 && mask_any(f->appends, done, f->words);
}

/* Is a write or append still owed, other than `slot`'s? Then writing what is there
 * anyway hides it. */
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

/* Of the slots in `mask` that are not done, the one that returns first. */
static uint32_t earliest(const struct frontier *f, const uint64_t *mask, const uint64_t *done)
{
    uint32_t best = NO_SLOT;
    MASK_EACH (slot, mask, done, f->words)
        if (best == NO_SLOT || f->deeds[slot].return_at < f->deeds[best].return_at)
            best = slot;
    return best;
}

/* --- sequences --- */

struct move {
    struct frontier *f;
    uint32_t target; /* the slot of who returns */
    bool wanted;
};

/* The target is done, or may be left out: a configuration of the next moment. */
static void arrive(const struct move *m, const uint64_t *config)
{
    struct frontier *f = m->f;
    uint64_t *arrived = f->arrived;
    if (prune_arrived(f, config, m->target))
        return;
    memcpy(arrived, config, configs_stride(&f->now) * sizeof *arrived);
    mask_clear(config_done(arrived), m->target);
    mask_clear(config_optional(f, arrived), m->target);
    uint32_t until = config_held(arrived).until;
    config_hold(arrived, (struct config_hold){until > f->rank + 1 ? until : 0, 0});
    configs_add(&f->next, arrived);
}

static void go(const struct move *m, const uint64_t *config, uint32_t slot, uint32_t to)
{
    struct frontier *f = m->f;
    take(f, config, slot, to);
    if (mask_has(config_done(f->taken), m->target)) {
        arrive(m, f->taken);
        return;
    }
    bool was_optional = mask_has(config + CONFIG_HEAD + f->words, m->target);
    bool is_optional = mask_has(config_optional(f, f->taken), m->target);
    if (is_optional && !was_optional)
        arrive(m, f->taken);
    if ((!is_optional || m->wanted) && !prune_on_the_way(f, config, f->taken, m->target))
        configs_add(&f->seen, f->taken);
}

/* Of writes that leave the same, the one that returns first can do whatever another
 * can. When that is not known, each is tried. */
static void try_writes(const struct move *m, const uint64_t *config)
{
    struct frontier *f = m->f;
    const uint64_t *done = config + CONFIG_HEAD;
    for (uint32_t i = 1; i < f->interest_end; i++) {
        const struct interest *in = &f->interests[i];
        if (in->users == 0)
            continue;
        uint32_t first = earliest(f, in->writes, done);
        if (first == NO_SLOT && f->limits.waiting && f->limits.waiting[in->value] > 0)
            f->cut = true; /* one that waits might have been of use */
        if (first == NO_SLOT ||
            (in->value == config_value(config) ? !is_owing(f, config, first)
                                               : !is_wanted(f, config, in->value)))
            continue;
        if (f->limits.next_source) {
            if (first != m->target)
                go(m, config, first, in->value);
            continue;
        }
        MASK_EACH (slot, in->writes, done, f->words)
            if (slot != m->target)
                go(m, config, slot, in->value);
    }
}

static void try_replaces(const struct move *m, const uint64_t *config)
{
    const struct frontier *f = m->f;
    const struct interest *in = frontier_interest(f, config_value(config));
    MASK_EACH (slot, in->replaces, config + CONFIG_HEAD, f->words) {
        const struct deed *d = &f->deeds[slot];
        if (slot != m->target && (!d->optional || is_wanted(f, config, d->to)))
            go(m, config, slot, d->to);
    }
}

static void try_appends(const struct move *m, const uint64_t *config)
{
    const struct frontier *f = m->f;
    MASK_EACH (slot, f->appends, config + CONFIG_HEAD, f->words) {
        uint32_t to = deed_leaves(&f->deeds[slot], config_value(config));
        if (slot != m->target && (to != 0 || is_wanted(f, config, to)))
            go(m, config, slot, to);
    }
}

/* The target itself first: the shortest way. */
static void expand(const struct move *m, const uint64_t *config)
{
    const struct frontier *f = m->f;
    const struct deed *d = &f->deeds[m->target];
    uint32_t to = deed_leaves(d, config_value(config));
    bool forbidden = hold_forbids(f, config);
    if (to != DEED_DOES_NOT_FIT && !(forbidden && d->kind == DEED_WRITE))
        go(m, config, m->target, to);
    if (!forbidden)
        try_writes(m, config);
    try_replaces(m, config);
    if (f->append_count > 0)
        try_appends(m, config);
}

/* Where the target is done nothing has to move; where it is optional it may be left
 * out, or used now for somebody later. */
static void sort_out(const struct move *m)
{
    struct frontier *f = m->f;
    for (size_t i = 0; i < f->now.count; i++) {
        uint64_t *config = configs_at(&f->now, i);
        bool done = mask_has(config_done(config), m->target);
        bool optional = mask_has(config_optional(f, config), m->target);
        if (done || optional)
            arrive(m, config);
        if (!done && (!optional || m->wanted))
            configs_add(&f->seen, config);
    }
}

bool frontier_may_go_on(struct frontier *f)
{
    if (f->now.full || f->next.full || f->seen.full)
        f->state = FRONTIER_FULL;
    else if (!budget_spend(f->limits.budget, 1))
        f->state = FRONTIER_SPENT;
    return f->state == FRONTIER_ALIVE;
}

enum { ARRIVALS_PER_CONFIG = 4 };

void frontier_move(struct frontier *f, uint32_t slot, bool wanted)
{
    struct move m = {.f = f, .target = slot, .wanted = wanted};
    size_t bytes = configs_stride(&f->now) * sizeof *f->expanded;
    sort_out(&m);
    for (size_t i = 0; i < f->seen.count && frontier_may_go_on(f); i++) {
        if (f->next.count / ARRIVALS_PER_CONFIG > f->limits.configs_max) {
            f->cut = true;
            return;
        }
        memcpy(f->expanded, configs_at(&f->seen, i), bytes); /* it moves as others come */
        expand(&m, f->expanded);
    }
}
