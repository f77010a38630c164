/* The store in simulation keeps the contract of systems. */
#include "tests/support/conformance.h"
#include "tests/support/test.h"

#include "base/units.h"
#include "io/sim.h"

enum { REGIONS = 3, NODES = 3, PLACES = NODES + REGIONS };

static const struct topology topology = {
    .region_count = REGIONS,
    .node_count = NODES,
    .regions = {{"us-east", 1}, {"eu-west", 1}, {"ap-south", 1}},
    .nodes = {{"us-east-1", 0}, {"eu-west-1", 1}, {"ap-south-1", 2}},
    .links = {{{0}, {.delay_ns = 40 * NS_PER_MS}, {.delay_ns = 110 * NS_PER_MS}},
              {{.delay_ns = 40 * NS_PER_MS}, {0}, {.delay_ns = 70 * NS_PER_MS}},
              {{.delay_ns = 110 * NS_PER_MS}, {.delay_ns = 70 * NS_PER_MS}, {0}}},
};

static void shape_links(struct world *w)
{
    for (uint16_t from = 0; from < PLACES; from++)
        for (uint16_t to = 0; to < PLACES; to++)
            w->ops->link(w, from, to)->delay_ns =
                topology.links[from % REGIONS][to % REGIONS].delay_ns;
}

static uint64_t play(uint64_t seed)
{
    static const char *const names[] = {"us-east-1",       "eu-west-1",
                                        "ap-south-1",      "clients-us-east",
                                        "clients-eu-west", "clients-ap-south"};
    struct place places[PLACES];
    const struct place *list[PLACES];
    struct sim_config sim = {.seed = seed, .host_count = PLACES, .sync_ns = 2 * NS_PER_MS};
    struct world *world = sim_new(&sim);
    const struct catalogue all = system_catalogue();
    const struct plugin *plugin = catalogue_find(&all, "store");
    uint64_t config[32] = {0};
    assert_true(world && plugin && plugin->config_size <= sizeof config);
    param_defaults(plugin->params, config);
    for (uint16_t i = 0; i < PLACES; i++) {
        places[i] = (struct place){.name = names[i],
                                   .host = i,
                                   .netns_fd = -1,
                                   .cgroup_fd = -1,
                                   .address = io_sim_address(i, 0)};
        list[i] = &places[i];
    }
    shape_links(world);
    struct system_spec spec = {
        .plugin = plugin,
        .config = config,
        .table_count = 2,
        .tables = {{.name = "accounts", .type = TABLE_REGISTER, .reads = "linearizable"},
                   {.name = "carts", .type = TABLE_OR_SET, .reads = "linearizable"}}};
    struct system_setup setup = {.world = world,
                                 .topology = &topology,
                                 .spec = &spec,
                                 .places = list,
                                 .folder = ".",
                                 .program = "",
                                 .seed = seed};
    conformance_play(system_of(plugin), &setup, true);
    uint64_t digest = world->ops->digest(world);
    sim_free(world);
    return digest;
}

static void the_store_keeps_the_contract(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++)
        play(seed);
}

static void the_same_seed_plays_the_same_events(void **state)
{
    (void)state;
    assert_int_equal(play(3), play(3));
    assert_int_not_equal(play(3), play(4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_store_keeps_the_contract),
        cmocka_unit_test(the_same_seed_plays_the_same_events),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
