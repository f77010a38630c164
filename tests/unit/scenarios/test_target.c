#include <stdio.h>
#include <string.h>

#include "tests/support/test.h"

#include "base/compiler.h"
#include "scenarios/target.h"
#include "tests/support/topology.h"

static const struct table_spec two_tables[] = {{.name = "accounts"}, {.name = "carts"}};
/* Nodes by region: us-east 0 1, eu-west 2 3, ap-south 4 5. */
static const uint8_t order[] = {5, 2, 0, 4, 1, 3};

static void a_target_is_whom_its_words_say(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int leader;
        uint32_t nodes, clients;
    } cases[] = {
        {"us-east", -1, 0x03, 0},
        {"us-east-2", -1, 0x02, 0},
        {"us-east, ap-south-1", -1, 0x13, 0},
        {"us-east,eu-west", -1, 0x0f, 0},
        {"clients of eu-west", -1, 0, 0x2},
        {"ap-south, clients of eu-west", -1, 0x30, 0x2},
        {"all", -1, 0x3f, 0},
        {"leader of accounts", 2, 0x04, 0},
        {"  leader   of  accounts ", 2, 0x04, 0},
        {"leader-region of accounts", 2, 0x0c, 0},
        {"any-follower of accounts", 2, 0x20, 0},
        {"any-follower of accounts", 5, 0x04, 0},
        {"leader + 1 follower of accounts", 5, 0x24, 0},
        {"leader+2 followers of accounts", 3, 0x2c, 0},
        {"all but 1 follower of accounts", 5, 0x3b, 0},
        {"all but one follower of accounts", 5, 0x3b, 0},
        {"majority", -1, 0x35, 0},
        {"majority of accounts", -1, 0x35, 0},
        {"minority", -1, 0x24, 0},
    };
    const struct topology t = topology_of_three(2);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("'%s', led by %d\n", cases[i].text, cases[i].leader);
        struct err err;
        struct target target;
        struct resolved r;
        assert_int_equal(target_parse(cases[i].text, &t, two_tables, 2, &target, &err), ERR_OK);
        assert_int_equal(target_resolve(&target, &t, cases[i].leader, order, &r, &err), ERR_OK);
        assert_int_equal(r.nodes, cases[i].nodes);
        assert_int_equal(r.clients, cases[i].clients);
    }
}

static void a_target_that_cannot_be_understood_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *sentence;
    } cases[] = {
        {"", "'' names nobody"},
        {"   ", "names nobody"},
        {"us-west", "did you mean 'us-east'?"},
        {"mars", "name a region (us-east, eu-west or ap-south), a node (us-east-1)"},
        {"us-east,", "'us-east,' ends where a name is missing"},
        {"us-east eu-west", "put a comma between names"},
        {"leader", "does not say of which table; write 'leader of accounts'"},
        {"leader of acounts", "there is no table 'acounts' (did you mean 'accounts'?"},
        {"leader of accounts now", "'now' is not understood after a role"},
        {"leader + follower of accounts", "does not say how many followers"},
        {"leader + 0 followers of accounts", "does not say how many followers"},
        {"leader + 6 followers of accounts",
         "too many followers; at most 5, all nodes but the leader"},
        {"leader + 4294967297 followers of accounts", "at most 5"},
        {"all but 2 of accounts", "does not say how many followers"},
        {"leader + 1.2 followers of accounts", "does not say how many followers"},
        {"leader + -1 follower of accounts", "does not say how many followers"},
        {"all but 2x followers of accounts", "does not say how many followers"},
        {"clients", "write 'clients of REGION'"},
        {"clients of us-east-1", "'us-east-1' is no region"},
        {"leaders of accounts", "did you mean 'leader'?"},
    };
    const struct topology t = topology_of_three(2);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = {0};
        struct target target;
        enum err_code code = target_parse(cases[i].text, &t, two_tables, 2, &target, &err);
        print_message("'%s': %s\n", cases[i].text, err.msg);
        assert_int_equal(code, ERR_INVALID);
        assert_non_null(strstr(err.msg, cases[i].sentence));
    }
}

static void the_only_table_need_not_be_named(void **state)
{
    (void)state;
    const struct topology t = topology_of_three(1);
    struct target target;
    struct err err;
    assert_int_equal(target_parse("leader", &t, two_tables, 1, &target, &err), ERR_OK);
    assert_int_equal(target.table, 0);
}

static void two_nodes_have_no_minority_and_one_no_follower(void **state)
{
    (void)state;
    struct topology t = topology_of_three(1);
    struct target target;
    struct err err;
    t.node_count = 2;
    assert_int_equal(target_parse("minority", &t, two_tables, 2, &target, &err), ERR_INVALID);
    t.node_count = 1;
    assert_int_equal(target_parse("any-follower of accounts", &t, two_tables, 2, &target, &err),
                     ERR_INVALID);
}

static void a_role_that_nobody_holds_is_nobody(void **state)
{
    (void)state;
    const struct topology t = topology_of_three(2);
    struct target target;
    struct resolved r = {0x55, 0x55};
    struct err err;
    assert_int_equal(target_parse("leader of carts", &t, two_tables, 2, &target, &err), ERR_OK);
    assert_true(target_asks_role(&target));
    assert_int_equal(target.table, 1);
    assert_int_equal(target_resolve(&target, &t, -1, order, &r, &err), ERR_NOTFOUND);
    assert_int_equal(r.nodes, 0x55); /* untouched */
}

static void clients_go_with_their_whole_region_or_when_named(void **state)
{
    (void)state;
    static const struct {
        struct resolved chosen, a, b;
    } cases[] = {
        {{0x03, 0}, {0x03, 0x1}, {0x3c, 0x6}}, {{0x01, 0}, {0x01, 0x0}, {0x3e, 0x7}},
        {{0x07, 0}, {0x07, 0x1}, {0x38, 0x6}}, {{0x00, 2}, {0x00, 0x2}, {0x3f, 0x5}},
        {{0x3f, 0}, {0x3f, 0x7}, {0x00, 0x0}},
    };
    const struct topology t = topology_of_three(2);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct resolved a, b;
        print_message("nodes %x, clients %x\n", cases[i].chosen.nodes, cases[i].chosen.clients);
        target_sides(&t, cases[i].chosen, &a, &b);
        assert_memory_equal(&a, &cases[i].a, sizeof a);
        assert_memory_equal(&b, &cases[i].b, sizeof b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_target_is_whom_its_words_say),
        cmocka_unit_test(a_target_that_cannot_be_understood_is_refused),
        cmocka_unit_test(the_only_table_need_not_be_named),
        cmocka_unit_test(two_nodes_have_no_minority_and_one_no_follower),
        cmocka_unit_test(a_role_that_nobody_holds_is_nobody),
        cmocka_unit_test(clients_go_with_their_whole_region_or_when_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
