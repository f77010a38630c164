#include "injector/lab_backend.h"

#include <stdlib.h>
#include <string.h>

#include "injector/shape.h"

struct lab_backend {
    struct backend base;
    struct lab_backend_spec spec;
    struct link_table now;
    struct link_set sets[SETS];   /* of a change under way */
    struct nftables_counts cut;   /* as last read */
    struct shaper_counts carried; /* as last read */
};

static struct lab_backend *backend_of(struct backend *b)
{
    return CONTAINER_OF(b, struct lab_backend, base);
}

static enum err_code check(struct backend *b, const struct link_table *table, struct err *err)
{
    struct lab_backend *l = backend_of(b);
    struct shaper *s = l->spec.shaper;
    return s->ops->check ? s->ops->check(s, table, err) : ERR_OK;
}

/* --- making a table true --- */

static bool shaped(const struct link_shape *s)
{
    static const struct link_shape perfect;
    return !shaped_alike(s, &perfect);
}

/* Neighbours meet in their router and the shaper would never see them, were it not
 * for a detour. */
static void sets_of(struct lab_backend *l, const struct link_table *table)
{
    const struct lab_map *map = l->spec.map;
    memset(l->sets, 0, sizeof l->sets);
    for (uint32_t from = 0; from < map->place_count; from++)
        for (uint32_t to = 0; to < map->place_count; to++) {
            if (from == to)
                continue;
            bool neighbours = map->region[from] == map->region[to];
            l->sets[SET_CUT].on[from][to] = table->at[from][to].blocked;
            l->sets[SET_DETOUR].on[from][to] = l->spec.shaper->ops->inside_regions &&
                                               neighbours && shaped(&table->at[from][to]);
        }
}

static enum err_code change_rules(struct lab_backend *l, const struct link_table *table,
                                  struct err *err)
{
    sets_of(l, table);
    for (uint32_t r = 0; r < l->spec.map->region_count; r++)
        if (nftables_change(l->spec.cuts[r], l->sets, err))
            return err_wrap(err, "router of '%s'", l->spec.topology->regions[r].name);
    return ERR_OK;
}

static enum err_code change_shapes(struct lab_backend *l, const struct link_table *table,
                                   struct err *err)
{
    struct shaper *s = l->spec.shaper;
    return s->ops->apply(s, table, err);
}

/* Best effort: the first failure is the one to be told. */
static void go_back(struct lab_backend *l)
{
    struct err ignored;
    (void)change_rules(l, &l->now, &ignored);
    (void)change_shapes(l, &l->now, &ignored);
}

static enum err_code apply(struct backend *b, const struct link_table *table, struct err *err)
{
    struct lab_backend *l = backend_of(b);
    enum err_code code = change_rules(l, table, err);
    if (code == ERR_OK)
        code = change_shapes(l, table, err);
    if (code) {
        go_back(l);
        return err_wrap(err, "the links stay as they were");
    }
    l->now = *table;
    return ERR_OK;
}

/* --- measuring --- */

static bool read_all(struct lab_backend *l)
{
    struct shaper *s = l->spec.shaper;
    struct err ignored;
    for (uint32_t r = 0; r < l->spec.map->region_count; r++)
        if (nftables_read(l->spec.cuts[r], &l->cut, &ignored))
            return false;
    return s->ops->count(s, &l->carried, &ignored) == ERR_OK;
}

/* A shaper that knows whole links between regions says the same of each pair of
 * places on one; it counts once. */
static bool count_shaper(const struct lab_backend *l, bool seen[REGIONS_MAX][REGIONS_MAX],
                         struct place_pair p)
{
    bool *link = &seen[l->spec.map->region[p.from]][l->spec.map->region[p.to]];
    bool again = *link;
    *link = true;
    return l->spec.shaper->ops->inside_regions || !again;
}

static bool measure(struct backend *b, const struct link_set *links, struct link_counts *out)
{
    struct lab_backend *l = backend_of(b);
    struct link_counts sum = {0};
    bool seen[REGIONS_MAX][REGIONS_MAX] = {{false}};
    if (!read_all(l))
        return false;
    for (uint32_t from = 0; from < l->spec.map->place_count; from++)
        for (uint32_t to = 0; to < l->spec.map->place_count; to++) {
            if (!links->on[from][to])
                continue;
            sum.dropped += l->cut.of[from][to].packets;
            if (!count_shaper(l, seen, (struct place_pair){from, to}))
                continue;
            sum.carried += l->carried.of[from][to].packets;
            sum.dropped += l->carried.of[from][to].dropped;
        }
    *out = sum;
    return true;
}

/* The lab frees it (lab_backend_free): nobody else may. */
static void leave_to_the_lab(struct backend *b)
{
    (void)b;
}

static const struct backend_ops *ops_named(const char *name)
{
    static const struct backend_ops all[] = {
        {"wan", check, apply, measure, leave_to_the_lab},
        {"wan-tun", check, apply, measure, leave_to_the_lab},
        {"netem", check, apply, measure, leave_to_the_lab},
    };
    size_t i = 0;
    while (i + 1 < ARRAY_LEN(all) && strcmp(name, all[i].name) != 0)
        i++;
    return &all[i];
}

struct backend *lab_backend_new(const struct lab_backend_spec *spec)
{
    struct lab_backend *l = calloc(1, sizeof *l);
    if (!l)
        return NULL;
    l->base.ops = ops_named(spec->shaper->ops->name);
    l->spec = *spec;
    return &l->base;
}

void lab_backend_free(struct backend *b)
{
    if (b)
        free(backend_of(b));
}
