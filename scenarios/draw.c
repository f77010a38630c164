#include "scenarios/draw.h"

#include <assert.h>

#include "base/units.h"

struct drawing {
    const struct scenario *scenario;
    struct random_stream *random;
    struct arena *arena;
    struct err *err;
};

static int64_t draw_between(struct drawing *d, int64_t min, int64_t max, int64_t step)
{
    assert(min <= max && step > 0);
    uint64_t steps = (uint64_t)((max - min) / step);
    return min + step * (int64_t)random_below(d->random, steps + 1);
}

static enum err_code no_memory(struct drawing *d)
{
    return err_set(d->err, ERR_NOMEM, "random_faults: no memory");
}

/* --- what --- */

static bool is_usable(const struct drawing *d, const struct plugin *fault)
{
    return system_can_take(d->scenario->system.plugin, fault);
}

static const struct plugin *draw_kind(struct drawing *d, const struct catalogue *faults)
{
    uint64_t count = 0;
    for (const struct plugin *const *p = faults->all; *p; p++)
        count += is_usable(d, *p);
    if (count == 0)
        return NULL;
    uint64_t left = random_below(d->random, count);
    for (const struct plugin *const *p = faults->all; *p; p++)
        if (is_usable(d, *p) && left-- == 0)
            return *p;
    return NULL;
}

/* Steps that people would write: whole milliseconds, tenths of a percent. */
static void draw_number(struct drawing *d, const struct param *p, void *config)
{
    int64_t step = p->type == PARAM_DURATION ? NS_PER_MS : p->type == PARAM_PERCENT ? 1000 : 1;
    int64_t *field = (int64_t *)(void *)((char *)config + p->offset);
    *field = draw_between(d, p->draw_min, p->draw_max, step);
}

/* --- whom --- */

enum { POOL_MAX = 8 + NODES_MAX + 2 * REGIONS_MAX };
struct pool {
    const char *texts[POOL_MAX];
    size_t count;
    bool whole; /* no text was lost for want of memory */
};

static void offer(struct pool *pool, const char *text)
{
    assert(pool->count < POOL_MAX);
    pool->whole &= text != NULL;
    pool->texts[pool->count++] = text;
}

static const char *role_of(struct drawing *d, const char *role, uint64_t table)
{
    return arena_format(d->arena, "%s of %s", role, d->scenario->system.tables[table].name);
}

static uint64_t draw_table(struct drawing *d)
{
    return random_below(d->random, d->scenario->system.table_count);
}

static void offer_roles(struct drawing *d, struct pool *pool, bool on_links)
{
    const struct topology *t = &d->scenario->topology;
    uint64_t table = draw_table(d);
    if (!(d->scenario->system.plugin->flags & SYSTEM_ROLES) || t->node_count < 2)
        return;
    offer(pool, role_of(d, "leader", table));
    offer(pool, role_of(d, "any-follower", table));
    if (on_links && t->region_count > 1)
        offer(pool, role_of(d, "leader-region", table));
    if (on_links && t->node_count > 2)
        offer(pool, role_of(d, "leader + 1 follower", table));
}

/* Whom one target may be: never everybody, where links to others are cut. */
static void fill_pool(struct drawing *d, struct pool *pool, bool on_links)
{
    const struct topology *t = &d->scenario->topology;
    *pool = (struct pool){.whole = true};
    offer_roles(d, pool, on_links);
    for (uint32_t n = 0; n < t->node_count && (!on_links || t->node_count > 1); n++)
        offer(pool, t->nodes[n].name);
    for (uint32_t r = 0; on_links && r < t->region_count; r++) {
        offer(pool, arena_format(d->arena, "clients of %s", t->regions[r].name));
        if (t->region_count > 1)
            offer(pool, t->regions[r].name);
    }
    if (on_links && t->node_count > 2)
        offer(pool, "minority");
}

static bool draw_single(struct drawing *d, bool on_links, const char **out)
{
    struct pool pool;
    fill_pool(d, &pool, on_links);
    *out = pool.texts[random_below(d->random, pool.count)];
    return pool.whole;
}

/* Two that are never the same: regions where there are two, else nodes. */
static bool draw_pair(struct drawing *d, const char **a, const char **b)
{
    const struct topology *t = &d->scenario->topology;
    bool roles = random_happens(d->random, 500000) && t->node_count > 1 &&
                 (d->scenario->system.plugin->flags & SYSTEM_ROLES);
    uint64_t table = draw_table(d);
    bool regions = t->region_count > 1;
    uint64_t count = regions ? t->region_count : t->node_count;
    uint64_t first = random_below(d->random, count);
    uint64_t second =
        count > 1 ? (first + 1 + random_below(d->random, count - 1)) % count : first;
    if (roles) {
        *a = role_of(d, "leader", table);
        *b = role_of(d, "any-follower", table);
        return *a && *b;
    }
    *a = regions ? t->regions[first].name : t->nodes[first].name;
    *b = regions ? t->regions[second].name : t->nodes[second].name;
    if (count == 1)
        *b = arena_format(d->arena, "clients of %s", t->regions[0].name);
    return *a && *b;
}

/* One group of targets, and both of it when there are two. */
static bool draw_targets(struct drawing *d, const struct plugin *fault, void *config)
{
    int64_t group_count = 0;
    for (const struct param *p = fault->params; p->name; p++)
        if (p->type == PARAM_TARGET && p->draw_max > group_count)
            group_count = p->draw_max;
    if (group_count == 0)
        return true;
    int64_t group = 1 + (int64_t)random_below(d->random, (uint64_t)group_count);
    const char **fields[2];
    size_t count = 0;
    for (const struct param *p = fault->params; p->name; p++)
        if (p->type == PARAM_TARGET && p->draw_max == group && count < ARRAY_LEN(fields))
            fields[count++] = (const char **)(void *)((char *)config + p->offset);
    if (count == 2)
        return draw_pair(d, fields[0], fields[1]);
    return count == 0 || draw_single(d, fault->flags & FAULT_ON_LINKS, fields[0]);
}

/* --- when --- */

/* From one tenth of the run on, over before nine tenths: also when a role is waited
 * for, and so that what recovers can be seen. */
static void draw_times(struct drawing *d, struct planned_fault *f)
{
    int64_t tenth_ns = d->scenario->duration_ns / 10;
    int64_t longest_ns = tenth_ns * 5 / 2;
    if (longest_ns > 8 * NS_PER_S)
        longest_ns = 8 * NS_PER_S;
    int64_t length_ns = draw_between(d, longest_ns / 8, longest_ns, NS_PER_MS);
    f->wait_ns = tenth_ns < 2 * NS_PER_S ? tenth_ns : 2 * NS_PER_S;
    f->at_ns = draw_between(d, tenth_ns, 9 * tenth_ns - f->wait_ns - length_ns, NS_PER_MS);
    f->for_ns = f->plugin->flags & FAULT_HEALS ? length_ns : 0;
    f->restart_after_ns = f->plugin->flags & FAULT_RESTARTS ? length_ns : -1;
}

enum err_code draw_fault(const struct scenario *scenario, const struct catalogue *faults,
                         struct random_stream *random, struct arena *arena,
                         struct planned_fault *out, struct err *err)
{
    struct drawing d = {scenario, random, arena, err};
    *out = (struct planned_fault){.plugin = draw_kind(&d, faults)};
    if (!out->plugin)
        return err_set(err, ERR_INVALID, "random_faults: the system '%s' can take no fault",
                       scenario->system.plugin->name);
    void *config = arena_alloc(arena, out->plugin->config_size ? out->plugin->config_size : 1);
    if (!config)
        return no_memory(&d);
    param_defaults(out->plugin->params, config);
    for (const struct param *p = out->plugin->params; p->name; p++)
        if (p->type != PARAM_TARGET && p->draw_max > 0)
            draw_number(&d, p, config);
    if (!draw_targets(&d, out->plugin, config))
        return no_memory(&d);
    out->config = config;
    draw_times(&d, out);
    if (out->plugin->check && out->plugin->check(config, err))
        return err_wrap(err, "random_faults: %s", out->plugin->name);
    return ERR_OK;
}
