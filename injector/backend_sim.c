/* The simulator reads its links' shapes as it goes, so making them true is writing
 * them; and it counts what each link carries and drops. */
#include <stdlib.h>

#include "injector/backend.h"
#include "io/world.h"

struct backend_of_sim {
    struct backend base;
    struct world *world;
    uint32_t place_count;
};

static struct backend_of_sim *sim_of(struct backend *b)
{
    return CONTAINER_OF(b, struct backend_of_sim, base);
}

static enum err_code check(struct backend *b, const struct link_table *table, struct err *err)
{
    uint32_t places = sim_of(b)->place_count;
    if (table->place_count != places)
        return err_set(err, ERR_INVALID, "links of %u places for a simulated world of %u",
                       table->place_count, places);
    return ERR_OK;
}

static enum err_code apply(struct backend *b, const struct link_table *table, struct err *err)
{
    struct world *w = sim_of(b)->world;
    if (check(b, table, err))
        return err->code;
    for (uint16_t from = 0; from < table->place_count; from++)
        for (uint16_t to = 0; to < table->place_count; to++)
            if (from != to)
                *w->ops->link(w, from, to) = table->at[from][to];
    return ERR_OK;
}

static bool measure(struct backend *b, const struct link_set *links, struct link_counts *out)
{
    const struct backend_of_sim *sim = sim_of(b);
    *out = (struct link_counts){0};
    for (uint16_t from = 0; from < sim->place_count; from++)
        for (uint16_t to = 0; to < sim->place_count; to++) {
            if (!links->on[from][to])
                continue;
            struct link_counts one = sim->world->ops->link_counts(sim->world, from, to);
            out->carried += one.carried;
            out->dropped += one.dropped;
        }
    return true;
}

static void backend_free(struct backend *b)
{
    free(sim_of(b));
}

struct backend *backend_sim(struct world *world, uint32_t place_count)
{
    static const struct backend_ops ops = {.name = "sim",
                                           .check = check,
                                           .apply = apply,
                                           .measure = measure,
                                           .free = backend_free};
    struct backend_of_sim *sim = calloc(1, sizeof *sim);
    if (!sim)
        return NULL;
    *sim = (struct backend_of_sim){{&ops}, world, place_count};
    return &sim->base;
}
