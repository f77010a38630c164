/* Reading a history: which reader, whose place an error has, and every allocation on the
 * way fails once, then for good. */
#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "history/jsonl.h"
#include "history/reader.h"
#include "tests/support/failures.h"

WRAP(void *, calloc, (size_t n, size_t size), (n, size), NULL)
WRAP(void *, malloc, (size_t size), (size), NULL)
WRAP(void *, realloc, (void *p, size_t size), (p, size), NULL)
WRAP(char *, strdup, (const char *text), (text), NULL)
WRAP(char *, strndup, (const char *text, size_t size), (text, size), NULL)

static enum err_code read_text(const char *text, const char *format, struct memory *memory,
                               struct history **out, struct reading *reading, struct err *err)
{
    FILE *in = text[0] ? fmemopen((void *)(uintptr_t)text, strlen(text), "r")
                       : fopen("/dev/null", "r");
    assert_non_null(in);
    enum err_code code = history_read(in, "h", format, memory, out, reading, err);
    fclose(in);
    return code;
}

static void json_lines_are_recognised_by_a_field_that_tells_a_row(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool known;
    } cases[] = {
        {"{\"op\":1,\"table\":\"t\",\"kind\":\"read\",\"key\":1,\"invoked_at\":1}\n", true},
        {"\n \t\r\n{ \"at\" : 1, \"event\" : \"x\" }", true},
        {"", true},
        {"\n  \n", true},
        {"{\"process\":0,\"type\":\"invoke\",\"f\":\"read\",\"value\":null}\n", false},
        {"{:process 0 :type :invoke}\n", false},
        {"op 1\n", false},
        {"[{\"op\":1}]\n", false},
    };
    struct catalogue all = reader_catalogue();
    const struct reader_ops *jsonl = reader_of(catalogue_find(&all, "jsonl"));
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct bytes head = {(const uint8_t *)cases[i].text, strlen(cases[i].text)};
        print_message("%s\n", cases[i].text);
        assert_int_equal(jsonl->recognises(head, true), cases[i].known);
    }
    /* Blank is as yet, where it goes on. */
    assert_false(jsonl->recognises((struct bytes){(const uint8_t *)"\n", 1}, false));
}

static void what_nobody_recognises_is_refused(void **state)
{
    (void)state;
    struct err err;
    struct history *h;
    struct reading reading;
    assert_int_equal(read_text("{\"unlike\": \"any\"}\n", NULL, NULL, &h, &reading, &err),
                     ERR_INVALID);
    assert_non_null(strstr(err.msg, "h: no history in a form that is known"));
}

static void a_format_that_is_none_is_refused(void **state)
{
    (void)state;
    struct err err;
    struct history *h;
    struct reading reading;
    assert_int_equal(read_text("", "xml", NULL, &h, &reading, &err), ERR_INVALID);
    assert_non_null(strstr(err.msg, "--format: 'xml' is none of "));
}

static void what_it_is_of_is_what_the_file_says(void **state)
{
    (void)state;
    struct err err;
    struct history *h;
    struct reading reading;
    assert_int_equal(read_text("# @object atomic-queue\n[1] call enq(1)\n[1] return\n", NULL,
                               NULL, &h, &reading, &err),
                     ERR_OK);
    assert_string_equal(reading.model, "queue");
    assert_null(history_meta_get(h, "model"));
    history_free(h);
    assert_int_equal(read_text("\n", NULL, NULL, &h, &reading, &err), ERR_OK);
    assert_null(reading.model);
    history_free(h);
}

static void a_fact_called_model_is_a_fact_like_any_other(void **state)
{
    (void)state;
    struct err err;
    struct history *h;
    struct reading reading;
    assert_int_equal(read_text("{\"meta\":\"model\",\"value\":\"Raspberry Pi 4\"}\n", NULL,
                               NULL, &h, &reading, &err),
                     ERR_OK);
    assert_null(reading.model);
    assert_string_equal(history_meta_get(h, "model"), "Raspberry Pi 4");
    history_free(h);
}

static const char rows[] =
    "{\"meta\":\"scenario\",\"value\":\"caf\\u00e9\"}\n"
    "{\"node\":\"n\",\"region\":\"r\"}\n"
    "{\"promise\":\"t\",\"checks\":\"linearizable\"}\n"
    "{\"op\":1,\"table\":\"t\",\"kind\":\"write\",\"key\":\"a\\tkey\",\"argument\":"
    "9223372036854775807,\"invoked_at\":\"1s\"}\n"
    "{\"attempt\":1,\"op\":1,\"sent_at\":1,\"ended_at\":2,\"error\":\"reset\"}\n"
    "{\"ret\":1,\"returned_at\":\"2s\",\"outcome\":\"unknown\",\"error\":\"caf\303\251\"}\n"
    "{\"op\":2,\"table\":\"t\",\"kind\":\"members\",\"key\":1,\"invoked_at\":\"3s\"}\n"
    "{\"micro\":1,\"op\":2,\"kind\":\"read\",\"key\":5}\n"
    "{\"ret\":2,\"returned_at\":\"4s\",\"result\":[3,1,\"two\"]}\n"
    "{\"fault\":1,\"name\":\"cut\",\"state\":\"on\",\"at\":\"5s\"}\n"
    "{\"event\":\"x\",\"at\":\"5s\",\"node\":\"n\"}\n"
    "{\"sample\":\"lag\",\"at\":\"6s\",\"value\":1.5}\n";

/* Read and use; what succeeds must be right. */
static enum err_code use(struct memory *memory, struct err *err)
{
    struct history *h;
    struct reading reading;
    struct arena arena = {.blocks = NULL};
    struct columns c;
    const struct event_row *events;
    size_t count;
    if (read_text(rows, NULL, memory, &h, &reading, err))
        return err->code;
    enum err_code code = history_columns(h, 0, &arena, &c, err);
    if (code == ERR_OK)
        assert_true(c.count == 2 && c.lists[c.result[1]].count == 3);
    if (code == ERR_OK)
        code = history_events(h, &arena, &events, &count, err);
    if (code == ERR_OK)
        assert_true(count == 1 && strcmp(events[0].name, "x") == 0);
    if (code == ERR_OK)
        code = history_cut(h, 7, err);
    if (code == ERR_OK)
        code = history_columns(h, 0, &arena, &c, err);
    if (code == ERR_OK)
        assert_true(c.count == 1 && c.outcome[0] == OUTCOME_UNKNOWN);
    arena_done(&arena);
    history_free(h);
    return code;
}

static void without_memory_it_fails_with_a_sentence_and_leaves_nothing(void **state)
{
    (void)state;
    for (int sticky = 0; sticky < 2; sticky++)
        FOR_EACH_FAILURE (nth, sticky) {
            struct err err = {.code = ERR_OK};
            struct memory memory = {.max_bytes = 0};
            enum err_code code = use(&memory, &err);
            failures_disarm();
            assert_int_equal(memory.used_bytes, 0);
            if (!failures_fired()) {
                assert_int_equal(code, ERR_OK);
                break;
            }
            /* The look at a text's form can do without. */
            assert_true(code == ERR_OK ||
                        (code == ERR_NOMEM && strstr(err.msg, ": out of memory")));
        }
}

static void past_its_memory_it_fails_at_a_line(void **state)
{
    (void)state;
    bool done = false;
    for (size_t most = 1; !done; most += most / 8 + 1) {
        struct err err = {.code = ERR_OK};
        struct memory memory = {.max_bytes = most};
        enum err_code code = use(&memory, &err);
        done = code == ERR_OK;
        assert_int_equal(memory.used_bytes, 0);
        assert_true(done || (code == ERR_NOMEM && strstr(err.msg, "out of memory")));
        assert_true(most < 100000000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_lines_are_recognised_by_a_field_that_tells_a_row),
        cmocka_unit_test(what_nobody_recognises_is_refused),
        cmocka_unit_test(a_format_that_is_none_is_refused),
        cmocka_unit_test(what_it_is_of_is_what_the_file_says),
        cmocka_unit_test(a_fact_called_model_is_a_fact_like_any_other),
        cmocka_unit_test(without_memory_it_fails_with_a_sentence_and_leaves_nothing),
        cmocka_unit_test(past_its_memory_it_fails_at_a_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
