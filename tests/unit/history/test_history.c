#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/scratch.h"
#include "tests/unit/history/samples.h"

static const char *path_in(void **state, const char *name)
{
    static char path[600];
    snprintf(path, sizeof path, "%s/%s", (const char *)*state, name);
    return path;
}

static struct history_writer *create(const char *path)
{
    struct err err = {0};
    struct history_writer *w = NULL;
    assert_int_equal(history_create(path, &w, &err), ERR_OK);
    return w;
}

static void finish(struct history_writer *w)
{
    struct err err = {0};
    if (history_close(w, &err) != ERR_OK)
        fail_msg("%s", err.msg);
}

static struct history *open_history(const char *path)
{
    struct err err = {0};
    struct history *h = NULL;
    if (history_open(path, &h, &err) != ERR_OK)
        fail_msg("%s", err.msg);
    return h;
}

static struct columns load(struct history *h, int table, struct arena *arena)
{
    struct err err = {0};
    struct columns c;
    if (history_columns(h, table, arena, &c, &err) != ERR_OK)
        fail_msg("%s", err.msg);
    return c;
}

static struct history *record_every_kind(void **state)
{
    const char *path = path_in(state, "history.db");
    struct history_writer *w = create(path);
    sample_every_kind(w);
    assert_int_equal(history_seq(w), ROWS_OF_EVERY_KIND);
    finish(w);
    return open_history(*state); /* the folder: a run's */
}

static void names_promises_and_metas_are_read_back(void **state)
{
    struct history *h = record_every_kind(state);
    assert_int_equal(history_row_count(h), ROWS_OF_EVERY_KIND);
    assert_string_equal(history_meta_get(h, "scenario"), "two regions");
    assert_null(history_meta_get(h, "seed"));
    assert_int_equal(history_region_count(h), 2);
    assert_string_equal(history_region_name(h, 1), "eu-west");
    assert_null(history_region_name(h, 2));
    assert_int_equal(history_node_region(h, 1), 1);
    assert_string_equal(history_node_name(h, 0), "us-east-1");
    assert_string_equal(history_table_name(h, 1), "carts");
    assert_string_equal(history_promise_get(h, 0)->checks, "linearizable,convergence");
    assert_null(history_promise_get(h, 1));
    assert_int_equal(history_end_ns(h), 210);
    history_free(h);
}

static void operations_come_back_in_columns(void **state)
{
    struct history *h = record_every_kind(state);
    struct arena arena = {0};
    struct columns c = load(h, HISTORY_ALL_TABLES, &arena);
    assert_int_equal(c.count, 5);
    assert_int_equal(c.id[0], 1);
    assert_int_equal(c.process[0], 3);
    assert_int_equal(c.kind[0], OP_WRITE);
    assert_int_equal(c.argument[0], 5);
    assert_true(c.argument[1] == OP_NIL && c.expected[1] == OP_NIL);
    assert_int_equal(c.expected[4], 4);
    assert_int_equal(c.outcome[0], OUTCOME_OK);
    assert_int_equal(c.returned_at_ns[0], 140);
    assert_int_equal(c.intended_at_ns[1], 109);
    assert_int_equal(c.invoked_at_ns[1], 110);
    assert_int_equal(c.node[0], 1);
    assert_int_equal(c.request_id[0], 77);
    assert_true(c.result[1] == OP_NIL && !c.is_list[1]);
    history_free(h);
    arena_done(&arena);
}

static void lists_come_back_ascending(void **state)
{
    struct history *h = record_every_kind(state);
    struct arena arena = {0};
    struct columns c = load(h, 0, &arena);
    assert_true(c.is_list[2]);
    assert_int_equal(c.list_count, 1);
    const struct int_list *list = &c.lists[c.result[2]];
    assert_int_equal(list->count, 3);
    assert_true(list->at[0] == -2 && list->at[1] == 9 && list->at[2] == 40);
    history_free(h);
    arena_done(&arena);
}

static void an_operation_without_return_is_unknown(void **state)
{
    struct history *h = record_every_kind(state);
    struct arena arena = {0};
    struct columns c = load(h, 0, &arena);
    assert_int_equal(c.outcome[3], OUTCOME_UNKNOWN);
    assert_true(c.returned_at_ns[3] == INT64_MAX);
    assert_int_equal(c.node[3], -1);
    assert_int_equal(c.outcome[4], OUTCOME_UNKNOWN);
    assert_int_equal(c.returned_at_ns[4], 210);
    assert_string_equal(history_text(h, c.error[4]), "timed out");
    history_free(h);
    arena_done(&arena);
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(names_promises_and_metas_are_read_back),
        IN_FOLDER(operations_come_back_in_columns),
        IN_FOLDER(lists_come_back_ascending),
        IN_FOLDER(an_operation_without_return_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
