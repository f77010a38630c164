/* The state that entries lead to: registers, sets, sessions, primaries, snapshots. */
#include "tests/support/test.h"

#include <string.h>

#include "store/machine.h"

enum { NUMBERS, TAGS };

static struct machine machine;

static int open_machine(void **state)
{
    struct node_config config = {.table_count = 2};
    config.tables[TAGS].type = STORE_OR_SET;
    machine_init(&machine, &config);
    (void)state;
    return 0;
}

static int close_machine(void **state)
{
    (void)state;
    machine_done(&machine);
    return 0;
}

static struct outcome apply(struct entry e)
{
    struct outcome outcome;
    e.type = e.type == ENTRY_NOOP ? ENTRY_CHANGE : e.type;
    assert_true(machine_apply(&machine, &e, &outcome));
    return outcome;
}

static struct entry change(uint64_t client, uint64_t sequence, enum request_kind kind,
                           int64_t key, int64_t argument)
{
    return (struct entry){.kind = kind,
                          .table = kind >= REQUEST_ADD ? TAGS : NUMBERS,
                          .client = client,
                          .sequence = sequence,
                          .key = key,
                          .argument = argument,
                          .expected = STORE_NIL};
}

static size_t members(int64_t *out)
{
    const struct row *row = table_find(&machine.tables[TAGS], 1);
    return row ? row_members(row, out) : 0;
}

static void a_cas_that_finds_another_value_changes_nothing(void **state)
{
    (void)state;
    apply(change(1, 1, REQUEST_WRITE, 5, 50));
    struct entry cas = change(1, 2, REQUEST_CAS, 5, 60);
    cas.expected = 40;
    struct outcome outcome = apply(cas);
    assert_int_equal(outcome.reason, REASON_MISMATCH);
    assert_true(outcome.value == 50);
    assert_true(table_find(&machine.tables[NUMBERS], 5)->value == 50);
    assert_int_equal(table_find(&machine.tables[NUMBERS], 5)->version, 1);
}

static void a_retry_is_answered_as_before_and_done_once(void **state)
{
    (void)state;
    struct outcome first = apply(change(1, 1, REQUEST_WRITE, 5, 50));
    apply(change(2, 1, REQUEST_WRITE, 5, 51));
    struct outcome again = apply(change(1, 1, REQUEST_WRITE, 5, 50));
    assert_int_equal(again.version, first.version);
    assert_true(table_find(&machine.tables[NUMBERS], 5)->value == 51);
}

static void an_operation_that_a_later_one_superseded_is_never_done(void **state)
{
    (void)state;
    apply(change(1, 2, REQUEST_WRITE, 5, 52));
    struct outcome outcome = apply(change(1, 1, REQUEST_WRITE, 5, 51));
    assert_int_equal(outcome.status, REPLY_UNKNOWN);
    assert_int_equal(outcome.reason, REASON_SUPERSEDED);
    assert_true(table_find(&machine.tables[NUMBERS], 5)->value == 52);
}

static void a_member_stays_while_it_has_a_dot(void **state)
{
    (void)state;
    int64_t got[4];
    apply(change(1, 1, REQUEST_ADD, 1, 9));
    apply(change(2, 1, REQUEST_ADD, 1, 9));
    assert_int_equal(table_find(&machine.tables[TAGS], 1)->dot_count, 2);
    assert_int_equal(members(got), 1);
    apply(change(1, 2, REQUEST_REMOVE, 1, 9));
    assert_int_equal(members(got), 0);
    apply(change(2, 2, REQUEST_ADD, 1, 9));
    assert_int_equal(members(got), 1);
}

static void the_first_of_two_primaries_of_an_epoch_has_it(void **state)
{
    (void)state;
    struct entry e = {.type = ENTRY_PRIMARY, .table = TAGS, .key = 2, .argument = 1};
    apply(e);
    e.key = 0;
    apply(e);
    assert_int_equal(machine.primaries[TAGS].node, 2);
    e.argument = 2;
    apply(e);
    assert_int_equal(machine.primaries[TAGS].node, 0);
    assert_int_equal(machine.primaries[TAGS].epoch, 2);
}

static void fill(void)
{
    for (int64_t i = 0; i < 20; i++) {
        apply(change(1, 1 + (uint64_t)i, REQUEST_WRITE, 7 * i % 11, i));
        apply(change(2, 1 + (uint64_t)i, REQUEST_ADD, 1, i % 4));
    }
    apply((struct entry){.type = ENTRY_PRIMARY, .table = TAGS, .key = 2, .argument = 1});
}

static void a_snapshot_holds_everything(void **state)
{
    (void)state;
    struct buffer first = {0}, second = {0};
    struct err err;
    fill();
    uint64_t digest = machine.digest;
    assert_true(machine_save(&machine, &first));
    machine_done(&machine);
    open_machine(NULL);
    assert_int_equal(machine_load(&machine, buffer_bytes(&first), &err), ERR_OK);
    assert_true(machine.digest == digest && machine.applied_index == 41);
    assert_int_equal(machine.primaries[TAGS].node, 2);
    struct outcome outcome;
    assert_true(machine_answered(&machine, 1, 20, &outcome));
    assert_true(machine_save(&machine, &second));
    assert_int_equal(first.size, second.size);
    assert_memory_equal(first.at, second.at, first.size);
    buffer_done(&first);
    buffer_done(&second);
}

static void half_a_snapshot_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    struct buffer saved = {0};
    fill();
    uint64_t digest = machine.digest;
    assert_true(machine_save(&machine, &saved));
    for (size_t size = 0; size < saved.size; size++) {
        struct err err;
        assert_int_equal(machine_load(&machine, (struct bytes){saved.at, size}, &err),
                         ERR_DAMAGED);
        assert_true(machine.digest == digest);
    }
    buffer_done(&saved);
}

static void the_same_entries_give_the_same_digest_and_others_do_not(void **state)
{
    (void)state;
    fill();
    uint64_t digest = machine.digest;
    machine_done(&machine);
    open_machine(NULL);
    fill();
    assert_true(machine.digest == digest);
    apply(change(3, 1, REQUEST_WRITE, 1, 1));
    assert_true(machine.digest != digest);
}

static void the_client_unheard_of_for_longest_is_forgotten_first(void **state)
{
    (void)state;
    struct sessions s = {0};
    for (uint64_t i = 0; i <= SESSIONS_MAX; i++) {
        struct session session = {.client = 2 * i + 1, .sequence = 1, .position = i + 1};
        assert_true(sessions_remember(&s, &session));
    }
    assert_int_equal(s.count, SESSIONS_MAX);
    assert_null(sessions_find(&s, 1));
    assert_non_null(sessions_find(&s, 3));
    sessions_done(&s);
}

int main(void)
{
#define MACHINE_TEST(name) cmocka_unit_test_setup_teardown(name, open_machine, close_machine)
    const struct CMUnitTest tests[] = {
        MACHINE_TEST(a_cas_that_finds_another_value_changes_nothing),
        MACHINE_TEST(a_retry_is_answered_as_before_and_done_once),
        MACHINE_TEST(an_operation_that_a_later_one_superseded_is_never_done),
        MACHINE_TEST(a_member_stays_while_it_has_a_dot),
        MACHINE_TEST(the_first_of_two_primaries_of_an_epoch_has_it),
        MACHINE_TEST(a_snapshot_holds_everything),
        MACHINE_TEST(half_a_snapshot_is_refused_and_changes_nothing),
        MACHINE_TEST(the_same_entries_give_the_same_digest_and_others_do_not),
        MACHINE_TEST(the_client_unheard_of_for_longest_is_forgotten_first),
    };
    return cmocka_run_group_tests_name("machine", tests, NULL, NULL);
}
