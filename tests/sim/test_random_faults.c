/* The store keeps its promises whatever the plan draws: 1 to 4 faults of any kind,
 * at any time, on anybody, with a consensus table and an asynchronous one. A seed that
 * ever failed is kept below for good. */
#include "tests/support/test.h"

#include <stdlib.h>

#include "tests/support/whole/play.h"

static const char *const scenario = "scenarios/leader-region-cut.yaml"; /* its tables */
static const struct override drawn[] = {
    {"faults", "[]"}, {"random_faults.min", "1"}, {"random_faults.max", "4"}, {NULL, NULL}};

enum {
    COUNTED_SHORT = 10,
    COUNTED_LONG = 1000,
    SEEDS_PER_COUNTED_MAX = 20,
    OPERATIONS_MIN = 2000,
    LEADER_CHANGES_MIN = 1
};

/* Seeds that once failed, with what they found. */
static const uint64_t kept[] = {1};

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : otherwise;
}

static bool counts(const struct play *p)
{
    return p->result.operation_count >= OPERATIONS_MIN &&
           p->result.leader_change_count >= LEADER_CHANGES_MIN;
}

static bool stays_clean(uint64_t seed, bool *counted)
{
    struct play p;
    play_run(&p, scenario, seed, drawn);
    bool clean = play_violated_count(&p) == 0;
    if (!clean)
        print_message("VIOLATED: %s\n", p.command);
    *counted = counts(&p);
    play_done(&p);
    return clean;
}

/* Seeds in which the leader never changed prove little: go on until enough counted. */
static void no_seed_breaks_the_store(void **state)
{
    (void)state;
    uint64_t first = from_environment("FAULTLINE_SEED", 1);
    unsigned wanted = play_long() ? COUNTED_LONG : COUNTED_SHORT;
    unsigned seeds = 0, violated = 0, counted = 0;
    for (; counted < wanted && seeds < SEEDS_PER_COUNTED_MAX * wanted; seeds++) {
        bool this_counted;
        violated += !stays_clean(first + seeds, &this_counted);
        counted += this_counted;
    }
    print_message("%u seeds, %u of them with >= %d operations and >= %d leader change, %u "
                  "violated\n",
                  seeds, counted, OPERATIONS_MIN, LEADER_CHANGES_MIN, violated);
    assert_int_equal(violated, 0);
    assert_int_equal(counted, wanted);
}

static void seeds_that_failed_once_hold_now(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        bool counted;
        assert_true(stays_clean(kept[i], &counted));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seeds_that_failed_once_hold_now),
        cmocka_unit_test(no_seed_breaks_the_store),
    };
    return cmocka_run_group_tests_name("random_faults", tests, NULL, NULL);
}
