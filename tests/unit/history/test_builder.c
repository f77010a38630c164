#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "history/builder.h"
#include "history/jsonl.h"
#include "history/writer.h"
#include "tests/support/scratch.h"

static struct err err;

static struct bytes bytes_of(const char *text)
{
    return (struct bytes){(const uint8_t *)text, strlen(text)};
}

static struct op_row op_row(int64_t process, enum op_kind kind, int64_t argument, int64_t at_ns)
{
    return (struct op_row){
        .process = process,
        .session = process,
        .operation = {.kind = kind, .key = 1, .argument = argument, .expected = OP_NIL},
        .intended_at_ns = at_ns,
        .invoked_at_ns = at_ns};
}

static struct answer ok(int64_t result)
{
    return (struct answer){.result = result, .version = OP_NIL, .node = -1};
}

static int64_t must_op(struct builder *b, int64_t process, int64_t argument, int64_t at_ns)
{
    struct op_row row = op_row(process, OP_WRITE, argument, at_ns);
    int64_t id = 0;
    assert_int_equal(builder_op(b, &row, &id, &err), ERR_OK);
    return id;
}

static void must_ret(struct builder *b, int64_t op, int64_t result, int64_t at_ns)
{
    struct answer answer = ok(result);
    assert_int_equal(builder_ret(b, op, at_ns, &answer, &err), ERR_OK);
}

static struct history *finish(struct builder *b)
{
    struct history *h = NULL;
    assert_int_equal(builder_finish(b, &h, &err), ERR_OK);
    return h;
}

static void rows_are_counted_and_freed(void **state)
{
    (void)state;
    struct memory memory = {.max_bytes = 0};
    struct builder *b = builder_new(&memory);
    for (int64_t i = 0; i < 1000; i++)
        must_ret(b, must_op(b, i % 7, i, 10 * i), OP_NIL, 10 * i + 5);
    assert_true(memory.used_bytes > 1000 * 100);
    struct history *h = finish(b);
    assert_true(memory.used_bytes > 1000 * 100);
    assert_int_equal(history_row_count(h), 2000);
    assert_int_equal(history_end_ns(h), 9995);
    history_free(h);
    assert_int_equal(memory.used_bytes, 0);
}

static void past_its_memory_nothing_more_is_taken(void **state)
{
    (void)state;
    struct memory memory = {.max_bytes = 300000};
    struct builder *b = builder_new(&memory);
    enum err_code code = ERR_OK;
    for (int64_t i = 0; code == ERR_OK; i++) {
        struct op_row row = op_row(i, OP_WRITE, i, i);
        int64_t id;
        assert_true(i < 10000);
        code = builder_op(b, &row, &id, &err);
    }
    assert_int_equal(code, ERR_NOMEM);
    assert_true(memory.used_bytes <= memory.max_bytes);
    builder_free(b);
    assert_int_equal(memory.used_bytes, 0);
}

static void values_stand_for_texts_and_large_integers(void **state)
{
    (void)state;
    struct builder *b = builder_new(NULL);
    int64_t alice = builder_text(b, bytes_of("alice"));
    assert_true(builder_text(b, bytes_of("alice")) == alice);
    assert_true(builder_text(b, bytes_of("bob")) != alice);
    assert_int_equal(builder_integer(b, -5), -5);
    int64_t large = builder_integer(b, INT64_MAX), nil = builder_integer(b, OP_NIL);
    assert_true(large != INT64_MAX && nil != OP_NIL);
    assert_true(builder_integer(b, INT64_MAX) == large);
    /* What is no UTF-8 is shown with '?', and told apart all the same. */
    int64_t one = builder_text(b, bytes_of("\xff")), other = builder_text(b, bytes_of("\xfe"));
    assert_true(one != other);
    struct history *h = finish(b);
    assert_string_equal(history_text(h, alice), "alice");
    assert_true(history_integer(h, large) == INT64_MAX && history_integer(h, nil) == OP_NIL);
    assert_string_equal(history_text(h, one), "?");
    assert_null(history_text(h, large));
    history_free(h);
}

static void lists_are_kept_ascending(void **state)
{
    (void)state;
    struct builder *b = builder_new(NULL);
    const int64_t members[] = {9, -2, 40};
    struct op_row row = op_row(1, OP_MEMBERS, OP_NIL, 1);
    struct answer answer = {.members = members, .member_count = 3, .is_list = true};
    int64_t id;
    assert_int_equal(builder_op(b, &row, &id, &err), ERR_OK);
    assert_int_equal(builder_ret(b, id, 2, &answer, &err), ERR_OK);
    struct history *h = finish(b);
    struct arena arena = {.blocks = NULL};
    struct columns c;
    assert_int_equal(history_columns(h, HISTORY_ALL_TABLES, &arena, &c, &err), ERR_OK);
    const struct int_list *list = &c.lists[c.result[0]];
    assert_true(c.is_list[0] && list->count == 3);
    assert_true(list->at[0] == -2 && list->at[1] == 9 && list->at[2] == 40);
    arena_done(&arena);
    history_free(h);
}

static void tables_are_told_apart(void **state)
{
    (void)state;
    static const uint32_t tables[] = {1, 0, 2, 1, 0, 2, 2};
    struct builder *b = builder_new(NULL);
    int64_t id;
    for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
        struct op_row row = op_row((int64_t)i, OP_WRITE, (int64_t)i, (int64_t)i);
        row.operation.table = tables[i];
        assert_int_equal(builder_op(b, &row, &id, &err), ERR_OK);
    }
    struct history *h = finish(b);
    for (int table = 0; table < 4; table++) {
        struct arena arena = {.blocks = NULL};
        struct columns c;
        size_t next = 0;
        assert_int_equal(history_columns(h, table, &arena, &c, &err), ERR_OK);
        for (size_t i = 0; i < ARRAY_LEN(tables); i++)
            if ((int)tables[i] == table)
                assert_true(next < c.count && c.argument[next++] == (int64_t)i);
        assert_int_equal(next, c.count);
        arena_done(&arena);
    }
    history_free(h);
}

static void a_process_may_begin_again_once_it_heard_anything(void **state)
{
    (void)state;
    struct builder *b = builder_new(NULL);
    struct op_row row = op_row(7, OP_WRITE, 1, 30);
    struct answer gave_up = {
        .outcome = OUTCOME_UNKNOWN, .result = OP_NIL, .error = "timed out"};
    int64_t id, first = must_op(b, 7, 1, 10);
    must_op(b, 8, 1, 20);
    assert_int_equal(builder_op(b, &row, &id, &err), ERR_INVALID);
    assert_string_equal(err.msg, "process: '7' begins operation 3 before its operation 1 has "
                                 "returned; one at a time");
    assert_int_equal(builder_ret(b, first, 30, &gave_up, &err), ERR_OK);
    assert_int_equal(builder_op(b, &row, &id, &err), ERR_OK);
    assert_int_equal(id, 3);
    struct history *h = finish(b);
    struct arena arena = {.blocks = NULL};
    struct columns c;
    assert_int_equal(history_columns(h, HISTORY_ALL_TABLES, &arena, &c, &err), ERR_OK);
    assert_int_equal(c.outcome[0], OUTCOME_UNKNOWN);
    assert_int_equal(c.returned_at_ns[0], 30);
    assert_string_equal(history_text(h, c.error[0]), "timed out");
    assert_true(c.returned_at_ns[1] == INT64_MAX);
    arena_done(&arena);
    history_free(h);
}

/* Each of these on a history of one operation that began at 10 and one event at 20. */
static enum err_code try_bad_row(struct builder *b, int which)
{
    struct answer answer = ok(OP_NIL), bad_value = ok(INT64_MAX), bad_outcome = ok(OP_NIL);
    struct op_row late = op_row(2, OP_WRITE, 1, 19), kind = op_row(2, OP_KIND_COUNT, 1, 30);
    struct op_row key = op_row(2, OP_WRITE, INT64_MAX, 30);
    int64_t id;
    bad_outcome.outcome = OUTCOME_COUNT;
    switch (which) {
    case 0: return builder_ret(b, 2, 30, &answer, &err);
    case 1: return builder_ret(b, 0, 30, &answer, &err);
    case 2: return builder_ret(b, 1, 19, &answer, &err);
    case 3: return builder_ret(b, 1, 30, &bad_value, &err);
    case 4: return builder_ret(b, 1, 30, &bad_outcome, &err);
    case 5: return builder_op(b, &late, &id, &err);
    case 6: return builder_op(b, &kind, &id, &err);
    case 7: return builder_op(b, &key, &id, &err);
    case 8: return builder_event(b, &(struct event_row){19, "x", -1, NULL}, &err);
    case 9: return builder_fault(b, &(struct fault_row){.name = "x", .at_ns = 0}, &err);
    case 10: return builder_sample(b, &(struct sample_row){30, "x", -1, 1e308 * 10}, &err);
    case 11: return builder_attempt(b, 5, &(struct attempt){.number = 1}, &err);
    case 12: return builder_micro(b, &(struct micro_row){.op = 9}, &err);
    case 13: return builder_table(b, "t", &err);
    case 14: return builder_region(b, "\xff", &err);
    case 15: return builder_meta(b, "\xff", "x", &err);
    default: return builder_promise(b, &(struct promise){.type = "\xff"}, &err);
    }
}

static void who_has_an_operation_open_is_known(void **state)
{
    (void)state;
    struct builder *b = builder_new(NULL);
    uint32_t number = 99;
    assert_int_equal(builder_open(b, 70, &number), 0);
    int64_t first = must_op(b, 70, 1, 10), second = must_op(b, -5, 1, 10);
    assert_int_equal(builder_open(b, -5, &number), second);
    assert_int_equal(number, 1);
    assert_int_equal(builder_open(b, 70, &number), first);
    assert_int_equal(number, 0);
    assert_true(builder_is_open(b, first));
    must_ret(b, first, OP_NIL, 20);
    assert_false(builder_is_open(b, first));
    assert_int_equal(builder_open(b, 70, &number), 0);
    int64_t third = must_op(b, 70, 1, 30);
    assert_int_equal(builder_open(b, 70, &number), third);
    assert_int_equal(number, 0);
    builder_free(b);
}

static void a_position_in_a_transaction_is_given_once(void **state)
{
    (void)state;
    struct builder *b = builder_new(NULL);
    struct micro_row part = {
        .op = 1, .position = 1, .key = 5, .argument = OP_NIL, .result = OP_NIL};
    must_op(b, 1, 1, 10);
    must_op(b, 2, 1, 10);
    assert_int_equal(builder_micro(b, &part, &err), ERR_OK);
    part.position = 0; /* in whichever order */
    assert_int_equal(builder_micro(b, &part, &err), ERR_OK);
    part.op = 2;
    assert_int_equal(builder_micro(b, &part, &err), ERR_OK);
    part = (struct micro_row){.op = 1, .position = 1, .kind = OP_WRITE, .key = 6};
    assert_int_equal(builder_micro(b, &part, &err), ERR_INVALID);
    assert_string_equal(err.msg, "micro: '1' is a second part of operation 1 at one position");
    builder_free(b);
}

static void rows_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    static const char *const sentences[] = {
        "ret: '2' is no operation so far; 1 to 1",
        "ret: '0' is no operation so far; 1 to 1",
        "returned_at: '19' is before the row before it; at least 20",
        "result: '9223372036854775807' is neither below 2^62 nor the id of a value",
        "outcome: a number out of range",
        "invoked_at: '19' is before the row before it; at least 20",
        "kind: a number out of range",
        "argument: '9223372036854775807' is neither below 2^62 nor the id of a value",
        "at: '19' is before the row before it; at least 20",
        "at: '0' is before the row before it; at least 20",
        "sample: 'x' is inf, no finite number",
        "op: '5' is no operation so far; 1 to 1",
        "op: '9' is no operation so far; 1 to 1",
        "table: 't' is named twice",
        "region: '\xff' is not UTF-8",
        "meta: '\xff' is not UTF-8",
        "type: '\xff' is not UTF-8",
    };
    for (int i = 0; i < (int)ARRAY_LEN(sentences); i++) {
        struct builder *b = builder_new(NULL);
        assert_int_equal(builder_table(b, "t", &err), ERR_OK);
        must_op(b, 1, 1, 10);
        assert_int_equal(builder_event(b, &(struct event_row){20, "x", -1, NULL}, &err),
                         ERR_OK);
        assert_int_equal(try_bad_row(b, i), ERR_INVALID);
        print_message("%s\n", err.msg);
        assert_string_equal(err.msg, sentences[i]);
        builder_free(b);
    }
}

/* --- the same rows in memory and in a file --- */

static void build(struct builder *b)
{
    const int64_t members[] = {9, -2, 40};
    assert_int_equal(builder_meta(b, "scenario", "s", &err), ERR_OK);
    assert_int_equal(builder_region(b, "us", &err), ERR_OK);
    assert_int_equal(builder_node(b, "us-1", 0, &err), ERR_OK);
    assert_int_equal(builder_table(b, "t", &err), ERR_OK);
    assert_int_equal(builder_table(b, "u", &err), ERR_OK);
    assert_int_equal(
        builder_promise(b, &(struct promise){.table = 0, .checks = "linearizable"}, &err),
        ERR_OK);
    must_op(b, 1, builder_text(b, bytes_of("v")), 10);
    assert_int_equal(
        builder_attempt(b, 1, &(struct attempt){1, 0, 10, 12, OUTCOME_FAIL, "reset"}, &err),
        ERR_OK);
    assert_int_equal(
        builder_fault(b, &(struct fault_row){1, "cut", "on", 15, "asked", NULL, NULL}, &err),
        ERR_OK);
    struct op_row set = op_row(2, OP_MEMBERS, OP_NIL, 20);
    set.operation.table = 1;
    int64_t id;
    assert_int_equal(builder_op(b, &set, &id, &err), ERR_OK);
    assert_int_equal(builder_event(b, &(struct event_row){25, "leader", 0, "2"}, &err), ERR_OK);
    must_ret(b, 1, OP_NIL, 30);
    struct answer answer = {
        .members = members, .member_count = 3, .is_list = true, .version = 4, .node = 0};
    assert_int_equal(builder_ret(b, 2, 35, &answer, &err), ERR_OK);
    assert_int_equal(builder_sample(b, &(struct sample_row){40, "lag", 0, -0.0}, &err), ERR_OK);
    struct micro_row micro = {.op = 2,
                              .kind = OP_READ,
                              .key = 1,
                              .argument = OP_NIL,
                              .result = builder_integer(b, INT64_MAX)};
    assert_int_equal(builder_micro(b, &micro, &err), ERR_OK);
}

static void record(struct history_writer *w)
{
    const int64_t members[] = {9, -2, 40};
    struct op_row write = op_row(1, OP_WRITE, history_text_id(w, "v"), 10);
    struct op_row set = op_row(2, OP_MEMBERS, OP_NIL, 20);
    struct answer answer = {.members = members,
                            .member_count = 3,
                            .is_list = true,
                            .version = 4,
                            .node = 0},
                  done = ok(OP_NIL);
    history_meta(w, "scenario", "s");
    history_region(w, 0, "us");
    history_node(w, 0, "us-1", 0);
    history_table(w, 0, "t");
    history_table(w, 1, "u");
    history_promise(w, &(struct promise){.table = 0, .checks = "linearizable"});
    history_op(w, &write);
    history_attempt(w, 1, &(struct attempt){1, 0, 10, 12, OUTCOME_FAIL, "reset"});
    history_fault(w, &(struct fault_row){1, "cut", "on", 15, "asked", NULL, NULL});
    set.operation.table = 1;
    history_op(w, &set);
    history_event(w, 25, "leader", 0, "2");
    history_ret(w, 1, 30, &done);
    history_ret(w, 2, 35, &answer);
    history_sample(w, 40, "lag", 0, -0.0);
    history_micro(w, &(struct micro_row){.op = 2,
                                         .kind = OP_READ,
                                         .key = 1,
                                         .argument = OP_NIL,
                                         .result = history_integer_id(w, INT64_MAX)});
}

static char *export_text(struct history *h)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(jsonl_export(h, out, &err), ERR_OK);
    fclose(out);
    return text;
}

static void expect_same_columns(struct history *a, struct history *b, int table)
{
    struct arena arena = {.blocks = NULL};
    struct columns x, y;
    assert_int_equal(history_columns(a, table, &arena, &x, &err), ERR_OK);
    assert_int_equal(history_columns(b, table, &arena, &y, &err), ERR_OK);
    assert_int_equal(x.count, y.count);
    for (size_t i = 0; i < x.count; i++) {
        assert_true(x.id[i] == y.id[i] && x.process[i] == y.process[i]);
        assert_true(x.region[i] == y.region[i] && x.table[i] == y.table[i]);
        assert_true(x.kind[i] == y.kind[i] && x.outcome[i] == y.outcome[i]);
        assert_true(x.level[i] == y.level[i] && x.key[i] == y.key[i]);
        assert_true(x.expected[i] == y.expected[i] && x.is_list[i] == y.is_list[i]);
        assert_true(x.intended_at_ns[i] == y.intended_at_ns[i]);
        assert_true(x.invoked_at_ns[i] == y.invoked_at_ns[i]);
        assert_true(x.returned_at_ns[i] == y.returned_at_ns[i] && x.node[i] == y.node[i]);
        if (x.is_list[i])
            assert_int_equal(x.lists[x.result[i]].count, y.lists[y.result[i]].count);
        else
            assert_true(x.result[i] == y.result[i]);
    }
    arena_done(&arena);
}

static void expect_same_lists(struct history *a, struct history *b)
{
    struct arena arena = {.blocks = NULL};
    const struct fault_row *f[2];
    const struct event_row *e[2];
    const struct attempt_row *t[2];
    const struct sample_row *s[2];
    const struct micro_row *m[2];
    struct history *both[] = {a, b};
    size_t counts[2][5];
    for (int i = 0; i < 2; i++) {
        assert_int_equal(history_faults(both[i], &arena, &f[i], &counts[i][0], &err), ERR_OK);
        assert_int_equal(history_events(both[i], &arena, &e[i], &counts[i][1], &err), ERR_OK);
        assert_int_equal(history_attempts(both[i], &arena, &t[i], &counts[i][2], &err), ERR_OK);
        assert_int_equal(history_samples(both[i], &arena, &s[i], &counts[i][3], &err), ERR_OK);
        assert_int_equal(history_micros(both[i], &arena, &m[i], &counts[i][4], &err), ERR_OK);
    }
    assert_memory_equal(counts[0], counts[1], sizeof counts[0]);
    if (counts[0][0])
        assert_true(f[0]->at_ns == f[1]->at_ns && !f[0]->measured && !f[1]->measured &&
                    strcmp(f[0]->asked, f[1]->asked) == 0);
    if (counts[0][1])
        assert_true(e[0]->at_ns == e[1]->at_ns && e[0]->node == e[1]->node &&
                    strcmp(e[0]->name, e[1]->name) == 0);
    if (counts[0][2])
        assert_true(t[0]->op == t[1]->op && t[0]->attempt.number == t[1]->attempt.number &&
                    t[0]->attempt.ended_at_ns == t[1]->attempt.ended_at_ns &&
                    strcmp(t[0]->attempt.error, t[1]->attempt.error) == 0);
    if (counts[0][3])
        assert_true(s[0]->at_ns == s[1]->at_ns && s[0]->value == s[1]->value);
    if (counts[0][4])
        assert_true(m[0]->op == m[1]->op && m[0]->position == m[1]->position &&
                    history_integer(a, m[0]->result) == history_integer(b, m[1]->result));
    arena_done(&arena);
}

static void a_built_history_is_the_recorded_one_at_every_cut(void **state)
{
    char path[600];
    struct history_writer *w;
    struct history *recorded;
    snprintf(path, sizeof path, "%s/a.db", (const char *)*state);
    assert_int_equal(history_create(path, &w, &err), ERR_OK);
    record(w);
    assert_int_equal(history_close(w, &err), ERR_OK);
    assert_int_equal(history_open(path, &recorded, &err), ERR_OK);
    struct builder *b = builder_new(NULL);
    build(b);
    struct history *built = finish(b);
    int64_t rows = history_row_count(recorded);
    assert_int_equal(history_row_count(built), rows);
    for (int64_t cut = rows; cut >= 0; cut--) {
        assert_int_equal(history_cut(recorded, cut, &err), ERR_OK);
        assert_int_equal(history_cut(built, cut, &err), ERR_OK);
        char *x = export_text(recorded), *y = export_text(built);
        assert_string_equal(x, y);
        free(x);
        free(y);
        assert_int_equal(history_end_ns(recorded), history_end_ns(built));
        for (int table = HISTORY_ALL_TABLES; table < 2; table++)
            expect_same_columns(recorded, built, table);
        expect_same_lists(recorded, built);
    }
    assert_int_equal(history_cut(built, 1000, &err), ERR_OK);
    assert_int_equal(history_row_count(built), rows);
    assert_string_equal(history_promise_get(built, 0)->checks, "linearizable");
    assert_string_equal(history_meta_get(built, "scenario"), "s");
    history_free(recorded);
    history_free(built);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_counted_and_freed),
        cmocka_unit_test(past_its_memory_nothing_more_is_taken),
        cmocka_unit_test(values_stand_for_texts_and_large_integers),
        cmocka_unit_test(lists_are_kept_ascending),
        cmocka_unit_test(tables_are_told_apart),
        cmocka_unit_test(a_process_may_begin_again_once_it_heard_anything),
        cmocka_unit_test(who_has_an_operation_open_is_known),
        cmocka_unit_test(a_position_in_a_transaction_is_given_once),
        cmocka_unit_test(rows_that_make_no_sense_are_refused),
        cmocka_unit_test_setup_teardown(a_built_history_is_the_recorded_one_at_every_cut,
                                        scratch_make, scratch_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
