/* Reads every file of good/ and bad/. A bad one ends with a comment that holds a part of
 * the sentence it must be refused with. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

#include "base/units.h"
#include "scenarios/scenario.h"
#include "tests/support/files.h"
#include "tests/support/topology.h"
#include "tests/support/vocabulary.h"

static enum err_code read_at(const char *path, struct arena *arena, struct scenario **out,
                             struct err *err)
{
    struct document *d;
    struct vocabulary v = small_vocabulary();
    if (document_load(path, &d, err))
        return err->code;
    enum err_code code = scenario_read(d, &v, arena, out, err);
    document_free(d);
    return code;
}

static void every_good_file_is_read(void **state)
{
    (void)state;
    struct files files;
    files_list(&files, __FILE__, "good");
    assert_true(files.count >= 9);
    for (size_t i = 0; i < files.count; i++) {
        struct arena arena = {0};
        struct scenario *s;
        struct err err;
        if (read_at(files.paths[i], &arena, &s, &err))
            fail_msg("%s", err.msg);
        arena_done(&arena);
    }
    files_done(&files);
}

static void every_bad_file_is_refused_with_its_sentence(void **state)
{
    (void)state;
    struct files files;
    files_list(&files, __FILE__, "bad");
    assert_true(files.count >= 70);
    for (size_t i = 0; i < files.count; i++) {
        struct arena arena = {0};
        struct scenario *s;
        struct err err = {0};
        char expected[512];
        files_comment(files.paths[i], "expect", expected, sizeof expected);
        enum err_code code = read_at(files.paths[i], &arena, &s, &err);
        print_message("%s\n", err.msg);
        assert_true(code == ERR_INVALID);
        assert_true(*expected != 0);
        if (!strstr(err.msg, expected))
            fail_msg("expected: %s", expected);
        assert_true(strncmp(err.msg, files.paths[i], strlen(files.paths[i])) == 0);
        assert_null(strchr(err.msg, '\n'));
        arena_done(&arena);
    }
    files_done(&files);
}

struct reading_of {
    struct arena arena;
    struct scenario *s;
};

static int read_good(void **state, const char *name)
{
    struct files files;
    struct reading_of *r = calloc(1, sizeof *r);
    struct err err;
    files_list(&files, __FILE__, "good");
    *state = r;
    for (size_t i = 0; i < files.count; i++)
        if (strstr(files.paths[i], name) && read_at(files.paths[i], &r->arena, &r->s, &err))
            return -1;
    files_done(&files);
    return r->s ? 0 : -1;
}

static int read_two_tables(void **state)
{
    return read_good(state, "/two-tables.yaml");
}

static int read_every_fault(void **state)
{
    return read_good(state, "/every-fault.yaml");
}

static int read_directed_links(void **state)
{
    return read_good(state, "/directed-links.yaml");
}

static int forget(void **state)
{
    struct reading_of *r = *state;
    arena_done(&r->arena);
    free(r);
    return 0;
}

static void tables_workloads_and_objectives_are_as_written(void **state)
{
    const struct scenario *s = ((struct reading_of *)*state)->s;
    assert_string_equal(s->name, "small");
    assert_true(s->duration_ns == 10 * NS_PER_S && s->settle_ns == 30 * NS_PER_S);
    assert_int_equal(s->system.table_count, 2);
    assert_string_equal(s->system.tables[0].reads, "linearizable"); /* by its mode */
    assert_string_equal(s->system.tables[1].name, "carts");
    assert_int_equal(s->system.tables[1].type, TABLE_OR_SET);
    assert_int_equal(s->system.tables[1].mode, MODE_ASYNC);
    assert_string_equal(s->system.tables[1].checks[1], "convergence");
    assert_null(s->system.tables[1].checks[2]);
    assert_int_equal(s->workload_count, 2);
    assert_int_equal(s->workloads[1].table, 1);
    assert_string_equal(s->workloads[1].name, "workloads[1]");
    assert_null(s->note);

    static const struct {
        const char *name;
        enum objective_kind kind;
        int64_t limit_ns, quantile_ppm;
        uint32_t region;
        bool outside_faults;
    } wanted[] = {
        {"accounts.rto", OBJECTIVE_RTO, 3 * NS_PER_S, 0, REGIONS_MAX, false},
        {"accounts.rpo", OBJECTIVE_RPO, 0, 0, REGIONS_MAX, false},
        {"carts.rpo", OBJECTIVE_RPO, 500 * NS_PER_MS, 0, REGIONS_MAX, false},
        {"write_p99.eu-west", OBJECTIVE_LATENCY, 400 * NS_PER_MS, 990000, 1, true},
        {"write_p99.us-east", OBJECTIVE_LATENCY, 300 * NS_PER_MS, 990000, 0, true},
        {"read_p50", OBJECTIVE_LATENCY, 100 * NS_PER_MS, 500000, REGIONS_MAX, false},
        {"write_p999", OBJECTIVE_LATENCY, 2 * NS_PER_S, 999000, REGIONS_MAX, false},
    };
    assert_int_equal(s->objective_count, ARRAY_LEN(wanted));
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        const struct objective_spec *o = &s->objectives[i];
        print_message("%s\n", o->name);
        assert_string_equal(o->name, wanted[i].name);
        assert_int_equal(o->kind, wanted[i].kind);
        assert_true(o->limit_ns == wanted[i].limit_ns);
        assert_true(o->quantile_ppm == wanted[i].quantile_ppm);
        assert_int_equal(o->region, wanted[i].region);
        assert_true(o->outside_faults == wanted[i].outside_faults);
    }
}

static void faults_are_as_written(void **state)
{
    const struct scenario *s = ((struct reading_of *)*state)->s;
    assert_int_equal(s->fault_count, 6);
    assert_string_equal(s->faults[0].plugin->name, "partition");
    assert_true(s->faults[0].wait_ns == 500 * NS_PER_MS);
    assert_true(s->faults[1].wait_ns == 2 * NS_PER_S);
    assert_string_equal(s->faults[2].path, "faults[2]");
    assert_true(s->faults[2].at_ns == 4 * NS_PER_S && s->faults[2].for_ns == NS_PER_S);
    assert_true(s->faults[2].restart_after_ns == -1);
    assert_true(s->faults[3].restart_after_ns == 2 * NS_PER_S && s->faults[3].for_ns == 0);
}

static void a_direction_may_be_given_alone(void **state)
{
    const struct topology *t = &((struct reading_of *)*state)->s->topology;
    assert_int_equal(t->node_count, 3);
    assert_string_equal(t->nodes[2].name, "ap-south-1");
    assert_true(t->links[0][1].delay_ns == 40 * NS_PER_MS);
    assert_true(t->links[0][1].loss_ppm == 5000);
    assert_true(t->links[1][0].delay_ns == 45 * NS_PER_MS && t->links[1][0].loss_ppm == 0);
    assert_true(t->links[1][2].delay_ns == 70 * NS_PER_MS); /* half of the rtt */
    assert_true(t->links[0][0].delay_ns == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_good_file_is_read),
        cmocka_unit_test(every_bad_file_is_refused_with_its_sentence),
        cmocka_unit_test_setup_teardown(tables_workloads_and_objectives_are_as_written,
                                        read_two_tables, forget),
        cmocka_unit_test_setup_teardown(faults_are_as_written, read_every_fault, forget),
        cmocka_unit_test_setup_teardown(a_direction_may_be_given_alone, read_directed_links,
                                        forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
