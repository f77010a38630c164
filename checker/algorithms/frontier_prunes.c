/* Contents: holding the value · who comes too late
 *
 * Detours. While an operation returns, several writes may follow each other, and each
 * lets those who read it be done. One that another write follows at once might as well
 * wait until just before the next change of the value: only then it, or somebody who
 * reads it, may have returned. So of all ways to the same end we follow those in which
 * every write comes as late as it can:
 *
 * - where one came early, the value that was led to must hold until the first of those
 *   who needed the early one has returned (config_hold.until);
 * - so nobody else may be owed something before that;
 * - several early ones have no order among themselves: they come in that of their needs.
 *
 * A write cannot be moved past an operation that needs to find its value, nor in front
 * of one that needs to find the value led to, so a CAS or an append ends a hold; nor
 * where somebody waits for any other value than the one there (a refused CAS). */
#include <assert.h>

#include "checker/algorithms/frontier_parts.h"

/* --- holding the value --- */

/* When the first of those returns who need the write in `slot`, or it does itself. */
static uint32_t first_need(const struct frontier *f, const uint64_t *done, uint32_t slot)
{
    const struct interest *in = frontier_interest(f, f->deeds[slot].to);
    uint32_t first = f->deeds[slot].return_at;
    MASK_EACH (look, in->looks, done, f->words)
        if (f->deeds[look].return_at < first)
            first = f->deeds[look].return_at;
    return first;
}

struct config_hold hold_after(const struct frontier *f, const uint64_t *config, uint32_t slot)
{
    struct config_hold hold = config_held(config);
    if (f->deeds[slot].kind != DEED_WRITE || !f->limits.next_source)
        return (struct config_hold){0, HOLD_MOVED};
    if (hold.until < hold.pending)
        hold.until = hold.pending;
    bool movable = !mask_any(f->unlikes, config + CONFIG_HEAD, f->words);
    hold.pending = movable ? first_need(f, config + CONFIG_HEAD, slot) + 1 : HOLD_MOVED;
    return hold;
}

bool hold_forbids(const struct frontier *f, const uint64_t *config)
{
    struct config_hold hold = config_held(config);
    return hold.pending == 0 && hold.until > f->rank;
}

/* --- who comes too late --- */

/* The rank before which only a write can change the value, if nothing else is pending:
 * no CAS will be called. */
static uint32_t only_writes_until(const struct frontier *f)
{
    return f->limits.next_source[f->value_count];
}

/* Does one of those in `mask` that are not done return before `rank`? */
static bool is_owed_before(const struct frontier *f, const uint64_t *mask, const uint64_t *done,
                           uint32_t rank)
{
    MASK_EACH (slot, mask, done, f->words)
        if (f->deeds[slot].return_at < rank)
            return true;
    return false;
}

/* Those whose needs come before the hold ends have to be served on the way, in order;
 * only the last write of all is free. The one that a look at the return waits for is
 * that last one; else it may be any. Where a CAS or an append may follow, a write may
 * be for its sake, and nothing is known. */
bool prune_on_the_way(const struct frontier *f, const uint64_t *config, const uint64_t *child,
                      uint32_t target)
{
    uint32_t before = config_held(config).pending, now = config_held(child).pending;
    if (now <= HOLD_MOVED || f->cas_count > 0 || f->append_count > 0)
        return false;
    if (before > now)
        return true;
    const struct deed *d = &f->deeds[target];
    uint32_t last = d->kind == DEED_LOOK ? d->from : NO_SLOT;
    uint32_t rank = now - 1 < only_writes_until(f) ? now - 1 : only_writes_until(f);
    for (uint32_t i = 1; i < f->interest_end; i++) {
        const struct interest *in = &f->interests[i];
        if (in->users == 0 || in->value == last ||
            !is_owed_before(f, in->looks, child + CONFIG_HEAD, rank))
            continue;
        if (last != NO_SLOT)
            return true;
        last = in->value;
    }
    return false;
}

/* Is somebody owed a change of the value while it has to hold? */
static bool cannot_hold(const struct frontier *f, const uint64_t *config, uint32_t target)
{
    const uint64_t *done = config + CONFIG_HEAD, *optional = done + f->words;
    struct config_hold hold = config_held(config);
    if (hold.until <= f->rank + 1 || f->append_count > 0 || f->cas_count > 0)
        return false;
    uint32_t rank = hold.until < only_writes_until(f) ? hold.until : only_writes_until(f);
    MASK_EACH (slot, f->pending, done, f->words)
        if (slot != target && !mask_has(optional, slot) && f->deeds[slot].return_at < rank)
            return true;
    return false;
}

/* Does one of those in `mask` that are owed return before anybody could leave what it
 * wants to find? */
static bool waits_in_vain(const struct frontier *f, const uint64_t *mask, const uint64_t *done,
                          uint32_t target, uint32_t source)
{
    MASK_EACH (slot, mask, done, f->words)
        if (!f->deeds[slot].optional && slot != target && f->deeds[slot].return_at < source)
            return true;
    return false;
}

bool prune_arrived(const struct frontier *f, const uint64_t *config, uint32_t target)
{
    const uint64_t *done = config + CONFIG_HEAD;
    if (!f->limits.next_source || f->append_count > 0)
        return false;
    for (uint32_t i = 1; i < f->interest_end; i++) {
        const struct interest *in = &f->interests[i];
        if (in->users == 0 || in->value == config_value(config) || in->can_come > 0 ||
            mask_any(in->writes, done, f->words))
            continue;
        uint32_t source = f->limits.next_source[in->value];
        if (waits_in_vain(f, in->looks, done, target, source) ||
            waits_in_vain(f, in->replaces, done, target, source))
            return true;
    }
    return cannot_hold(f, config, target);
}
