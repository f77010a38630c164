#include "injector/backend.h"
#include "injector/injector.h"

static uint32_t region_of_place(const struct topology *t, uint32_t place)
{
    return place < t->node_count ? t->nodes[place].region : place - t->node_count;
}

void topology_links(const struct topology *topology, struct link_table *out)
{
    *out = (struct link_table){.place_count = topology->node_count + topology->region_count};
    for (uint32_t a = 0; a < out->place_count; a++)
        for (uint32_t b = 0; b < out->place_count; b++) {
            uint32_t from = region_of_place(topology, a), to = region_of_place(topology, b);
            const struct region_link *link = &topology->links[from][to];
            if (from != to)
                out->at[a][b] = (struct link_shape){.delay_ns = link->delay_ns,
                                                    .jitter_ns = link->jitter_ns,
                                                    .loss_ppm = link->loss_ppm};
        }
}
