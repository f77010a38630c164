/* Async tables: what a promotion keeps, what it loses and where that is kept. */
#include "tests/support/test.h"

#include <stdio.h>

#include "base/codec.h"
#include "tests/sim/store_probe.h"

enum { NOBODY = 255, SEED_COUNT = 50, RUN_STEPS = 30, LOST_MAX = 1 << 16 };

static struct cluster cluster;
static struct probe probe;

static struct node_config config_of(enum store_type type)
{
    struct node_config c = node_config_default();
    c.cluster = 5;
    c.node_count = 3;
    c.election_timeout_ns = 200 * NS_PER_MS;
    c.heartbeat_ns = 40 * NS_PER_MS;
    c.snapshot_every = 50;
    c.table_count = 1;
    snprintf(c.tables[0].name, sizeof c.tables[0].name, "carts");
    c.tables[0].type = type;
    c.tables[0].mode = STORE_ASYNC;
    return c;
}

static const struct async *async_at(uint8_t node)
{
    return node_replica(cluster.nodes[node])->asyncs[0];
}

static bool has_lease(uint8_t node)
{
    struct moment at = {.now_ns = cluster_now(&cluster)};
    return cluster.nodes[node] && async_has_lease(async_at(node), &at);
}

/* Wait for a primary with a lease, other than `other`. */
static uint8_t primary_but(uint8_t not )
{
    for (unsigned i = 0; i < 500; i++) {
        for (uint8_t node = 0; node < cluster.config.node_count; node++)
            if (node != not &&has_lease(node))
                return node;
        cluster_run_for(&cluster, 10 * NS_PER_MS);
    }
    broken("no primary within 5 s", not );
    return 0;
}

static void open_registers(void)
{
    struct node_config config = config_of(STORE_REGISTER);
    cluster_open(&cluster, 3, &config);
    probe_open(&probe, &cluster, 77);
    assert_int_equal(primary_but(NOBODY), 0);
}

static void close_all(void)
{
    probe_close(&probe);
    cluster_close(&cluster);
}

static int write_to(uint8_t node, int64_t key, int64_t value)
{
    return probe_do(&probe, (struct ask){node, 0, REQUEST_WRITE, key, value, 0, 0, 0});
}

static int64_t value_at(uint8_t node, int64_t key, bool local)
{
    assert_int_equal(probe_do(&probe, (struct ask){node, 0, REQUEST_READ, key, 0, 0, 0, local}),
                     REASON_NONE);
    return probe.got.reply.value;
}

static void the_first_region_leads_at_first_and_others_name_it(void **state)
{
    (void)state;
    open_registers();
    assert_int_equal(write_to(1, 4, 40), REASON_NOT_LEADER);
    assert_int_equal(probe.got.reply.leader, 0);
    assert_int_equal(write_to(0, 4, 40), REASON_NONE);
    assert_true(value_at(0, 4, false) == 40);
    struct message ask = {.type = MESSAGE_ASK_ROLE};
    assert_true(probe_ask(&probe, 0, &ask));
    assert_true(probe.got.role.leads && probe.got.role.term == 1);
    close_all();
}

static void what_is_acknowledged_arrives_everywhere(void **state)
{
    (void)state;
    open_registers();
    for (int64_t i = 0; i < 20; i++)
        assert_int_equal(write_to(0, i, i), REASON_NONE);
    cluster_run_for(&cluster, 200 * NS_PER_MS);
    for (uint8_t node = 0; node < 3; node++)
        assert_true(value_at(node, 19, true) == 19);
    assert_true(states_agree(&cluster));
    close_all();
}

static void a_primary_cut_off_stops_acknowledging_and_another_begins(void **state)
{
    (void)state;
    open_registers();
    assert_int_equal(write_to(0, 1, 10), REASON_NONE);
    cluster_run_for(&cluster, 100 * NS_PER_MS);
    isolate(&cluster, 0);
    uint8_t next = primary_but(0);
    assert_int_equal(async_at(next)->epoch, 2);
    assert_false(has_lease(0));
    assert_int_equal(write_to(0, 1, 11), REASON_UNAVAILABLE);
    assert_int_equal(write_to(next, 1, 12), REASON_NONE);
    close_all();
}

static void what_was_acknowledged_and_not_shipped_is_cut_counted_and_kept(void **state)
{
    (void)state;
    open_registers();
    assert_int_equal(write_to(0, 1, 10), REASON_NONE);
    cluster_run_for(&cluster, 100 * NS_PER_MS);
    isolate(&cluster, 0);
    assert_int_equal(write_to(0, 1, 11), REASON_NONE); /* the lease still runs */
    uint8_t next = primary_but(0);
    assert_true(value_at(next, 1, false) == 10);
    cluster_settle(&cluster);
    assert_int_equal(async_at(0)->lost_count, 1);
    assert_true(value_at(0, 1, true) == 10);
    node_down(&cluster, 0);
    node_up(&cluster, 0);
    assert_int_equal(async_at(0)->lost_count, 1);
    close_all();
}

static void a_change_that_the_primary_began_and_lost_is_unknown(void **state)
{
    (void)state;
    open_registers();
    struct request request = {.client = 77,
                              .sequence = ++probe.sequence,
                              .kind = REQUEST_WRITE,
                              .key = 1,
                              .argument = 5,
                              .expected = STORE_NIL};
    struct message m = {.type = MESSAGE_REQUEST, .request = request};
    isolate(&cluster, 0);
    /* So late that its disk is slower than its lease: nothing may be acknowledged. */
    while (async_at(0)->lease_until_ns - cluster_now(&cluster) > 7 * NS_PER_MS)
        cluster_run(&cluster, cluster_now(&cluster) + NS_PER_MS / 2);
    probe_dial(&probe, 0);
    probe.told = false;
    probe_send(&probe, &m);
    cluster_run_for(&cluster, 300 * NS_PER_MS);
    assert_true(!probe.told || probe.got.reply.status != REPLY_OK || has_lease(0));
    cluster_settle(&cluster);
    close_all();
}

static void the_most_advanced_replica_is_promoted(void **state)
{
    (void)state;
    open_registers();
    /* Whoever leads the consensus group must hear the primary. */
    uint8_t behind = probe_leader(&cluster, NOBODY) == 1 ? 2 : 1;
    uint8_t ahead = (uint8_t)(3 - behind);
    cluster_link(&cluster, 0, behind)->blocked = true;
    for (int64_t i = 0; i < 5; i++)
        assert_int_equal(write_to(0, i, i), REASON_NONE);
    cluster_run_for(&cluster, 50 * NS_PER_MS);
    node_down(&cluster, 0);
    assert_int_equal(primary_but(0), ahead);
    assert_true(value_at(ahead, 4, false) == 4);
    close_all();
}

static void a_primary_goes_on_in_its_epoch_after_a_quick_restart(void **state)
{
    (void)state;
    open_registers();
    assert_int_equal(write_to(0, 1, 10), REASON_NONE);
    node_down(&cluster, 0);
    node_up(&cluster, 0);
    uint8_t next = primary_but(NOBODY);
    cluster_run_for(&cluster, NS_PER_S);
    assert_true(value_at(next, 1, false) == 10);
    assert_true(states_agree(&cluster));
    close_all();
}

/* --- everything at once ---------------------------------------------------- */

/* Elements found in the side logs after a run. */
static struct {
    int64_t elements[LOST_MAX];
    size_t count;
} lost;

static void lost_recovered(void *user, struct bytes record)
{
    struct reader in = {.left = record};
    struct entry e;
    struct err err;
    (void)user;
    read_u8(&in);
    read_u32(&in);
    read_u64(&in);
    assert_int_equal(wire_entry_decode(in.left, &e, &err), ERR_OK);
    assert_true(lost.count < LOST_MAX);
    lost.elements[lost.count++] = e.argument;
}

static void ignore_synced(void *user, uint64_t count)
{
    (void)user;
    (void)count;
}

static void ignore_failed(void *user, const char *why)
{
    (void)user;
    (void)why;
}

static const struct io_log_handler lost_handler = {
    .recovered = lost_recovered, .synced = ignore_synced, .failed = ignore_failed};

static void collect_lost(void)
{
    lost.count = 0;
    for (uint8_t i = 0; i < cluster.config.node_count; i++) {
        struct io_log *log;
        struct err err;
        node_free(cluster.nodes[i]);
        cluster.nodes[i] = NULL;
        assert_int_equal(cluster.ios[i]->ops->log_open(cluster.ios[i], "lost", &lost_handler,
                                                       NULL, &log, &err),
                         ERR_OK);
        cluster.ios[i]->ops->log_close(log);
        cluster.world->ops->close(cluster.world, cluster.ios[i]);
    }
}

static bool is_lost(int64_t element)
{
    for (size_t i = 0; i < lost.count; i++)
        if (lost.elements[i] == element)
            return true;
    return false;
}

static size_t final_members(int64_t *members)
{
    const struct row *row = table_find(&async_at(0)->machine.tables[0], 1);
    return row ? row_members(row, members) : 0;
}

static bool is_member(const int64_t *members, size_t count, int64_t element)
{
    for (size_t i = 0; i < count; i++)
        if (members[i] == element)
            return true;
    return false;
}

struct totals {
    uint64_t acked, lost, epochs;
};

/* Acknowledged is either in the final set or in a side log; never simply gone. */
static void account(struct totals *totals)
{
    static int64_t members[WIRE_MEMBERS_MAX];
    size_t count = final_members(members);
    totals->epochs += async_at(0)->epoch;
    collect_lost();
    for (uint64_t client = 1; client <= CLIENTS; client++)
        for (uint64_t sequence = 1; sequence < ARRAY_LEN(cluster.added[0]); sequence++) {
            int64_t element = element_of(client, sequence);
            if (!cluster.added[client - 1][sequence])
                continue;
            totals->acked++;
            if (is_member(members, count, element))
                continue;
            totals->lost++;
            if (!is_lost(element))
                broken("acknowledged, and neither kept nor in a side log",
                       (unsigned long long)element);
        }
}

static uint64_t run_seed(uint64_t seed, struct totals *totals)
{
    struct node_config config = config_of(STORE_OR_SET);
    cluster_open(&cluster, seed, &config);
    cluster.adders = true;
    for (uint8_t i = 0; i < CLIENTS; i++)
        client_up(&cluster, i);
    cluster_run_for(&cluster, NS_PER_S);
    for (unsigned i = 0; i < RUN_STEPS; i++) {
        cluster_hurt(&cluster);
        cluster_run_for(&cluster,
                        (int64_t)(200 + random_below(&cluster.chaos, 700)) * NS_PER_MS);
    }
    cluster_settle(&cluster);
    uint64_t digest = cluster.world->ops->digest(cluster.world);
    account(totals);
    cluster_close(&cluster);
    return digest;
}

static void nothing_acknowledged_is_ever_simply_gone(void **state)
{
    (void)state;
    const char *only = getenv("TEST_SEED");
    uint64_t first = only ? strtoull(only, NULL, 10) : 0;
    struct totals totals = {0};
    for (uint64_t seed = first; seed < first + (only ? 1 : SEED_COUNT); seed++) {
        fprintf(stderr, "\r  async: TEST_SEED=%llu ", (unsigned long long)seed);
        uint64_t digest = run_seed(seed, &totals);
        assert_true(digest == run_seed(seed, &totals));
    }
    fprintf(stderr, "\n");
    print_message("  %llu acknowledged, %llu lost by promotions, %llu epochs\n",
                  (unsigned long long)totals.acked, (unsigned long long)totals.lost,
                  (unsigned long long)totals.epochs);
    assert_true(only || totals.lost > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_region_leads_at_first_and_others_name_it),
        cmocka_unit_test(what_is_acknowledged_arrives_everywhere),
        cmocka_unit_test(a_primary_cut_off_stops_acknowledging_and_another_begins),
        cmocka_unit_test(what_was_acknowledged_and_not_shipped_is_cut_counted_and_kept),
        cmocka_unit_test(a_change_that_the_primary_began_and_lost_is_unknown),
        cmocka_unit_test(the_most_advanced_replica_is_promoted),
        cmocka_unit_test(a_primary_goes_on_in_its_epoch_after_a_quick_restart),
        cmocka_unit_test(nothing_acknowledged_is_ever_simply_gone),
    };
    return cmocka_run_group_tests_name("store_async", tests, NULL, NULL);
}
