#include "systems/distance.h"

static int64_t round_trip_ns(const struct topology *t, uint32_t region, uint32_t node)
{
    uint32_t other = t->nodes[node].region;
    return t->links[region][other].delay_ns + t->links[other][region].delay_ns;
}

/* The own region's nodes come first also where links have no delay. */
static bool is_nearer(const struct topology *t, uint32_t region, uint8_t a, uint8_t b)
{
    bool own_a = t->nodes[a].region == region, own_b = t->nodes[b].region == region;
    if (own_a != own_b)
        return own_a;
    int64_t to_a_ns = round_trip_ns(t, region, a), to_b_ns = round_trip_ns(t, region, b);
    return to_a_ns != to_b_ns ? to_a_ns < to_b_ns : a < b;
}

void distance_rank(const struct topology *t, uint32_t region, uint8_t *nearest)
{
    for (uint8_t node = 0; node < t->node_count; node++) {
        uint8_t at = node;
        for (; at > 0 && is_nearer(t, region, node, nearest[at - 1]); at--)
            nearest[at] = nearest[at - 1];
        nearest[at] = node;
    }
}
