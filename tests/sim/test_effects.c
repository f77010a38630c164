/* A drill in which a fault did nothing drilled nothing: the run says so and does not
 * pass, however well the store did. */
#include "tests/support/test.h"

#include "tests/support/whole/play.h"

/* The planned kill and the slow link of the scenario hit in any case. */
static const char *const scenario = "scenarios/leader-region-cut.yaml";

static const struct {
    const char *partition;
    bool effective;
} cases[] = {
    {"{between: us-east, and: eu-west}", true},
    {"{from: clients of us-east, to: eu-west}", true},
    {"{from: clients of us-east, to: clients of eu-west}", false}, /* they never talk */
};

static void a_cut_between_places_that_never_talk_fails_the_run(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct override overrides[] = {{"faults[0].partition", cases[i].partition},
                                             {"duration", "27s"},
                                             {"objectives", "{accounts: {rpo: 0s}}"},
                                             {NULL, NULL}};
        struct play p;
        play_run(&p, scenario, 1, overrides);
        print_message("  %s\n", p.command);
        assert_int_equal(p.judged.judgement.exit_code,
                         cases[i].effective ? EXIT_ALL_HOLD : EXIT_COULD_NOT);
        assert_int_equal(p.result.fault_failed_count, !cases[i].effective);
        const struct measures *m = p.judged.judgement.measures;
        assert_int_equal(m->window_count, 3);
        assert_int_equal(m->windows[0].effective, cases[i].effective);
        assert_int_equal(m->windows[0].without_effect, !cases[i].effective);
        assert_non_null(m->windows[0].measured);
        assert_true(m->windows[1].effective && m->windows[2].effective);
        play_done(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cut_between_places_that_never_talk_fails_the_run),
    };
    return cmocka_run_group_tests_name("effects", tests, NULL, NULL);
}
