/* Every allocation that reading a document makes fails once: a sentence each time,
 * and (with the address sanitizer) nothing leaked. */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/document.h"
#include "tests/support/failures.h"
#include "tests/support/scratch.h"

WRAP(void *, malloc, (size_t size), (size), NULL)
WRAP(void *, calloc, (size_t count, size_t size), (count, size), NULL)
WRAP(void *, realloc, (void *at, size_t size), (at, size), NULL)
WRAP(char *, strdup, (const char *text), (text), NULL)
WRAP(int, yaml_parser_initialize, (yaml_parser_t * parser), (parser), 0)

/* libyaml allocates on its own; what matters is what it says when that fails. */
int __real_yaml_parser_parse(yaml_parser_t *parser, yaml_event_t *event);
int __wrap_yaml_parser_parse(yaml_parser_t *parser, yaml_event_t *event);
int __wrap_yaml_parser_parse(yaml_parser_t *parser, yaml_event_t *event)
{
    if (!failures_due())
        return __real_yaml_parser_parse(parser, event);
    memset(event, 0, sizeof *event);
    parser->error = YAML_MEMORY_ERROR;
    return 0;
}

static void *json_malloc(size_t size)
{
    return failures_due() ? NULL : __real_malloc(size);
}

static const char *const texts[] = {
    "a: 1\nb: [x, {c: d, e: [f, g]}]\nh: 'i'\n",
    "{\"a\": 1, \"b\": [true, null, 1.5, {\"c\": \"d\"}]}",
};

static void assert_no_memory(enum err_code code, const struct err *err)
{
    print_message("%s\n", err->msg);
    /* jansson calls a token that it had no memory for a wrong one. */
    if (code == ERR_INVALID && strstr(err->msg, "is not JSON: "))
        return;
    assert_int_equal(code, ERR_NOMEM);
    assert_non_null(strstr(err->msg, "x.yaml: no memory"));
}

static void parsing_reports_every_failed_allocation(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct bytes text = {(const uint8_t *)texts[i], strlen(texts[i])};
        for (int sticky = 0; sticky < 2; sticky++) {
            FOR_EACH_FAILURE (nth, sticky) {
                struct document *d = NULL;
                struct err err = {0};
                enum err_code code = document_parse("x.yaml", text, &d, &err);
                bool fired = failures_fired();
                failures_disarm();
                if (!fired) {
                    assert_int_equal(code, ERR_OK);
                    assert_true(nth > 20);
                    document_free(d);
                    break;
                }
                assert_no_memory(code, &err);
                assert_null(d);
            }
        }
    }
}

static void setting_reports_every_failed_allocation(void **state)
{
    (void)state;
    struct bytes text = {(const uint8_t *)texts[0], strlen(texts[0])};
    for (int sticky = 0; sticky < 2; sticky++) {
        FOR_EACH_FAILURE (nth, sticky) {
            failures_disarm();
            struct document *d = NULL;
            struct err err = {0};
            assert_int_equal(document_parse("x.yaml", text, &d, &err), ERR_OK);
            failures_arm(nth, sticky);
            enum err_code code = document_set(d, "b[1].n.m", "{o: [p]}", &err);
            bool fired = failures_fired();
            failures_disarm();
            json_t *item = json_array_get(json_object_get(document_root(d), "b"), 1);
            assert_int_equal(json_object_size(item), fired ? 2 : 3);
            if (fired) {
                assert_int_equal(code, ERR_NOMEM);
                assert_non_null(strstr(err.msg, "no memory"));
            }
            document_free(d);
            if (!fired)
                break;
        }
    }
}

static void write_list(const char *path, unsigned count)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("list:\n", file);
    for (unsigned i = 0; i < count; i++)
        fprintf(file, "- v%u\n", i);
    fclose(file);
}

/* The table of lines is only slower when it cannot grow, never wrong. */
static void loading_survives_or_reports_every_failed_allocation(void **state)
{
    char path[256];
    snprintf(path, sizeof path, "%s/x.yaml", (const char *)*state);
    write_list(path, 100);
    FOR_EACH_FAILURE (nth, false) {
        struct document *d = NULL;
        struct err err = {0};
        enum err_code code = document_load(path, &d, &err);
        bool fired = failures_fired();
        failures_disarm();
        if (code) {
            assert_int_equal(code, ERR_NOMEM);
            assert_non_null(strstr(err.msg, "no memory"));
        } else {
            json_t *list = json_object_get(document_root(d), "list");
            assert_int_equal(json_array_size(list), 100);
            assert_int_equal(document_line(d, json_array_get(list, 99)), 101);
        }
        document_free(d);
        if (!fired)
            break;
    }
}

int main(void)
{
    json_set_alloc_funcs(json_malloc, free);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parsing_reports_every_failed_allocation),
        cmocka_unit_test(setting_reports_every_failed_allocation),
        cmocka_unit_test_setup_teardown(loading_survives_or_reports_every_failed_allocation,
                                        scratch_make, scratch_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
