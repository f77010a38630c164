#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

#include "history/jsonl.h"
#include "history/reader.h"
#include "tests/support/scratch.h"
#include "tests/unit/history/samples.h"

static const char *path_in(void **state, const char *name)
{
    static char path[4][600];
    static unsigned turn;
    char *out = path[turn++ % 4];
    snprintf(out, sizeof path[0], "%s/%s", (const char *)*state, name);
    return out;
}

static enum err_code read_text(const char *text, struct history **out, struct err *err)
{
    struct reading reading;
    FILE *in = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    assert_non_null(in);
    *err = (struct err){.code = ERR_OK};
    enum err_code code = history_read(in, "h.jsonl", "jsonl", NULL, out, &reading, err);
    fclose(in);
    return code;
}

static struct history *must_read(const char *text)
{
    struct err err;
    struct history *h = NULL;
    if (read_text(text, &h, &err) != ERR_OK)
        fail_msg("%s", err.msg);
    return h;
}

static struct history *open_history(const char *path)
{
    struct err err = {.code = ERR_OK};
    struct history *h = NULL;
    if (history_open(path, &h, &err) != ERR_OK)
        fail_msg("%s", err.msg);
    return h;
}

static char *export_text(struct history *h)
{
    char *text = NULL;
    size_t size;
    struct err err = {.code = ERR_OK};
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    if (jsonl_export(h, out, &err) != ERR_OK)
        fail_msg("%s", err.msg);
    fclose(out);
    return text;
}

static const char every_kind[] =
    "{\"meta\":\"scenario\",\"value\":\"two regions\"}\n"
    "{\"region\":\"us-east\"}\n"
    "{\"region\":\"eu-west\"}\n"
    "{\"node\":\"us-east-1\",\"region\":\"us-east\"}\n"
    "{\"node\":\"eu-west-1\",\"region\":\"eu-west\"}\n"
    "{\"table\":\"accounts\"}\n"
    "{\"table\":\"carts\"}\n"
    "{\"promise\":\"accounts\",\"type\":\"register\",\"mode\":\"consensus\","
    "\"level\":\"linearizable\",\"checks\":\"linearizable,convergence\"}\n"
    "{\"op\":1,\"process\":3,\"session\":3,\"region\":\"us-east\",\"table\":\"accounts\","
    "\"kind\":\"write\",\"key\":1,\"argument\":5,\"level\":\"linearizable\",\"request_id\":77,"
    "\"intended_at\":99,\"invoked_at\":100}\n"
    "{\"op\":2,\"process\":4,\"session\":4,\"region\":\"us-east\",\"table\":\"accounts\","
    "\"kind\":\"read\",\"key\":1,\"level\":\"linearizable\",\"request_id\":77,"
    "\"intended_at\":109,\"invoked_at\":110}\n"
    "{\"attempt\":1,\"op\":1,\"node\":\"us-east-1\",\"sent_at\":100,\"ended_at\":115,"
    "\"outcome\":\"unknown\",\"error\":\"reset\"}\n"
    "{\"fault\":1,\"name\":\"partition\",\"state\":\"on\",\"at\":120,\"asked\":\"isolate: "
    "eu-west\",\"resolved\":\"{\\\"nodes\\\": [1]}\"}\n"
    "{\"ret\":2,\"outcome\":\"ok\",\"returned_at\":130,\"level\":\"linearizable\","
    "\"node\":\"eu-west-1\"}\n"
    "{\"ret\":1,\"outcome\":\"ok\",\"returned_at\":140,\"level\":\"linearizable\","
    "\"node\":\"eu-west-1\"}\n"
    "{\"event\":\"leader\",\"at\":150,\"node\":\"eu-west-1\",\"detail\":\"2\"}\n"
    "{\"sample\":\"lag\",\"at\":160,\"value\":0.25}\n"
    "{\"op\":3,\"process\":3,\"session\":3,\"region\":\"us-east\",\"table\":\"accounts\","
    "\"kind\":\"members\",\"key\":2,\"level\":\"linearizable\",\"request_id\":77,"
    "\"intended_at\":169,\"invoked_at\":170}\n"
    "{\"ret\":3,\"outcome\":\"ok\",\"returned_at\":180,\"result\":[-2,9,40],"
    "\"level\":\"local\",\"version\":12}\n"
    "{\"op\":4,\"process\":5,\"session\":5,\"region\":\"us-east\",\"table\":\"accounts\","
    "\"kind\":\"txn\",\"level\":\"linearizable\",\"request_id\":77,"
    "\"intended_at\":189,\"invoked_at\":190}\n"
    "{\"micro\":0,\"op\":4,\"kind\":\"read\",\"key\":\"a key\","
    "\"result\":9223372036854775807}\n"
    "{\"op\":5,\"process\":3,\"session\":3,\"region\":\"us-east\",\"table\":\"accounts\","
    "\"kind\":\"cas\",\"key\":1,\"argument\":6,\"expected\":4,\"level\":\"linearizable\","
    "\"request_id\":77,\"intended_at\":199,\"invoked_at\":200}\n"
    "{\"ret\":5,\"outcome\":\"unknown\",\"returned_at\":210,\"level\":\"linearizable\","
    "\"error\":\"timed out\"}\n";

static void export_writes_every_row_in_order(void **state)
{
    struct err err = {.code = ERR_OK};
    struct history_writer *w;
    assert_int_equal(history_create(path_in(state, "a.db"), &w, &err), ERR_OK);
    sample_every_kind(w);
    assert_int_equal(history_close(w, &err), ERR_OK);
    struct history *h = open_history(path_in(state, "a.db"));
    char *text = export_text(h);
    assert_string_equal(text, every_kind);
    free(text);
    history_free(h);
}

static void export_of_what_was_read_gives_the_same_bytes(void **state)
{
    (void)state;
    struct history *h = must_read(every_kind);
    char *text = export_text(h);
    assert_string_equal(text, every_kind);
    free(text);
    history_free(h);
}

/* The first `count` lines of every_kind. */
static size_t lines_bytes(int count)
{
    const char *end = every_kind;
    while (count-- > 0)
        end = strchr(end, '\n') + 1;
    return (size_t)(end - every_kind);
}

static void expect_cuts(struct history *h)
{
    struct err err;
    for (int rows = 0; rows <= ROWS_OF_EVERY_KIND; rows++) {
        assert_int_equal(history_cut(h, rows, &err), ERR_OK);
        char *text = export_text(h);
        print_message("cut at %d\n", rows);
        assert_int_equal(strlen(text), lines_bytes(rows));
        assert_memory_equal(text, every_kind, strlen(text));
        history_free(must_read(rows ? text : "\n"));
        free(text);
    }
    history_free(h);
}

static void every_cut_is_a_history_of_the_rows_before_it(void **state)
{
    struct err err = {.code = ERR_OK};
    struct history_writer *w;
    assert_int_equal(history_create(path_in(state, "a.db"), &w, &err), ERR_OK);
    sample_every_kind(w);
    assert_int_equal(history_close(w, &err), ERR_OK);
    expect_cuts(open_history(path_in(state, "a.db")));
    expect_cuts(must_read(every_kind));
}

static void a_person_may_leave_most_fields_out(void **state)
{
    (void)state;
    static const char by_hand[] =
        "{\"op\":1,\"table\":\"accounts\",\"kind\":\"write\",\"key\":\"alice\",\"argument\":5,"
        "\"invoked_at\":\"1.5s\"}\n"
        "\n"
        "{\"ret\":1,\"returned_at\":\"1600ms\"}\n";
    static const char in_full[] = "{\"region\":\"default\"}\n";
    struct history *h = must_read(by_hand);
    char *text = export_text(h);
    assert_non_null(strstr(text, in_full));
    assert_non_null(strstr(text, "{\"op\":1,\"process\":0,\"session\":0,\"region\":\"default\","
                                 "\"table\":\"accounts\",\"kind\":\"write\",\"key\":\"alice\","
                                 "\"argument\":5,\"level\":\"linearizable\",\"request_id\":1,"
                                 "\"intended_at\":1500000000,\"invoked_at\":1500000000}\n"
                                 "{\"ret\":1,\"outcome\":\"ok\",\"returned_at\":1600000000,"
                                 "\"level\":\"linearizable\"}\n"));
    free(text);
    history_free(h);
}

#define OP1 "{\"op\":1,\"table\":\"t\",\"kind\":\"read\",\"key\":1,\"invoked_at\":10}\n"

struct refused {
    const char *text, *message;
};

static void expect_refused(const struct refused *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct err err;
        struct history *h = NULL;
        enum err_code code = read_text(cases[i].text, &h, &err);
        print_message("%zu: %s\n", i, err.msg);
        assert_true(code != ERR_OK);
        assert_null(h);
        assert_memory_equal(err.msg, cases[i].message, strlen(cases[i].message));
    }
}

static void bad_lines_are_refused_with_line_and_column(void **state)
{
    (void)state;
    static const struct refused cases[] = {
        {"nonsense\n", "h.jsonl:1:1: not JSON: a value that is none"},
        {"\n[1]\n", "h.jsonl:2: write one {...} per line"},
        {"{\"opp\":1}\n", "h.jsonl:1: no kind of row; begin with op, ret, "},
        {"{\"op\":1,\"op\":1}\n", "h.jsonl:1:9: not JSON: 'op' is given twice"},
        {OP1 "{\"ret\":1,\"returned_at\":11,\"colour\":1}\n",
         "h.jsonl:2:27: colour: no field of a line of 'ret', which has ret, outcome, "
         "returned_at, "
         "result, level, version, node, error"},
        {"{\"event\":\"x\",\"at\":\"-1s\"}\n",
         "h.jsonl:1:19: at: \"-1s\" is not allowed; times are 0 or later"},
        {"{\"event\":\"x\",\"at\":-1}\n",
         "h.jsonl:1:19: at: '-1' is not allowed; times are 0 or later"},
        {OP1 "{\"ret\":1,\"returned_at\":11,\"at\":1}\n",
         "h.jsonl:2:32: at: no field of a line of 'ret', which has "},
        {OP1 "{\"ret\":1}\n", "h.jsonl:2: returned_at: missing in a line of 'ret'"},
        {"{\"ret\":1,\"returned_at\":1}\n", "h.jsonl:1:8: ret: '1' comes before any operation"},
        {OP1 "{\"ret\":1,\"returned_at\":11}\n{\"ret\":1,\"returned_at\":12}\n",
         "h.jsonl:3:8: ret: '1' has returned already"},
        {OP1 "{\"ret\":1,\"returned_at\":9}\n",
         "h.jsonl:2:24: returned_at: '9' is before the row before it; at least 10"},
        {OP1 "{\"ret\":2,\"returned_at\":11}\n",
         "h.jsonl:2:8: ret: '2' is no operation so far; 1 to 1"},
        {OP1 OP1, "h.jsonl:2:7: op: '1' is out of order; the next is 2"},
        {OP1 "{\"ret\":1,\"returned_at\":11,\"outcome\":\"okay\"}\n",
         "h.jsonl:2:37: outcome: \"okay\" is not allowed; ok, fail, unknown"},
        {OP1 "{\"ret\":1,\"returned_at\":11,\"result\":1.5}\n",
         "h.jsonl:2:36: result: '1.5' is not allowed; an integer, a text or a list"},
        {OP1 "{\"ret\":1,\"returned_at\":11,\"result\":[1,null]}\n",
         "h.jsonl:2:36: result: 'null' is not allowed; a list holds integers and texts"},
        {OP1 "{\"ret\":1,\"returned_at\":\"11\"}\n",
         "h.jsonl:2:24: returned_at: '11' has no unit"},
        {OP1 "{\"ret\":1,\"returned_at\":11,\"node\":\"n\"}\n",
         "h.jsonl:2:34: node: 'n' is none of the 0 that lines of 'node' name"},
        {"{\"table\":\"a\"}\n" OP1,
         "h.jsonl:2:17: table: 't' is none of the 1 that lines of 'table' name"},
        {OP1 "{\"table\":\"a\"}\n",
         "h.jsonl:2:10: table: 'a' comes after rows that name others; name them all first"},
        {"{\"table\":\"a\"}\n{\"table\":\"a\"}\n", "h.jsonl:2:10: table: 'a' is named twice"},
        {"{\"fault\":-1,\"name\":\"x\",\"state\":\"on\",\"at\":1}\n",
         "h.jsonl:1:10: fault: '-1' is outside 0 to 4294967295"},
        {"{\"sample\":\"lag\",\"at\":1,\"value\":\"1\"}\n",
         "h.jsonl:1:32: value: \"1\" is not allowed; a number"},
    };
    expect_refused(cases, sizeof cases / sizeof cases[0]);
}

static void operations_without_what_they_need_are_refused(void **state)
{
    (void)state;
    static const struct refused cases[] = {
        {"{\"op\":1,\"table\":\"t\",\"kind\":\"read\",\"invoked_at\":1}\n",
         "h.jsonl:1: key: missing, an op of kind 'read' needs it"},
        {"{\"op\":1,\"table\":\"t\",\"kind\":\"write\",\"key\":1,\"invoked_at\":1}\n",
         "h.jsonl:1: argument: missing, an op of kind 'write' needs it"},
        {"{\"op\":1,\"table\":\"t\",\"kind\":\"cas\",\"key\":1,\"invoked_at\":1}\n",
         "h.jsonl:1: argument: missing, an op of kind 'cas' needs it"},
        {"{\"op\":1,\"table\":\"t\",\"kind\":\"add\",\"argument\":1,\"invoked_at\":1}\n",
         "h.jsonl:1: key: missing, an op of kind 'add' needs it"},
        {"{\"op\":1,\"table\":\"t\",\"kind\":\"members\",\"invoked_at\":1}\n",
         "h.jsonl:1: key: missing, an op of kind 'members' needs it"},
    };
    expect_refused(cases, sizeof cases / sizeof cases[0]);
}

static void a_process_has_one_operation_open_at_a_time(void **state)
{
    (void)state;
#define OP2                                                                                    \
    "{\"op\":2,\"table\":\"t\",\"kind\":\"read\",\"key\":1,\"process\":0,\"invoked_at\":20}\n"
    static const struct refused cases[] = {
        {OP1 OP2, "h.jsonl:2:53: process: '0' begins operation 2 before its operation 1 has "
                  "returned; one at a time"},
    };
    expect_refused(cases, ARRAY_LEN(cases));
    history_free(must_read(OP1 "{\"ret\":1,\"returned_at\":15}\n" OP2));
    /* Its client gave up and went on: it may happen later. */
    history_free(must_read(OP1 "{\"ret\":1,\"outcome\":\"unknown\",\"returned_at\":15}\n" OP2));
}

static void objects_that_are_one_need_no_key(void **state)
{
    (void)state;
    struct history *h = must_read(
        "{\"op\":1,\"table\":\"t\",\"kind\":\"enqueue\",\"argument\":7,\"invoked_at\":1}\n"
        "{\"ret\":1,\"returned_at\":2}\n"
        "{\"op\":2,\"table\":\"t\",\"kind\":\"dequeue\",\"invoked_at\":3}\n"
        "{\"ret\":2,\"returned_at\":4,\"result\":7}\n");
    struct arena arena = {.blocks = NULL};
    struct columns c;
    struct err err;
    assert_int_equal(history_columns(h, 0, &arena, &c, &err), ERR_OK);
    assert_true(c.key[0] == OP_NIL && c.key[1] == OP_NIL && c.argument[1] == OP_NIL);
    assert_int_equal(c.kind[1], OP_DEQUEUE);
    arena_done(&arena);
    history_free(h);
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(export_writes_every_row_in_order),
        IN_FOLDER(every_cut_is_a_history_of_the_rows_before_it),
        cmocka_unit_test(export_of_what_was_read_gives_the_same_bytes),
        cmocka_unit_test(a_person_may_leave_most_fields_out),
        cmocka_unit_test(operations_without_what_they_need_are_refused),
        cmocka_unit_test(objects_that_are_one_need_no_key),
        cmocka_unit_test(a_process_has_one_operation_open_at_a_time),
        cmocka_unit_test(bad_lines_are_refused_with_line_and_column),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
