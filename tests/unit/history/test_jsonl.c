#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "history/jsonl.h"
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

static enum err_code import_text(const char *text, const char *db, struct err *err)
{
    FILE *in = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    assert_non_null(in);
    *err = (struct err){.code = ERR_OK};
    enum err_code code = jsonl_import(in, "h.jsonl", db, err);
    fclose(in);
    return code;
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
    "{\"op\":2,\"process\":3,\"session\":3,\"region\":\"us-east\",\"table\":\"accounts\","
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
    "{\"op\":4,\"process\":3,\"session\":3,\"region\":\"us-east\",\"table\":\"accounts\","
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

static void export_of_an_import_gives_the_same_bytes(void **state)
{
    struct err err;
    if (import_text(every_kind, path_in(state, "a.db"), &err) != ERR_OK)
        fail_msg("%s", err.msg);
    struct history *h = open_history(path_in(state, "a.db"));
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

static void every_cut_is_a_history_of_the_rows_before_it(void **state)
{
    struct err err = {.code = ERR_OK};
    assert_int_equal(import_text(every_kind, path_in(state, "a.db"), &err), ERR_OK);
    struct history *h = open_history(path_in(state, "a.db"));
    for (int rows = 0; rows <= ROWS_OF_EVERY_KIND; rows++) {
        assert_int_equal(history_cut(h, rows, &err), ERR_OK);
        char *text = export_text(h);
        print_message("cut at %d\n", rows);
        assert_int_equal(strlen(text), lines_bytes(rows));
        assert_memory_equal(text, every_kind, strlen(text));
        char name[16];
        snprintf(name, sizeof name, "cut%d.db", rows);
        assert_int_equal(import_text(rows ? text : "\n", path_in(state, name), &err), ERR_OK);
        free(text);
    }
    history_free(h);
}

static void a_person_may_leave_most_fields_out(void **state)
{
    struct err err;
    static const char by_hand[] =
        "{\"op\":1,\"table\":\"accounts\",\"kind\":\"write\",\"key\":\"alice\",\"argument\":5,"
        "\"invoked_at\":\"1.5s\"}\n"
        "\n"
        "{\"ret\":1,\"returned_at\":\"1600ms\"}\n";
    static const char in_full[] = "{\"region\":\"default\"}\n";
    if (import_text(by_hand, path_in(state, "a.db"), &err) != ERR_OK)
        fail_msg("%s", err.msg);
    struct history *h = open_history(path_in(state, "a.db"));
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

static void expect_refused(void **state, const struct refused *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct err err;
        const char *db = path_in(state, "bad.db");
        enum err_code code = import_text(cases[i].text, db, &err);
        print_message("%zu: %s\n", i, err.msg);
        assert_true(code != ERR_OK);
        assert_memory_equal(err.msg, cases[i].message, strlen(cases[i].message));
        assert_int_not_equal(access(db, F_OK), 0);
    }
}

static void bad_lines_are_refused_and_leave_no_file(void **state)
{
    static const struct refused cases[] = {
        {"nonsense\n", "h.jsonl:1: not JSON: "},
        {"\n[1]\n", "h.jsonl:2: write one {...} per line"},
        {"{\"opp\":1}\n", "h.jsonl:1: no kind of row; begin with op, ret, "},
        {"{\"op\":1,\"op\":1}\n", "h.jsonl:1: not JSON: duplicate object key"},
        {OP1 "{\"ret\":1,\"returned_at\":11,\"colour\":1}\n",
         "h.jsonl:2: colour: no field of a line of 'ret', which has ret, outcome, returned_at, "
         "result, level, version, node, error"},
        {"{\"event\":\"x\",\"at\":\"-1s\"}\n",
         "h.jsonl:1: at: \"-1s\" is not allowed; times are 0 or later"},
        {"{\"event\":\"x\",\"at\":-1}\n",
         "h.jsonl:1: at: '-1' is not allowed; times are 0 or later"},
        {OP1 "{\"ret\":1}\n", "h.jsonl:2: returned_at: missing in a line of 'ret'"},
        {"{\"ret\":1,\"returned_at\":1}\n", "h.jsonl:1: ret: '1' comes before any operation"},
        {OP1 "{\"ret\":1,\"returned_at\":11}\n{\"ret\":1,\"returned_at\":12}\n",
         "h.jsonl:3: ret: '1' has returned already"},
        {OP1 "{\"ret\":1,\"returned_at\":9}\n",
         "h.jsonl:2: returned_at: '9' is before the row before it; at least 10"},
        {OP1 "{\"ret\":2,\"returned_at\":11}\n",
         "h.jsonl:2: ret: '2' is no operation so far; 1 to 1"},
        {OP1 OP1, "h.jsonl:2: op: '1' is out of order; the next is 2"},
        {OP1 "{\"ret\":1,\"returned_at\":11,\"outcome\":\"okay\"}\n",
         "h.jsonl:2: outcome: \"okay\" is not allowed; ok, fail, unknown"},
        {OP1 "{\"ret\":1,\"returned_at\":11,\"result\":1.5}\n",
         "h.jsonl:2: result: '1.5' is not allowed; an integer, a text or a list"},
        {OP1 "{\"ret\":1,\"returned_at\":11,\"result\":[1,null]}\n",
         "h.jsonl:2: result: 'null' is not allowed; a list holds integers and texts"},
        {OP1 "{\"ret\":1,\"returned_at\":\"11\"}\n",
         "h.jsonl:2: returned_at: '11' has no unit"},
        {OP1 "{\"ret\":1,\"returned_at\":11,\"node\":\"n\"}\n",
         "h.jsonl:2: node: 'n' is none of the 0 that lines of 'node' name"},
        {"{\"table\":\"a\"}\n" OP1,
         "h.jsonl:2: table: 't' is none of the 1 that lines of 'table' name"},
        {OP1 "{\"table\":\"a\"}\n",
         "h.jsonl:2: table: 'a' comes after rows that name others; name them all first"},
        {"{\"table\":\"a\"}\n{\"table\":\"a\"}\n", "h.jsonl:2: table: 'a' is named twice"},
        {"{\"fault\":-1,\"name\":\"x\",\"state\":\"on\",\"at\":1}\n",
         "h.jsonl:1: fault: '-1' is outside 0 to 4294967295"},
        {"{\"sample\":\"lag\",\"at\":1,\"value\":\"1\"}\n",
         "h.jsonl:1: value: \"1\" is not allowed; a number"},
    };
    expect_refused(state, cases, sizeof cases / sizeof cases[0]);
}

static void operations_without_what_they_need_are_refused(void **state)
{
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
    expect_refused(state, cases, sizeof cases / sizeof cases[0]);
}

static void an_existing_file_is_never_overwritten(void **state)
{
    struct err err;
    const char *db = path_in(state, "a.db");
    assert_int_equal(import_text(OP1, db, &err), ERR_OK);
    assert_int_equal(import_text(OP1, db, &err), ERR_INVALID);
    assert_non_null(strstr(err.msg, "a.db: exists; a history is never overwritten"));
    history_free(open_history(db));
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(export_writes_every_row_in_order),
        IN_FOLDER(export_of_an_import_gives_the_same_bytes),
        IN_FOLDER(every_cut_is_a_history_of_the_rows_before_it),
        IN_FOLDER(a_person_may_leave_most_fields_out),
        IN_FOLDER(operations_without_what_they_need_are_refused),
        IN_FOLDER(bad_lines_are_refused_and_leave_no_file),
        IN_FOLDER(an_existing_file_is_never_overwritten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
