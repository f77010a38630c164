/* A check proves itself: each planted bug is found by name, with a short proof, and
 * the same store without it is found clean. */
#include "tests/support/test.h"

#include <string.h>

#include "tests/support/whole/play.h"

static const char *const scenario = "scenarios/leader-region-cut.yaml";

enum { SEEDS_SHORT = 4, SEEDS_LONG = 20 };

static unsigned seed_count(void)
{
    return play_long() ? SEEDS_LONG : SEEDS_SHORT;
}

static bool found(const struct play *p)
{
    const struct verdict *v = play_verdict(p, "linearizable");
    assert_non_null(v);
    if (v->value != VERDICT_VIOLATED)
        return false;
    print_message("  %s: %s\n", p->command, v->sentence);
    assert_in_range(v->witness_count, 1, WITNESS_MAX);
    assert_int_equal(p->judged.judgement.exit_code, EXIT_VIOLATED);
    return true;
}

/* In how many seeds the bug is found. */
static unsigned found_count(const char *bug)
{
    const struct override overrides[] = {{"system.bugs", bug}, {NULL, NULL}};
    unsigned count = 0;
    for (uint64_t seed = 1; seed <= seed_count(); seed++) {
        struct play p;
        play_run(&p, scenario, seed, overrides);
        count += found(&p);
        play_done(&p);
    }
    print_message("%s: found with %u of %u seeds\n", bug, count, seed_count());
    return count;
}

static void an_ack_before_the_quorum_is_found(void **state)
{
    (void)state;
    assert_true(10 * found_count("ack-before-quorum") >= 9 * seed_count());
}

static void stale_reads_of_a_leader_cut_off_are_found(void **state)
{
    (void)state;
    assert_true(10 * found_count("stale-leader-reads") >= 9 * seed_count());
}

static void the_store_without_bugs_holds(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= seed_count(); seed++) {
        struct play p;
        play_run(&p, scenario, seed, NULL);
        print_message("  %s: exit code %d\n", p.command, p.judged.judgement.exit_code);
        assert_int_equal(p.judged.judgement.exit_code, EXIT_ALL_HOLD);
        play_done(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ack_before_the_quorum_is_found),
        cmocka_unit_test(stale_reads_of_a_leader_cut_off_are_found),
        cmocka_unit_test(the_store_without_bugs_holds),
    };
    return cmocka_run_group_tests_name("planted_bugs", tests, NULL, NULL);
}
