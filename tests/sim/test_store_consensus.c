/* Consensus under everything at once: cuts, crashes, pauses, loss, duplicates and
 * reordering, over many seeds. TEST_SEED=N runs one seed alone. */
#include "tests/support/test.h"

#include <stdio.h>

#include "tests/sim/store_cluster.h"

enum { SEED_COUNT = 50, RUN_STEPS = 40 };

static struct cluster cluster; /* large */

static struct node_config config_of(uint32_t nodes, uint64_t snapshot_every)
{
    struct node_config c = node_config_default();
    c.cluster = 5;
    c.node_count = nodes;
    c.election_timeout_ns = 200 * NS_PER_MS;
    c.heartbeat_ns = 40 * NS_PER_MS;
    c.snapshot_every = snapshot_every;
    c.table_count = 1;
    snprintf(c.tables[0].name, sizeof c.tables[0].name, "counters");
    return c;
}

struct totals {
    uint64_t answered, retries, leader_changes, events;
};

/* The digest of one run with this seed. */
static uint64_t run_seed(uint64_t seed, const struct node_config *config, struct totals *totals)
{
    struct cluster *c = &cluster;
    cluster_open(c, seed, config);
    for (uint8_t i = 0; i < CLIENTS; i++)
        client_up(c, i);
    cluster_run_for(c, NS_PER_S);
    for (unsigned i = 0; i < RUN_STEPS; i++) {
        cluster_hurt(c);
        cluster_run_for(c, (int64_t)(50 + random_below(&c->chaos, 300)) * NS_PER_MS);
    }
    cluster_settle(c);
    cluster_check_counters(c);
    totals->answered += c->answered;
    totals->retries += c->retries;
    totals->leader_changes += c->leader_changes;
    totals->events += c->world->ops->event_count(c->world);
    return cluster_close(c);
}

static void run_seeds(const char *name, const struct node_config *config)
{
    const char *only = getenv("TEST_SEED");
    uint64_t first = only ? strtoull(only, NULL, 10) : 0;
    uint64_t count = only ? 1 : SEED_COUNT;
    struct totals totals = {0};
    for (uint64_t seed = first; seed < first + count; seed++) {
        /* Said first: whatever breaks an invariant ends the process. */
        fprintf(stderr, "\r  %s: TEST_SEED=%llu ", name, (unsigned long long)seed);
        uint64_t digest = run_seed(seed, config, &totals);
        assert_true(digest == run_seed(seed, config, &totals));
    }
    fprintf(stderr, "\n");
    print_message("  %s: %llu operations, %llu retries, %llu leaders, %llu events\n", name,
                  (unsigned long long)totals.answered, (unsigned long long)totals.retries,
                  (unsigned long long)totals.leader_changes, (unsigned long long)totals.events);
    assert_true(totals.answered > 100 * count);
    assert_true(totals.leader_changes > count);
}

static void three_nodes_keep_every_promise(void **state)
{
    (void)state;
    struct node_config config = config_of(3, 1000000);
    run_seeds("three nodes", &config);
}

static void five_nodes_keep_every_promise(void **state)
{
    (void)state;
    struct node_config config = config_of(5, 1000000);
    run_seeds("five nodes", &config);
}

static void snapshots_change_nothing(void **state)
{
    (void)state;
    struct node_config config = config_of(3, 20);
    run_seeds("snapshots", &config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_nodes_keep_every_promise),
        cmocka_unit_test(five_nodes_keep_every_promise),
        cmocka_unit_test(snapshots_change_nothing),
    };
    return cmocka_run_group_tests_name("store_consensus", tests, NULL, NULL);
}
