#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "store/config.h"
#include "tests/support/scratch.h"

static const char *path_in(void **state)
{
    static char path[600];
    snprintf(path, sizeof path, "%s/store.json", (const char *)*state);
    return path;
}

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void what_was_saved_is_loaded(void **state)
{
    struct node_config saved = node_config_default(), loaded;
    struct err err;
    saved.cluster = 77;
    saved.node_count = 3;
    for (uint8_t i = 0; i < 3; i++)
        saved.addresses[i] = (struct io_address){IO_IPV4, {10, 1, i, 2}, 7000};
    saved.table_count = 2;
    snprintf(saved.tables[0].name, sizeof saved.tables[0].name, "accounts");
    snprintf(saved.tables[1].name, sizeof saved.tables[1].name, "carts");
    saved.tables[1].type = STORE_OR_SET;
    saved.tables[1].mode = STORE_ASYNC;
    saved.heartbeat_ns = 90 * NS_PER_MS;
    saved.bugs = UINT32_C(1) << BUG_STALE_LEADER_READS;
    assert_int_equal(node_config_save(&saved, path_in(state), &err), ERR_OK);
    assert_int_equal(node_config_load(path_in(state), &loaded, &err), ERR_OK);
    assert_int_equal(loaded.cluster, 77);
    assert_int_equal(loaded.node_count, 3);
    assert_memory_equal(loaded.addresses[2].ip, saved.addresses[2].ip, 16);
    assert_string_equal(loaded.tables[1].name, "carts");
    assert_int_equal(loaded.tables[1].type, STORE_OR_SET);
    assert_int_equal(loaded.tables[1].mode, STORE_ASYNC);
    assert_true(loaded.heartbeat_ns == saved.heartbeat_ns);
    assert_int_equal(loaded.bugs, saved.bugs);
}

#define NODES "\"cluster\": 5, \"nodes\": [\"10.0.0.1:7000\"]"
#define TABLES                                                                                 \
    "\"tables\": [{\"name\": \"a\", \"type\": \"register\", \"mode\": \"consensus\"}]"

static const struct {
    const char *text, *message; /* how the error ends */
} cases[] = {
    {"[]", "is not an object"},
    {"{" NODES "," TABLES ", \"x\": 1}", "x: is not known here"},
    {"{\"nodes\": [\"10.0.0.1:7000\"]," TABLES "}",
     "cluster: 0 is not from 1 to 9223372036854775807"},
    {"{\"cluster\": 5," TABLES "}", "nodes: is not a list of addresses"},
    {"{\"cluster\": 5, \"nodes\": []," TABLES "}", "nodes: 0 is outside 1 to 7"},
    {"{\"cluster\": 5, \"nodes\": [3]," TABLES "}", "nodes[0]: is not text"},
    {"{\"cluster\": 5, \"nodes\": [\"10.0.0.1:7\", \"10.0.0.1:7\"]," TABLES "}",
     "nodes[1]: has the address of nodes[0]"},
    {"{" NODES "}", "tables: is not a list"},
    {"{" NODES ", \"tables\": [{\"name\": \"a\", \"type\": \"heap\", \"mode\": \"async\"}]}",
     "tables[0]: type: is not register or or-set"},
    {"{" NODES ", \"tables\": [{\"name\": \"a\", \"type\": \"register\"}]}",
     "tables[0]: mode: is not consensus or async"},
    {"{" NODES "," TABLES ", \"heartbeat_ns\": 900000000}",
     "election_timeout_ns: 1000000000 is outside three heartbeats to 1 h"},
    {"{" NODES "," TABLES ", \"snapshot_every\": 0}",
     "snapshot_every: 0 is outside 1 to 9223372036854775807"},
    {"{" NODES "," TABLES ", \"bugs\": \"x\"}",
     "bugs: 'x' is not ack-before-quorum, stale-leader-reads, primary-without-lease or "
     "replica-forgets-removes"},
};

static void what_does_not_fit_is_named(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s\n", cases[i].message);
        struct node_config c = {.cluster = 1};
        struct err err;
        put(path_in(state), cases[i].text);
        assert_int_equal(node_config_load(path_in(state), &c, &err), ERR_INVALID);
        assert_true(strlen(err.msg) > strlen(cases[i].message));
        assert_string_equal(err.msg + strlen(err.msg) - strlen(cases[i].message),
                            cases[i].message);
        assert_int_equal(c.cluster, 1);
    }
}

static void a_file_that_is_not_there_is_named_once(void **state)
{
    (void)state;
    struct node_config c;
    struct err err;
    assert_int_equal(node_config_load("no-such.json", &c, &err), ERR_INVALID);
    assert_string_equal(err.msg, "unable to open no-such.json: No such file or directory");
}

static void bugs_are_read_by_name(void **state)
{
    (void)state;
    uint32_t bits = 9;
    struct err err;
    assert_int_equal(store_bugs_parse("", &bits, &err), ERR_OK);
    assert_int_equal(bits, 0);
    assert_int_equal(store_bugs_parse("stale-leader-reads,ack-before-quorum", &bits, &err),
                     ERR_OK);
    assert_int_equal(bits, 3);
    assert_int_equal(store_bugs_parse("ack-before-quorum,", &bits, &err), ERR_INVALID);
    assert_int_equal(bits, 3);
    assert_string_equal(store_bug_name(0), "ack-before-quorum");
    assert_null(store_bug_name(BUG_COUNT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_saved_is_loaded, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(what_does_not_fit_is_named, scratch_make,
                                        scratch_remove),
        cmocka_unit_test(a_file_that_is_not_there_is_named_once),
        cmocka_unit_test(bugs_are_read_by_name),
    };
    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
