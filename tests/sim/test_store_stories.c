/* What a cluster does in one situation each, told step by step. */
#include "tests/support/test.h"

#include <stdio.h>

#include "store/bug.h"
#include "tests/sim/store_probe.h"

enum { NOBODY = 255, COUNTERS = 0, TAGS = 1 };

static struct cluster cluster;
static struct probe probe;

static struct node_config config_with(uint32_t bugs, uint64_t snapshot_every)
{
    struct node_config c = node_config_default();
    c.cluster = 5;
    c.node_count = 3;
    c.election_timeout_ns = 200 * NS_PER_MS;
    c.heartbeat_ns = 40 * NS_PER_MS;
    c.snapshot_every = snapshot_every;
    c.bugs = bugs;
    c.table_count = 2;
    snprintf(c.tables[COUNTERS].name, sizeof c.tables[COUNTERS].name, "counters");
    snprintf(c.tables[TAGS].name, sizeof c.tables[TAGS].name, "tags");
    c.tables[TAGS].type = STORE_OR_SET;
    return c;
}

static uint8_t open_with(uint32_t bugs, uint64_t snapshot_every)
{
    struct node_config config = config_with(bugs, snapshot_every);
    cluster_open(&cluster, 11, &config);
    probe_open(&probe, &cluster, 77);
    return probe_leader(&cluster, NOBODY);
}

static void close_all(void)
{
    probe_close(&probe);
    cluster_close(&cluster);
}

static int write_to(uint8_t node, int64_t key, int64_t value)
{
    return probe_do(&probe, (struct ask){node, COUNTERS, REQUEST_WRITE, key, value, 0, 0, 0});
}

static int read_from(uint8_t node, int64_t key)
{
    return probe_do(&probe, (struct ask){node, COUNTERS, REQUEST_READ, key, 0, 0, 0, 0});
}

static int cas_at(uint8_t node, int64_t key, int64_t from, int64_t to, bool again)
{
    return probe_do(&probe, (struct ask){node, COUNTERS, REQUEST_CAS, key, to, from, again, 0});
}

static int tag(uint8_t node, enum request_kind kind, int64_t element, bool again)
{
    return probe_do(&probe, (struct ask){node, TAGS, kind, 1, element, 0, again, 0});
}

/* --- registers ------------------------------------------------------------- */

static void what_was_written_is_read(void **state)
{
    (void)state;
    uint8_t leader = open_with(0, 1000);
    assert_int_equal(read_from(leader, 4), REASON_NONE);
    assert_true(probe.got.reply.value == STORE_NIL && probe.got.reply.version == 0);
    assert_int_equal(write_to(leader, 4, 40), REASON_NONE);
    uint64_t version = probe.got.reply.version;
    assert_int_equal(read_from(leader, 4), REASON_NONE);
    assert_true(probe.got.reply.value == 40 && probe.got.reply.version == version);
    assert_int_equal(cas_at(leader, 4, 40, 41, false), REASON_NONE);
    assert_int_equal(cas_at(leader, 4, 40, 42, false), REASON_MISMATCH);
    assert_true(probe.got.reply.value == 41);
    close_all();
}

static void a_follower_names_the_leader_and_begins_nothing(void **state)
{
    (void)state;
    uint8_t leader = open_with(0, 1000);
    uint8_t other = (uint8_t)((leader + 1) % 3);
    assert_int_equal(write_to(other, 4, 40), REASON_NOT_LEADER);
    assert_int_equal(probe.got.reply.leader, leader);
    assert_int_equal(read_from(leader, 4), REASON_NONE);
    assert_true(probe.got.reply.value == STORE_NIL);
    close_all();
}

static void a_retry_at_the_next_leader_is_done_once(void **state)
{
    (void)state;
    uint8_t leader = open_with(0, 1000);
    assert_int_equal(cas_at(leader, 4, STORE_NIL, 1, false), REASON_NONE);
    isolate(&cluster, leader);
    uint8_t next = probe_leader(&cluster, leader);
    assert_int_equal(cas_at(next, 4, STORE_NIL, 1, true), REASON_NONE);
    assert_int_equal(cas_at(next, 4, STORE_NIL, 1, false), REASON_MISMATCH);
    close_all();
}

/* The network doubled a request; the second comes when the node, which said no to the
 * first, leads. Whoever was told `fail` must be able to rely on it. */
static void a_doubled_request_does_not_outlive_its_refusal(void **state)
{
    (void)state;
    uint8_t leader = open_with(0, 1000);
    uint8_t follower = leader == 0 ? 1 : 0, third = (uint8_t)(3 - leader - follower);
    isolate(&cluster, third);
    assert_int_equal(write_to(leader, 1, 1), REASON_NONE); /* what the third lacks */
    struct message write = {.type = MESSAGE_REQUEST,
                            .request = {.client = probe.id,
                                        .sequence = ++probe.sequence,
                                        .table = COUNTERS,
                                        .kind = REQUEST_WRITE,
                                        .key = 4,
                                        .argument = 40,
                                        .expected = STORE_NIL}};
    assert_true(probe_ask(&probe, follower, &write));
    assert_int_equal(probe.got.reply.reason, REASON_NOT_LEADER);
    node_down(&cluster, leader);
    cluster_links(&cluster, (struct link_shape){0});
    assert_int_equal(probe_leader(&cluster, leader), follower);
    probe_send(&probe, &write);
    cluster_run(&cluster, cluster_now(&cluster) + NS_PER_S);
    assert_int_equal(read_from(probe_leader(&cluster, leader), 4), REASON_NONE);
    assert_true(probe.got.reply.value == STORE_NIL);
    close_all();
}

static void a_request_of_another_type_of_table_is_refused(void **state)
{
    (void)state;
    uint8_t leader = open_with(0, 1000);
    assert_int_equal(tag(leader, REQUEST_WRITE, 3, false), REASON_BAD_REQUEST);
    assert_int_equal(
        probe_do(&probe, (struct ask){leader, 9, REQUEST_READ, 1, 0, 0, false, false}),
        REASON_BAD_REQUEST);
    close_all();
}

static void a_leader_cut_off_acknowledges_nothing_and_steps_down(void **state)
{
    (void)state;
    uint8_t leader = open_with(0, 1000);
    isolate(&cluster, leader);
    assert_int_equal(write_to(leader, 4, 40), REASON_LOST_LEADERSHIP);
    assert_int_equal(probe.got.reply.status, REPLY_UNKNOWN);
    assert_int_equal(read_from(leader, 4), REASON_NOT_LEADER);
    close_all();
}

/* Long before it steps down: the round of the read itself is what is missing. */
static void a_leader_that_cannot_confirm_a_read_does_not_answer_it(void **state)
{
    (void)state;
    uint8_t leader = open_with(0, 1000);
    struct message m = {.type = MESSAGE_REQUEST,
                        .request = {.client = 77,
                                    .sequence = 1,
                                    .kind = REQUEST_READ,
                                    .key = 4,
                                    .argument = STORE_NIL,
                                    .expected = STORE_NIL}};
    isolate(&cluster, leader);
    probe_dial(&probe, leader);
    probe_send(&probe, &m);
    cluster_run_for(&cluster, 100 * NS_PER_MS);
    assert_int_equal(node_replica(cluster.nodes[leader])->raft.role, RAFT_LEADER);
    assert_int_equal(node_replica(cluster.nodes[leader])->read_count, 1);
    assert_false(probe.told);
    close_all();
}

static void an_acknowledged_write_survives_power_loss_everywhere(void **state)
{
    (void)state;
    uint8_t leader = open_with(0, 1000);
    assert_int_equal(write_to(leader, 4, 40), REASON_NONE);
    for (uint8_t i = 0; i < 3; i++)
        node_down(&cluster, i);
    for (uint8_t i = 0; i < 3; i++)
        node_up(&cluster, i);
    assert_int_equal(read_from(probe_leader(&cluster, NOBODY), 4), REASON_NONE);
    assert_true(probe.got.reply.value == 40);
    close_all();
}

/* --- planted bugs ---------------------------------------------------------- */

static void ack_before_quorum_loses_an_acknowledged_write(void **state)
{
    (void)state;
    uint8_t leader = open_with(UINT32_C(1) << BUG_ACK_BEFORE_QUORUM, 1000);
    isolate(&cluster, leader);
    assert_int_equal(write_to(leader, 4, 40), REASON_NONE);
    uint8_t next = probe_leader(&cluster, leader);
    cluster_heal(&cluster);
    assert_int_equal(read_from(next, 4), REASON_NONE);
    assert_true(probe.got.reply.value == STORE_NIL);
    close_all();
}

static void stale_leader_reads_show_an_old_value(void **state)
{
    (void)state;
    uint8_t leader = open_with(UINT32_C(1) << BUG_STALE_LEADER_READS, 1000);
    assert_int_equal(write_to(leader, 4, 40), REASON_NONE);
    isolate(&cluster, leader);
    uint8_t next = probe_leader(&cluster, leader);
    assert_int_equal(write_to(next, 4, 41), REASON_NONE);
    assert_int_equal(read_from(leader, 4), REASON_NONE);
    assert_true(probe.got.reply.value == 40);
    close_all();
}

/* --- sets ------------------------------------------------------------------ */

static void a_set_holds_what_was_added_and_not_removed(void **state)
{
    (void)state;
    uint8_t leader = open_with(0, 1000);
    assert_int_equal(tag(leader, REQUEST_ADD, 9, false), REASON_NONE);
    assert_int_equal(tag(leader, REQUEST_ADD, -3, false), REASON_NONE);
    assert_int_equal(tag(leader, REQUEST_ADD, 9, false), REASON_NONE);
    assert_int_equal(tag(leader, REQUEST_MEMBERS, 0, false), REASON_NONE);
    assert_int_equal(probe.got.reply.member_count, 2);
    assert_true(probe.members[0] == -3 && probe.members[1] == 9);
    assert_int_equal(tag(leader, REQUEST_REMOVE, 9, false), REASON_NONE);
    assert_int_equal(tag(leader, REQUEST_MEMBERS, 0, false), REASON_NONE);
    assert_int_equal(probe.got.reply.member_count, 1);
    close_all();
}

static void a_retried_add_does_not_come_back_after_a_remove(void **state)
{
    (void)state;
    struct probe other;
    uint8_t leader = open_with(0, 1000);
    probe_open(&other, &cluster, 78);
    assert_int_equal(tag(leader, REQUEST_ADD, 9, false), REASON_NONE);
    assert_int_equal(
        probe_do(&other, (struct ask){leader, TAGS, REQUEST_REMOVE, 1, 9, 0, false, false}),
        REASON_NONE);
    assert_int_equal(tag(leader, REQUEST_ADD, 9, true), REASON_NONE);
    assert_int_equal(tag(leader, REQUEST_MEMBERS, 0, false), REASON_NONE);
    assert_int_equal(probe.got.reply.member_count, 0);
    probe_close(&other);
    close_all();
}

/* --- snapshots ------------------------------------------------------------- */

static const struct raft *raft_of(uint8_t node)
{
    return &node_replica(cluster.nodes[node])->raft;
}

static void write_many(uint8_t leader, int64_t from, int64_t to)
{
    for (int64_t i = from; i < to; i++)
        assert_int_equal(write_to(leader, i % 7, i), REASON_NONE);
}

/* A disk of another name: all that the node ever knew is gone. */
static void a_wiped_node_catches_up_by_a_snapshot(void **state)
{
    (void)state;
    uint8_t leader = open_with(0, 20);
    uint8_t lost = (uint8_t)((leader + 1) % 3);
    node_down(&cluster, lost);
    write_many(leader, 0, 100);
    assert_true(raft_of(leader)->log.base_index > 1);
    struct err err;
    struct node_config config = cluster.config;
    config.node_id = lost;
    cluster.ios[lost] =
        cluster.world->ops->open(cluster.world, &cluster.places[lost], "another-disk", &err);
    assert_non_null(cluster.ios[lost]);
    assert_int_equal(node_new(cluster.ios[lost], &config, &cluster.nodes[lost], &err), ERR_OK);
    cluster_run_for(&cluster, NS_PER_S);
    assert_true(raft_of(lost)->commit_index == raft_of(leader)->commit_index);
    assert_true(states_agree(&cluster));
    close_all();
}

static void a_restart_recovers_from_snapshot_and_log(void **state)
{
    (void)state;
    uint8_t leader = open_with(0, 20);
    write_many(leader, 0, 50);
    for (uint8_t i = 0; i < 3; i++)
        node_down(&cluster, i);
    for (uint8_t i = 0; i < 3; i++)
        node_up(&cluster, i);
    assert_true(raft_of(0)->log.base_index >= 20);
    leader = probe_leader(&cluster, NOBODY);
    /* Sessions are in it too: under the id of the last write nothing is done again. */
    assert_int_equal(cas_at(leader, 0, 49, 50, true), REASON_NONE);
    assert_int_equal(read_from(leader, 0), REASON_NONE);
    assert_true(probe.got.reply.value == 49);
    close_all();
}

/* --- control and bad frames ------------------------------------------------ */

static void a_node_tells_its_role_and_state(void **state)
{
    (void)state;
    uint8_t leader = open_with(0, 1000);
    write_many(leader, 0, 5);
    assert_true(probe_ask(&probe, leader, &(struct message){.type = MESSAGE_ASK_READY}));
    assert_true(probe.got.type == MESSAGE_READY && probe.got.ready.ready);
    assert_true(probe_ask(&probe, leader, &(struct message){.type = MESSAGE_ASK_ROLE}));
    assert_true(probe.got.role.leads && probe.got.role.term > 0);
    cluster_run_for(&cluster, 100 * NS_PER_MS);
    struct message ask = {.type = MESSAGE_ASK_STATE, .ask_state = {COUNTERS, 2}};
    assert_true(probe_ask(&probe, (uint8_t)((leader + 1) % 3), &ask));
    assert_int_equal(probe.got.state.item_count, 3);
    assert_true(probe.items[0].key == 2 && probe.items[0].value == 2);
    assert_false(probe.got.state.more);
    close_all();
}

static void a_bad_frame_closes_its_connection_and_nothing_else(void **state)
{
    (void)state;
    uint8_t leader = open_with(0, 1000);
    struct probe other;
    probe_open(&other, &cluster, 78);
    probe_dial(&other, leader);
    probe_dial(&probe, leader);
    cluster_run_for(&cluster, 100 * NS_PER_MS);
    probe.io->ops->send(probe.channel, (struct bytes){(const uint8_t *)"nonsense", 8});
    cluster_run_for(&cluster, 100 * NS_PER_MS);
    assert_true(probe.closed);
    assert_false(other.closed);
    assert_int_equal(write_to(leader, 1, 1), REASON_NONE);
    probe_close(&other);
    close_all();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(a_follower_names_the_leader_and_begins_nothing),
        cmocka_unit_test(a_retry_at_the_next_leader_is_done_once),
        cmocka_unit_test(a_doubled_request_does_not_outlive_its_refusal),
        cmocka_unit_test(a_request_of_another_type_of_table_is_refused),
        cmocka_unit_test(a_leader_cut_off_acknowledges_nothing_and_steps_down),
        cmocka_unit_test(a_leader_that_cannot_confirm_a_read_does_not_answer_it),
        cmocka_unit_test(an_acknowledged_write_survives_power_loss_everywhere),
        cmocka_unit_test(ack_before_quorum_loses_an_acknowledged_write),
        cmocka_unit_test(stale_leader_reads_show_an_old_value),
        cmocka_unit_test(a_set_holds_what_was_added_and_not_removed),
        cmocka_unit_test(a_retried_add_does_not_come_back_after_a_remove),
        cmocka_unit_test(a_wiped_node_catches_up_by_a_snapshot),
        cmocka_unit_test(a_restart_recovers_from_snapshot_and_log),
        cmocka_unit_test(a_node_tells_its_role_and_state),
        cmocka_unit_test(a_bad_frame_closes_its_connection_and_nothing_else),
    };
    return cmocka_run_group_tests_name("store_stories", tests, NULL, NULL);
}
