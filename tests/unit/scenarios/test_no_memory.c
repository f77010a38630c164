/* Loading and planning a scenario while one allocation after the other fails, in our
 * own code and in jansson's. What is lost on the way, the sanitizer build tells. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

#include "scenarios/plan.h"
#include "tests/support/failures.h"
#include "tests/support/files.h"
#include "tests/support/vocabulary.h"

WRAP(void *, malloc, (size_t size), (size), NULL)
WRAP(void *, calloc, (size_t count, size_t size), (count, size), NULL)
WRAP(void *, realloc, (void *old, size_t size), (old, size), NULL)
WRAP(char *, strdup, (const char *text), (text), NULL)

static void *json_malloc_or_not(size_t size)
{
    return failures_due() ? NULL : __real_malloc(size);
}

static char good_path[1024];

/* Everything from the file to the plan as JSON. (Not to its text: jansson 2.14 loses a piece of
 * a key when memory ends within json_dumps.) */
static enum err_code load_and_plan(struct arena *arena, json_t **out, struct err *err)
{
    struct vocabulary v = small_vocabulary();
    struct document *d;
    struct scenario *s;
    struct plan *plan;
    if (document_load(good_path, &d, err))
        return err->code;
    enum err_code code = scenario_read(d, &v, arena, &s, err);
    document_free(d);
    if (code || plan_make(s, 7, &v.faults, arena, &plan, err))
        return err->code;
    *out = plan_to_json(plan);
    return *out ? ERR_OK : err_set(err, ERR_NOMEM, "no memory for plan.json");
}

static void every_failure_is_an_error_or_made_up_for(void **state)
{
    (void)state;
    struct arena kept = {0};
    struct err err = {0};
    json_t *whole = NULL;
    assert_int_equal(load_and_plan(&kept, &whole, &err), ERR_OK);
    arena_done(&kept);
    for (int sticky = 0; sticky < 2; sticky++)
        FOR_EACH_FAILURE (nth, sticky) {
            struct arena arena = {0};
            json_t *plan = NULL;
            err = (struct err){0};
            enum err_code code = load_and_plan(&arena, &plan, &err);
            bool failed = failures_fired();
            failures_disarm();
            arena_done(&arena);
            if (code && err.msg[0] == '\0')
                fail_msg("allocation %u failed without a sentence", nth);
            if (!code && !json_equal(plan, whole))
                fail_msg("allocation %u failed and half a plan was made", nth);
            json_decref(plan);
            if (!failed) {
                assert_int_equal(code, ERR_OK);
                assert_true(nth > 100);
                break;
            }
        }
    json_decref(whole);
}

static void the_schema_is_made_whole_or_not_at_all(void **state)
{
    (void)state;
    struct vocabulary v = small_vocabulary();
    json_t *whole = scenario_schema(&v);
    FOR_EACH_FAILURE (nth, false) {
        json_t *schema = scenario_schema(&v);
        bool failed = failures_fired();
        failures_disarm();
        if (schema)
            assert_true(json_equal(schema, whole)); /* a failure may be made up for */
        json_decref(schema);
        if (!failed)
            break;
    }
    json_decref(whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_failure_is_an_error_or_made_up_for),
        cmocka_unit_test(the_schema_is_made_whole_or_not_at_all),
    };
    struct files files;
    files_list(&files, __FILE__, "good");
    for (size_t i = 0; i < files.count; i++)
        if (strstr(files.paths[i], "/every-fault.yaml"))
            snprintf(good_path, sizeof good_path, "%s", files.paths[i]);
    files_done(&files);
    json_set_alloc_funcs(json_malloc_or_not, free);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
