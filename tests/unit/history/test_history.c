#include "tests/support/test.h"

#include <sqlite3.h>
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

static void execute(const char *path, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void what_is_no_history_is_refused_with_a_sentence(void **state)
{
    static const struct {
        const char *sql; /* done to an empty file; NULL: a text file */
        enum err_code code;
        const char *message;
    } cases[] = {
        {NULL, ERR_DAMAGED, "no history: not a SQLite file"},
        {"SELECT 1", ERR_INVALID, "no history: a SQLite file of something else"},
        {"CREATE TABLE t(x)", ERR_INVALID, "no history: a SQLite file of something else"},
        {"PRAGMA application_id=1179412596; PRAGMA user_version=2", ERR_UNSUPPORTED,
         "a history of version 2; this program reads version 1"},
        {"PRAGMA application_id=1179412596; PRAGMA user_version=1", ERR_DAMAGED,
         "no such table"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char name[16];
        snprintf(name, sizeof name, "%zu.db", i);
        const char *path = path_in(state, name);
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        if (cases[i].sql == NULL)
            fputs("This is a letter, long enough to hold a header of SQLite, had it one. "
                  "It goes on for a while, since headers have a hundred bytes.\n",
                  file);
        fclose(file);
        if (cases[i].sql)
            execute(path, cases[i].sql);
        struct err err = {.code = ERR_OK};
        struct history *h = NULL;
        enum err_code code = history_open(path, &h, &err);
        print_message("%s\n", err.msg);
        assert_int_equal(code, cases[i].code);
        assert_non_null(strstr(err.msg, cases[i].message));
    }
    struct err err;
    struct history *h;
    assert_int_equal(history_open(path_in(state, "none.db"), &h, &err), ERR_NOTFOUND);
}

static void damaged_rows_are_told_and_never_loaded(void **state)
{
    static const char *const damages[] = {
        "UPDATE op SET kind = 99 WHERE id = 1",
        "UPDATE op SET level = -1 WHERE id = 1",
        "UPDATE op SET id = 1000 WHERE id = 5",
        "UPDATE ret SET op = 900 WHERE op = 1",
        "UPDATE ret SET outcome = 3 WHERE op = 1",
        "UPDATE ret SET op = 2 WHERE op = 1",
        "DELETE FROM value WHERE (id & 3) = 2",
        "UPDATE value SET data = x'80' WHERE (id&3) = 2",
    };
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        char name[16];
        snprintf(name, sizeof name, "%zu.db", i);
        const char *path = path_in(state, name);
        struct history_writer *w = create(path);
        sample_every_kind(w);
        finish(w);
        execute(path, damages[i]);
        struct history *h = open_history(path);
        struct arena arena = {.blocks = NULL};
        struct columns c;
        struct err err = {.code = ERR_OK};
        enum err_code code = history_columns(h, HISTORY_ALL_TABLES, &arena, &c, &err);
        print_message("%s: %s\n", damages[i], err.msg);
        assert_int_equal(code, ERR_DAMAGED);
        assert_non_null(strstr(err.msg, "damaged: "));
        arena_done(&arena);
        history_free(h);
    }
}

static void a_cut_forgets_returns_and_names_behind_it(void **state)
{
    struct history *h = record_every_kind(state);
    struct err err = {.code = ERR_OK};
    struct arena arena = {.blocks = NULL};
    assert_int_equal(history_cut(h, 13, &err), ERR_OK); /* up to the first return */
    struct columns c = load(h, HISTORY_ALL_TABLES, &arena);
    assert_int_equal(c.count, 2);
    assert_int_equal(c.outcome[0], OUTCOME_UNKNOWN);
    assert_int_equal(c.outcome[1], OUTCOME_OK);
    assert_int_equal(history_end_ns(h), 130);
    assert_int_equal(history_cut(h, 2, &err), ERR_OK);
    assert_int_equal(history_region_count(h), 1);
    assert_null(history_promise_get(h, 0));
    assert_int_equal(history_cut(h, 1000, &err), ERR_OK);
    assert_int_equal(history_row_count(h), ROWS_OF_EVERY_KIND);
    assert_int_equal(history_region_count(h), 2);
    history_free(h);
    arena_done(&arena);
}

static void one_table_is_loaded_alone(void **state)
{
    struct history *h = record_every_kind(state);
    struct arena arena = {.blocks = NULL};
    assert_int_equal(load(h, 0, &arena).count, 5);
    assert_int_equal(load(h, 1, &arena).count, 0);
    history_free(h);
    arena_done(&arena);
}

enum { MANY = 30000 };

/* Every operation returns when the third after it has begun. */
static struct history *record_many(const char *path)
{
    struct history_writer *w = create(path);
    for (int64_t i = 1; i <= MANY; i++) {
        sample_op(w, OP_WRITE, i, i, 10 * i);
        if (i > 3)
            sample_ret(w, i - 3, i % 2 ? OP_NIL : i, 10 * i + 1);
    }
    finish(w);
    return open_history(path);
}

static void expect_many(const struct columns *c, size_t count, size_t returned)
{
    assert_int_equal(c->count, count);
    for (size_t i = 0; i < count; i++) {
        int64_t id = (int64_t)i + 1;
        assert_true(c->id[i] == id && c->key[i] == id && c->invoked_at_ns[i] == 10 * id);
        assert_int_equal(c->outcome[i], i < returned ? OUTCOME_OK : OUTCOME_UNKNOWN);
        assert_true(c->returned_at_ns[i] == (i < returned ? 10 * (id + 3) + 1 : INT64_MAX));
    }
}

static void many_operations_are_loaded_on_two_threads(void **state)
{
    struct history *h = record_many(path_in(state, "many.db"));
    struct err err = {.code = ERR_OK};
    struct arena arena = {.blocks = NULL};
    struct columns c = load(h, HISTORY_ALL_TABLES, &arena);
    expect_many(&c, MANY, MANY - 3);
    assert_int_equal(history_cut(h, 30003, &err), ERR_OK); /* 15,003 calls and a return */
    c = load(h, HISTORY_ALL_TABLES, &arena);
    expect_many(&c, 15003, 15000);
    history_free(h);
    arena_done(&arena);
}

static void operations_that_do_not_fit_are_not_loaded(void **state)
{
    struct history *h = record_many(path_in(state, "counted.db"));
    struct memory memory = {.max_bytes = 100000};
    struct err err = {.code = ERR_OK};
    struct arena arena = {.blocks = NULL};
    struct columns c;
    history_count_in(h, &memory);
    assert_int_equal(history_columns(h, HISTORY_ALL_TABLES, &arena, &c, &err), ERR_NOMEM);
    assert_int_equal(memory.used_bytes, 0);
    memory.max_bytes = (size_t)64 << 20;
    assert_int_equal(history_columns(h, HISTORY_ALL_TABLES, &arena, &c, &err), ERR_OK);
    assert_true(memory.used_bytes > MANY * sizeof *c.id);
    history_free(h);
    assert_int_equal(memory.used_bytes, 0);
    arena_done(&arena);
}

static void a_file_that_was_moved_away_is_loaded_all_the_same(void **state)
{
    const char *path = path_in(state, "many.db");
    struct history *h = record_many(path);
    struct arena arena = {.blocks = NULL};
    assert_int_equal(remove(path), 0);
    struct columns c = load(h, HISTORY_ALL_TABLES, &arena);
    expect_many(&c, MANY, MANY - 3);
    history_free(h);
    h = record_many(path);
    assert_int_equal(remove(path), 0);
    finish(create(path)); /* another of its name */
    c = load(h, HISTORY_ALL_TABLES, &arena);
    expect_many(&c, MANY, MANY - 3);
    history_free(h);
    arena_done(&arena);
}

static void a_damaged_return_is_told_from_the_other_thread(void **state)
{
    const char *path = path_in(state, "many.db");
    struct err err = {.code = ERR_OK};
    struct arena arena = {.blocks = NULL};
    struct columns c;
    history_free(record_many(path));
    execute(path, "UPDATE ret SET outcome = 9 WHERE op = 777");
    struct history *h = open_history(path);
    assert_int_equal(history_columns(h, 0, &arena, &c, &err), ERR_DAMAGED);
    assert_non_null(strstr(err.msg, "damaged: the return of operation 777 makes no sense"));
    history_free(h);
    arena_done(&arena);
}

static void names_out_of_order_are_damage(void **state)
{
    const char *path = path_in(state, "a.db");
    struct err err = {.code = ERR_OK};
    struct history *h = NULL;
    struct history_writer *w = create(path);
    sample_every_kind(w);
    finish(w);
    execute(path, "UPDATE region SET id = 1 - id");
    assert_int_equal(history_open(path, &h, &err), ERR_DAMAGED);
    assert_non_null(strstr(err.msg, "damaged: names out of order"));
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(names_promises_and_metas_are_read_back),
        IN_FOLDER(operations_come_back_in_columns),
        IN_FOLDER(lists_come_back_ascending),
        IN_FOLDER(an_operation_without_return_is_unknown),
        IN_FOLDER(what_is_no_history_is_refused_with_a_sentence),
        IN_FOLDER(damaged_rows_are_told_and_never_loaded),
        IN_FOLDER(a_cut_forgets_returns_and_names_behind_it),
        IN_FOLDER(one_table_is_loaded_alone),
        IN_FOLDER(many_operations_are_loaded_on_two_threads),
        IN_FOLDER(operations_that_do_not_fit_are_not_loaded),
        IN_FOLDER(a_file_that_was_moved_away_is_loaded_all_the_same),
        IN_FOLDER(a_damaged_return_is_told_from_the_other_thread),
        IN_FOLDER(names_out_of_order_are_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
