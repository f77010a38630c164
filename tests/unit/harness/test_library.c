/* The scenarios we ship, held against the plug-ins we ship. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

#include "base/units.h"
#include "harness/vocabulary.h"
#include "scenarios/plan.h"
#include "tests/support/files.h"
#include "tests/support/schema_check.h"

struct loaded {
    struct arena arena;
    struct document *document;
    struct scenario *scenario;
};

static void load(const char *path, struct loaded *out)
{
    struct vocabulary v = harness_vocabulary();
    struct err err;
    *out = (struct loaded){0};
    if (document_load(path, &out->document, &err) ||
        scenario_read(out->document, &v, &out->arena, &out->scenario, &err))
        fail_msg("%s", err.msg);
}

static void unload(struct loaded *l)
{
    document_free(l->document);
    arena_done(&l->arena);
}

static bool is_scenario(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot && strcmp(dot, ".yaml") == 0;
}

static void every_scenario_of_the_library_can_be_planned(void **state)
{
    (void)state;
    struct vocabulary v = harness_vocabulary();
    json_t *schema = scenario_schema(&v);
    struct files files;
    int count = 0;
    files_list(&files, __FILE__, "../../../scenarios");
    for (size_t i = 0; i < files.count; i++) {
        if (!is_scenario(files.paths[i]))
            continue;
        struct loaded l;
        struct plan *plan;
        struct err err;
        char name[96];
        load(files.paths[i], &l);
        print_message("%s: %s\n", l.scenario->name, l.scenario->summary);
        assert_int_equal(plan_make(l.scenario, 7, &v.faults, &l.arena, &plan, &err), ERR_OK);
        snprintf(name, sizeof name, "/%s.yaml", l.scenario->name);
        assert_non_null(strstr(files.paths[i], name)); /* found by its name */
        assert_true(l.scenario->summary[0] != '\0');
        assert_true(l.scenario->duration_ns < 40 * NS_PER_S);
        assert_null(l.scenario->note);
        assert_true(schema_accepts(schema, document_root(l.document)));
        unload(&l);
        count++;
    }
    assert_true(count >= 5);
    files_done(&files);
    json_decref(schema);
}

/* What the loader would refuse, a random plan must not draw. */
static void random_faults_are_possible(void **state)
{
    (void)state;
    struct vocabulary v = harness_vocabulary();
    struct loaded l;
    char path[1024];
    struct files files;
    files_list(&files, __FILE__, "../../../scenarios");
    path[0] = '\0';
    for (size_t i = 0; i < files.count; i++)
        if (strstr(files.paths[i], "/steady-state.yaml"))
            snprintf(path, sizeof path, "%s", files.paths[i]);
    files_done(&files);
    load(path, &l);
    l.scenario->random_faults = (struct random_faults){1, 4};
    for (uint64_t seed = 1; seed <= 500; seed++) {
        struct plan *plan;
        struct err err;
        assert_int_equal(plan_make(l.scenario, seed, &v.faults, &l.arena, &plan, &err), ERR_OK);
        for (uint32_t i = 0; i < plan->fault_count; i++)
            if (v.fault_possible(plan->faults[i].plugin, plan->faults[i].config,
                                 &l.scenario->topology, &l.scenario->system, &err))
                fail_msg("seed %d: %s: %s", (int)seed, plan->faults[i].words, err.msg);
    }
    unload(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_scenario_of_the_library_can_be_planned),
        cmocka_unit_test(random_faults_are_possible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
