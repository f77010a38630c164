/* What becomes of the rows of a table. */
#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "checker/objects.h"
#include "history/writer.h"
#include "tests/support/scratch.h"

enum { ROWS_MAX = 64 };

/* Columns that are filled row by row. */
struct table {
    struct columns c;
    int64_t id[ROWS_MAX], process[ROWS_MAX], key[ROWS_MAX], argument[ROWS_MAX],
        expected[ROWS_MAX], result[ROWS_MAX], invoked[ROWS_MAX], returned[ROWS_MAX],
        error[ROWS_MAX];
    uint8_t kind[ROWS_MAX], outcome[ROWS_MAX], level[ROWS_MAX];
    bool is_list[ROWS_MAX];
};

static void table_init(struct table *t)
{
    *t = (struct table){0};
    t->c = (struct columns){.id = t->id,
                            .process = t->process,
                            .kind = t->kind,
                            .outcome = t->outcome,
                            .level = t->level,
                            .key = t->key,
                            .argument = t->argument,
                            .expected = t->expected,
                            .result = t->result,
                            .is_list = t->is_list,
                            .invoked_at_ns = t->invoked,
                            .returned_at_ns = t->returned,
                            .error = t->error};
}

/* Of process 1, on key 7, at ever later times; returns the row, to be changed. */
static size_t add(struct table *t, enum op_kind kind, int64_t value, enum op_outcome outcome)
{
    size_t row = t->c.count++;
    bool gets = kind == OP_READ || kind == OP_DEQUEUE;
    assert_in_range(row, 0, ROWS_MAX - 1);
    t->id[row] = (int64_t)row + 1;
    t->process[row] = 1;
    t->key[row] = 7;
    t->kind[row] = (uint8_t)kind;
    t->outcome[row] = (uint8_t)outcome;
    t->argument[row] = gets ? OP_NIL : value;
    t->expected[row] = OP_NIL;
    t->result[row] = gets ? value : OP_NIL;
    t->invoked[row] = (int64_t)row * 10;
    t->returned[row] = (int64_t)row * 10 + 5;
    return row;
}

static struct objects split(const struct table *t, const char *model, struct arena *arena)
{
    struct objects_source source = {
        .columns = &t->c, .model = model_find(model), .level = LEVEL_LINEARIZABLE};
    struct objects out;
    struct err err;
    assert_int_equal(objects_split(&source, arena, &out, &err), ERR_OK);
    return out;
}

static void keys_are_objects_in_the_order_of_their_first_use(void **state)
{
    (void)state;
    static struct table t;
    struct arena arena = {0};
    table_init(&t);
    static const int64_t keys[] = {5, -3, 5, OP_NIL, -3, 5};
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        t.key[add(&t, OP_WRITE, (int64_t)i, OUTCOME_OK)] = keys[i];
    struct objects all = split(&t, "cas-register", &arena);
    assert_int_equal(all.count, 3);
    assert_int_equal(all.op_count, 6);
    assert_int_equal(all.all[0].key, 5);
    assert_int_equal(all.all[0].count, 3);
    assert_int_equal(all.all[1].key, -3);
    assert_int_equal(all.all[1].count, 2);
    assert_int_equal(all.all[2].key, OP_NIL);
    assert_int_equal(all.all[1].ops[1].row, 4);
    assert_int_equal(all.all[1].ops[1].op.argument, 4);
    arena_done(&arena);
}

static void what_says_nothing_is_left_out(void **state)
{
    (void)state;
    static struct table t;
    struct arena arena = {0};
    table_init(&t);
    add(&t, OP_WRITE, 1, OUTCOME_OK);
    add(&t, OP_WRITE, 2, OUTCOME_FAIL);
    add(&t, OP_WRITE, 3, OUTCOME_UNKNOWN);
    add(&t, OP_READ, 1, OUTCOME_OK);
    add(&t, OP_READ, 1, OUTCOME_UNKNOWN);
    add(&t, OP_READ, 1, OUTCOME_FAIL);
    t.level[add(&t, OP_READ, 9, OUTCOME_OK)] = LEVEL_EVENTUAL;
    t.level[add(&t, OP_WRITE, 4, OUTCOME_OK)] = LEVEL_EVENTUAL;
    add(&t, OP_FINAL, 4, OUTCOME_OK);
    size_t same = add(&t, OP_CAS, 5, OUTCOME_UNKNOWN);
    t.expected[same] = 5;
    struct objects all = split(&t, "cas-register", &arena);
    static const uint32_t rows[] = {0, 2, 3, 7};
    assert_int_equal(all.count, 1);
    assert_int_equal(all.all[0].count, ARRAY_LEN(rows));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(all.all[0].ops[i].row, rows[i]);
    assert_false(all.all[0].ops[1].op.answered);
    assert_int_equal(all.all[0].ops[1].returned_at_ns, INT64_MAX);
    assert_true(all.all[0].ops[2].op.answered);
    arena_done(&arena);
}

/* Without a history nobody can look up the error; a result is evidence by itself. */
static void a_cas_that_found_another_value_is_a_read_of_it(void **state)
{
    (void)state;
    static struct table t;
    struct arena arena = {0};
    table_init(&t);
    size_t told = add(&t, OP_CAS, 2, OUTCOME_FAIL), untold = add(&t, OP_CAS, 2, OUTCOME_FAIL);
    t.expected[told] = t.expected[untold] = 1;
    t.result[told] = 4;
    struct objects all = split(&t, "cas-register", &arena);
    assert_int_equal(all.op_count, 1);
    const struct model_op *op = &all.all[0].ops[0].op;
    assert_int_equal(op->kind, OP_READ);
    assert_int_equal(op->result, 4);
    assert_true(op->answered);
    assert_false(op->refused);
    arena_done(&arena);
}

static void an_operation_that_the_model_does_not_know_is_named(void **state)
{
    (void)state;
    static struct table t;
    struct arena arena = {0};
    struct objects out;
    struct err err;
    table_init(&t);
    add(&t, OP_WRITE, 1, OUTCOME_OK);
    add(&t, OP_DEQUEUE, 1, OUTCOME_OK);
    struct objects_source source = {.columns = &t.c, .model = model_find("cas-register")};
    assert_int_equal(objects_split(&source, &arena, &out, &err), ERR_INVALID);
    assert_string_equal(err.msg,
                        "operation 2 is 'dequeue', which a cas-register does not know; "
                        "it knows read, write and cas");
    arena_done(&arena);
}

static void operations_come_in_the_order_of_their_calls(void **state)
{
    (void)state;
    static struct table t;
    struct arena arena = {0};
    table_init(&t);
    for (int64_t i = 0; i < 20; i++) {
        size_t row = add(&t, OP_WRITE, i, OUTCOME_OK);
        t.invoked[row] = 1000 - i * 7 % 20;
        t.returned[row] = 2000;
    }
    struct objects all = split(&t, "register", &arena);
    for (size_t i = 1; i < all.all[0].count; i++)
        assert_true(all.all[0].ops[i - 1].called_at_ns <= all.all[0].ops[i].called_at_ns);
    arena_done(&arena);
}

static void processes_are_numbered_and_use_is_noted(void **state)
{
    (void)state;
    static struct table t;
    struct arena arena = {0};
    table_init(&t);
    t.process[add(&t, OP_WRITE, 1, OUTCOME_UNKNOWN)] = 900;
    t.process[add(&t, OP_WRITE, 2, OUTCOME_OK)] = -4;
    struct objects all = split(&t, "cas-register", &arena);
    assert_int_equal(all.all[0].ops[0].process, 0);
    assert_int_equal(all.all[0].ops[1].process, 1);
    assert_int_equal(all.all[0].process_count, 1);
    assert_true(all.all[0].was_changed);
    assert_false(all.all[0].was_looked_at);
    t.process[add(&t, OP_READ, 2, OUTCOME_OK)] = 900;
    all = split(&t, "cas-register", &arena);
    assert_int_equal(all.all[0].ops[2].process, 0);
    assert_int_equal(all.all[0].process_count, 2);
    assert_true(all.all[0].was_looked_at);
    arena_done(&arena);
}

/* A transaction whose parts lie at `first` and `second`, as a file has it. */
static enum err_code split_parts(const char *folder, unsigned first, unsigned second,
                                 struct err *err)
{
    char path[600];
    struct history_writer *w;
    struct history *h;
    struct arena arena = {0};
    struct columns columns;
    struct objects out;
    struct op_row row = {.operation = {.kind = OP_TXN, .key = OP_NIL}};
    struct answer done = {.result = OP_NIL, .version = OP_NIL, .node = -1};
    snprintf(path, sizeof path, "%s/%u-%u.db", folder, first, second);
    assert_int_equal(history_create(path, &w, err), ERR_OK);
    history_table(w, 0, "t");
    history_op(w, &row);
    history_micro(w, &(struct micro_row){1, first, OP_WRITE, 5, 1, OP_NIL});
    history_micro(w, &(struct micro_row){1, second, OP_WRITE, 6, 2, OP_NIL});
    history_ret(w, 1, 10, &done);
    assert_int_equal(history_close(w, err), ERR_OK);
    assert_int_equal(history_open(path, &h, err), ERR_OK);
    assert_int_equal(history_columns(h, 0, &arena, &columns, err), ERR_OK);
    struct objects_source source = {
        .columns = &columns, .model = model_find("multi-register"), .history = h};
    enum err_code code = objects_split(&source, &arena, &out, err);
    arena_done(&arena);
    history_free(h);
    return code;
}

static void parts_of_a_transaction_each_have_a_position(void **state)
{
    struct err err;
    assert_int_equal(split_parts(*state, 0, 1, &err), ERR_OK);
    assert_int_equal(split_parts(*state, 1, 0, &err), ERR_OK);
    assert_int_equal(split_parts(*state, 0, 2, &err), ERR_INVALID);
    assert_string_equal(err.msg, "operation 1 has no part 1, but a later one");
    assert_int_equal(split_parts(*state, 1, 1, &err), ERR_INVALID);
    assert_string_equal(err.msg, "operation 1 has two parts at position 1");
}

static void without_memory_nothing_is_split(void **state)
{
    (void)state;
    static struct table t;
    struct err err;
    struct objects out;
    table_init(&t);
    for (int64_t i = 0; i < 10; i++)
        add(&t, OP_WRITE, i, OUTCOME_OK);
    struct objects_source source = {.columns = &t.c, .model = model_find("cas-register")};
    enum err_code code = ERR_NOMEM;
    size_t limit = 64;
    for (; code && limit < 1 << 20; limit += 64) {
        struct arena arena = {.limit_bytes = limit};
        code = objects_split(&source, &arena, &out, &err);
        assert_true(code == ERR_OK || code == ERR_NOMEM);
        arena_done(&arena);
    }
    assert_int_equal(code, ERR_OK);
    assert_true(limit > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_objects_in_the_order_of_their_first_use),
        cmocka_unit_test(what_says_nothing_is_left_out),
        cmocka_unit_test(a_cas_that_found_another_value_is_a_read_of_it),
        cmocka_unit_test(an_operation_that_the_model_does_not_know_is_named),
        cmocka_unit_test(operations_come_in_the_order_of_their_calls),
        cmocka_unit_test(processes_are_numbered_and_use_is_noted),
        cmocka_unit_test_setup_teardown(parts_of_a_transaction_each_have_a_position,
                                        scratch_make, scratch_remove),
        cmocka_unit_test(without_memory_nothing_is_split),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
