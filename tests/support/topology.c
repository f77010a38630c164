#include "tests/support/topology.h"

#include "base/units.h"

static const char *const names[3][4] = {
    {"us-east-1", "us-east-2", "us-east-3", "us-east-4"},
    {"eu-west-1", "eu-west-2", "eu-west-3", "eu-west-4"},
    {"ap-south-1", "ap-south-2", "ap-south-3", "ap-south-4"},
};

static void link_both(struct topology *t, uint32_t a, uint32_t b, int64_t delay_ns)
{
    t->links[a][b] = t->links[b][a] = (struct region_link){delay_ns, delay_ns / 10, 0};
}

struct topology topology_of_three(uint32_t nodes_per_region)
{
    struct topology t = {.region_count = 3};
    t.regions[0] = (struct region){"us-east", nodes_per_region};
    t.regions[1] = (struct region){"eu-west", nodes_per_region};
    t.regions[2] = (struct region){"ap-south", nodes_per_region};
    for (uint32_t r = 0; r < 3; r++)
        for (uint32_t n = 0; n < nodes_per_region; n++)
            t.nodes[t.node_count++] = (struct node_spec){names[r][n], r};
    link_both(&t, 0, 1, 40 * NS_PER_MS);
    link_both(&t, 0, 2, 110 * NS_PER_MS);
    link_both(&t, 1, 2, 70 * NS_PER_MS);
    return t;
}
