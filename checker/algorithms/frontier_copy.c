/* One frontier from another, and what is to be known for that. */
#include <assert.h>
#include <string.h>

#include "checker/algorithms/frontier_parts.h"

static void forget_all(struct frontier *f)
{
    for (uint32_t slot = 0; slot < f->slot_count; slot++)
        if (mask_has(f->pending, slot))
            frontier_forget(f, slot);
    configs_clear(&f->now);
    configs_clear(&f->next);
    configs_clear(&f->seen);
}

void frontier_begin(struct frontier *f, uint32_t first_value)
{
    assert(first_value < f->value_count && f->trail.count == 0);
    forget_all(f);
    f->rank = 0;
    f->cut = false;
    f->state = FRONTIER_ALIVE;
    memset(f->taken, 0, configs_stride(&f->now) * sizeof *f->taken);
    config_set(f->taken, first_value, TRAIL_START);
    configs_add(&f->now, f->taken);
    if (f->now.full)
        f->state = FRONTIER_FULL;
}

static uint32_t renamed(struct renaming r, uint32_t value)
{
    return r.of ? r.of(r.user, value) : value;
}

static void copy_pending(struct frontier *to, const struct frontier *from, struct renaming r)
{
    for (uint32_t slot = 0; slot < from->slot_count; slot++) {
        if (!mask_has(from->pending, slot))
            continue;
        struct deed d = from->deeds[slot];
        assert(d.kind != DEED_APPEND);
        if (d.kind != DEED_WRITE)
            d.from = renamed(r, d.from);
        if (d.kind == DEED_WRITE || d.kind == DEED_CAS)
            d.to = renamed(r, d.to);
        to->deeds[slot] = d;
        frontier_note(to, slot);
    }
}

static void copy_config(struct frontier *to, const struct frontier *from, size_t i,
                        struct renaming r)
{
    const uint64_t *config = configs_at(&from->now, i), *done = config + CONFIG_HEAD;
    memset(to->taken, 0, configs_stride(&to->now) * sizeof *to->taken);
    config_set(to->taken, renamed(r, config_value(config)), TRAIL_START);
    config_hold(to->taken, config_held(config));
    memcpy(config_done(to->taken), done, from->words * sizeof *done);
    memcpy(config_optional(to, to->taken), done + from->words, from->words * sizeof *done);
    configs_add(&to->now, to->taken);
}

void frontier_copy(struct frontier *to, const struct frontier *from, struct renaming renaming)
{
    assert(to->slot_count >= from->slot_count && to->value_count >= from->value_count);
    assert(!to->limits.keeps_trail && !from->limits.keeps_trail);
    forget_all(to);
    copy_pending(to, from, renaming);
    for (size_t i = 0; i < from->now.count; i++)
        copy_config(to, from, i, renaming);
    to->rank = from->rank;
    to->cut = from->cut;
    to->state = to->now.full ? FRONTIER_FULL : from->state;
}

void frontier_each_value(const struct frontier *f, void (*visit)(void *user, uint32_t value),
                         void *user)
{
    for (size_t i = 0; i < f->now.count; i++)
        visit(user, config_value(configs_at(&f->now, i)));
    for (uint32_t slot = 0; slot < f->slot_count; slot++) {
        const struct deed *d = &f->deeds[slot];
        if (!mask_has(f->pending, slot))
            continue;
        if (d->kind != DEED_WRITE)
            visit(user, d->from);
        if (d->kind == DEED_WRITE || d->kind == DEED_CAS)
            visit(user, d->to);
    }
}

uint32_t frontier_only_value(const struct frontier *f)
{
    for (size_t i = 0; i < f->words; i++)
        if (f->pending[i])
            return UINT32_MAX;
    uint32_t value = f->now.count > 0 ? config_value(configs_at(&f->now, 0)) : UINT32_MAX;
    for (size_t i = 1; i < f->now.count; i++)
        if (config_value(configs_at(&f->now, i)) != value)
            return UINT32_MAX;
    return value;
}
