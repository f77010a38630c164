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
    const char *text, *message; /* what the error holds, behind the path */
} cases[] = {
    {"[]", "is not an object; allowed: one with cluster, nodes, tables, "},
    {"[", ":1: is not JSON: "},
    {"{" NODES "," TABLES ", \"x\": 1}", "'x' is not known here; allowed: cluster, nodes, tab"},
    {"{\"nodes\": [\"10.0.0.1:7000\"]," TABLES "}",
     "cluster: is missing; allowed: a whole number from 1"},
    {"{\"cluster\": -5, \"nodes\": [\"10.0.0.1:7000\"]," TABLES "}",
     "cluster: -5 is not allowed; allowed: a whole number from 1"},
    {"{\"cluster\": 5," TABLES "}", "nodes: is missing; allowed: a list of 1 to 7 addresses"},
    {"{\"cluster\": 5, \"nodes\": []," TABLES "}", "nodes: [] is not allowed; allowed: a list"},
    {"{\"cluster\": 5, \"nodes\": [3]," TABLES "}",
     "nodes[0]: 3 is not allowed; allowed: an address of numbers like \"127.0.0.1:7001\""},
    {"{\"cluster\": 5, \"nodes\": [\"localhost:1\"]," TABLES "}",
     "nodes[0]: \"localhost:1\" is not allowed; allowed: an address of numbers"},
    {"{\"cluster\": 5, \"nodes\": [\"10.0.0.1:7\", \"10.0.0.1:7\"]," TABLES "}",
     "nodes[1]: has the address of nodes[0]"},
    {"{" NODES "}", "tables: is missing; allowed: a list of 1 to 16 like [{\"name\""},
    {"{" NODES ", \"tables\": [3]}", "tables[0]: is not an object; allowed: one with name"},
    {"{" NODES ", \"tables\": [{\"name\": \"a\", \"type\": \"heap\", \"mode\": \"async\"}]}",
     "tables[0]: type: \"heap\" is not allowed; allowed: \"register\" or \"or-set\""},
    {"{" NODES ", \"tables\": [{\"name\": \"a\", \"type\": \"register\"}]}",
     "tables[0]: mode: is missing; allowed: \"consensus\" or \"async\""},
    {"{" NODES ", \"tables\": [{\"nom\": \"a\"}]}",
     "tables[0]: 'nom' is not known here; allowed: name, type, mode"},
    {"{" NODES ", \"tables\": [{\"name\": \"\"}]}", "tables[0]: name: \"\" is not allowed"},
    {"{" NODES "," TABLES ", \"heartbeat_ns\": 900000000}",
     "election_timeout_ns: 1000000000 is outside three heartbeats to 1 h"},
    {"{" NODES "," TABLES ", \"snapshot_every\": 0}",
     "snapshot_every: 0 is not allowed; allowed: a whole number of entries, from 1"},
    {"{" NODES "," TABLES ", \"bugs\": 3}", "bugs: 3 is not allowed; allowed: a text of names"},
    {"{" NODES "," TABLES ", \"bugs\": \"x\"}", "bugs: 'x' is not ack-before-quorum"},
};

static void what_does_not_fit_is_named(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s\n", cases[i].message);
        struct node_config c = {.cluster = 1};
        struct err err;
        put(path_in(state), cases[i].text);
        assert_int_equal(node_config_load(path_in(state), &c, &err), ERR_INVALID);
        print_message("    %s\n", err.msg);
        assert_memory_equal(err.msg, path_in(state), strlen(path_in(state)));
        assert_non_null(strstr(err.msg, cases[i].message));
        assert_int_equal(c.cluster, 1);
    }
}

static void what_is_no_file_is_named(void **state)
{
    struct node_config c;
    struct err err;
    assert_int_equal(node_config_load(path_in(state), &c, &err), ERR_INVALID);
    assert_non_null(strstr(err.msg, "store.json: No such file"));
    assert_int_equal(node_config_load(*state, &c, &err), ERR_INVALID);
    assert_non_null(strstr(err.msg, ": is a folder or an empty file; allowed"));
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
        cmocka_unit_test_setup_teardown(what_is_no_file_is_named, scratch_make, scratch_remove),
        cmocka_unit_test(bugs_are_read_by_name),
    };
    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
