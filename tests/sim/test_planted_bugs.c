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

/* A bug, and what must name it. The bug shows when the region of the table's leader is
 * cut off. */
struct planted {
    const char *bug, *check, *table, *isolated;
};

static const char accounts[] = "leader-region of accounts", carts[] = "leader-region of carts";

static bool found(const struct play *p, const struct planted *planted)
{
    const struct verdict *v = play_verdict(p, planted->check, planted->table);
    assert_non_null(v);
    if (v->value != VERDICT_VIOLATED)
        return false;
    print_message("  %s: %s\n", p->command, v->sentence);
    assert_in_range(v->witness_count, 1, WITNESS_MAX);
    assert_int_equal(p->judged.judgement.exit_code, EXIT_VIOLATED);
    return true;
}

/* In how many seeds the bug is found. */
static unsigned found_count(const struct planted *planted)
{
    const struct override overrides[] = {{"system.bugs", planted->bug},
                                         {"faults[0].partition.isolate", planted->isolated},
                                         {NULL, NULL}};
    unsigned count = 0;
    for (uint64_t seed = 1; seed <= seed_count(); seed++) {
        struct play p;
        play_run(&p, scenario, seed, overrides);
        count += found(&p, planted);
        play_done(&p);
    }
    print_message("%s: found with %u of %u seeds\n", planted->bug, count, seed_count());
    return count;
}

static void an_ack_before_the_quorum_is_found(void **state)
{
    (void)state;
    const struct planted planted = {"ack-before-quorum", "linearizable", "accounts", accounts};
    assert_true(10 * found_count(&planted) >= 9 * seed_count());
}

static void stale_reads_of_a_leader_cut_off_are_found(void **state)
{
    (void)state;
    const struct planted planted = {"stale-leader-reads", "linearizable", "accounts", accounts};
    assert_true(10 * found_count(&planted) >= 9 * seed_count());
}

/* What it acknowledges until it is replaced is RPO; afterwards it is a lie. */
static void what_a_primary_without_a_lease_acknowledges_is_found_lost(void **state)
{
    (void)state;
    const struct planted planted = {"primary-without-lease", "set", "carts", carts};
    assert_true(10 * found_count(&planted) >= 9 * seed_count());
}

static void a_replica_that_forgets_removes_is_found(void **state)
{
    (void)state;
    const struct planted planted = {"replica-forgets-removes", "convergence", "carts", carts};
    assert_true(10 * found_count(&planted) >= 9 * seed_count());
}

static void holds_when_cut(const char *isolated)
{
    const struct override overrides[] = {{"faults[0].partition.isolate", isolated},
                                         {NULL, NULL}};
    for (uint64_t seed = 1; seed <= seed_count(); seed++) {
        struct play p;
        play_run(&p, scenario, seed, overrides);
        print_message("  %s: exit code %d\n", p.command, p.judged.judgement.exit_code);
        assert_int_equal(p.judged.judgement.exit_code, EXIT_ALL_HOLD);
        play_done(&p);
    }
}

static void the_store_without_bugs_holds(void **state)
{
    (void)state;
    holds_when_cut(accounts);
    holds_when_cut(carts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ack_before_the_quorum_is_found),
        cmocka_unit_test(stale_reads_of_a_leader_cut_off_are_found),
        cmocka_unit_test(what_a_primary_without_a_lease_acknowledges_is_found_lost),
        cmocka_unit_test(a_replica_that_forgets_removes_is_found),
        cmocka_unit_test(the_store_without_bugs_holds),
    };
    return cmocka_run_group_tests_name("planted_bugs", tests, NULL, NULL);
}
