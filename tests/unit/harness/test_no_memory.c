/* Scenarios we ship, loaded and planned against the plug-ins we ship, while one
 * allocation after the other fails: the hooks of every plug-in (does it go together,
 * could it hit anybody) tell want of memory from a wrong scenario. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

#include "harness/vocabulary.h"
#include "scenarios/plan.h"
#include "tests/support/failures.h"

WRAP(void *, malloc, (size_t size), (size), NULL)
WRAP(void *, calloc, (size_t count, size_t size), (count, size), NULL)
WRAP(void *, realloc, (void *old, size_t size), (old, size), NULL)
WRAP(char *, strdup, (const char *text), (text), NULL)

static void *json_malloc_or_not(size_t size)
{
    return failures_due() ? NULL : __real_malloc(size);
}

/* What is changed makes room for what the scenario has not: drawn faults, a bug. */
struct shipped {
    const char *path, *changed, *to;
};

static enum err_code load_and_plan(const struct shipped *from, struct arena *arena,
                                   json_t **out, struct err *err)
{
    struct vocabulary v = harness_vocabulary();
    struct document *d;
    struct scenario *s;
    struct plan *plan;
    if (document_load(from->path, &d, err))
        return err->code;
    enum err_code code = document_set(d, from->changed, from->to, err);
    if (!code)
        code = scenario_read(d, &v, arena, &s, err);
    document_free(d);
    if (code || plan_make(s, 7, &v.faults, arena, &plan, err))
        return err->code;
    *out = plan_to_json(plan);
    return *out ? ERR_OK : err_set(err, ERR_NOMEM, "no memory for plan.json");
}

/* One failure more; is there any left to come? */
static bool is_whole_or_no_memory(const struct shipped *from, const json_t *whole)
{
    struct arena arena = {0};
    struct err err = {0};
    json_t *plan = NULL;
    enum err_code code = load_and_plan(from, &arena, &plan, &err);
    bool failed = failures_fired();
    failures_disarm();
    arena_done(&arena);
    if (code && code != ERR_NOMEM)
        fail_msg("%s: blamed for want of memory: %s", from->path, err.msg);
    if (!code && !json_equal(plan, whole))
        fail_msg("%s: half a plan was made", from->path);
    json_decref(plan);
    return failed;
}

static void want_of_memory_is_never_a_wrong_scenario(void **state)
{
    (void)state;
    static const struct shipped all[] = {
        {"scenarios/leader-region-cut.yaml", "random_faults", "{min: 4, max: 4}"},
        {"scenarios/exec-register.yaml", "summary", "short"},
        {"scenarios/slow-link.yaml", "system.bugs", "ack-before-quorum,stale-leader-reads"},
    };
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        struct arena kept = {0};
        struct err err = {0};
        json_t *whole = NULL;
        if (load_and_plan(&all[i], &kept, &whole, &err))
            fail_msg("%s", err.msg);
        arena_done(&kept);
        for (int sticky = 0; sticky < 2; sticky++)
            FOR_EACH_FAILURE (nth, sticky) {
                if (is_whole_or_no_memory(&all[i], whole))
                    continue;
                assert_true(nth > 100);
                break;
            }
        json_decref(whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(want_of_memory_is_never_a_wrong_scenario),
    };
    json_set_alloc_funcs(json_malloc_or_not, free);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
