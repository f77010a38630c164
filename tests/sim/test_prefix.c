/* Any prefix of a clean history is a clean history: cut at random rows, it is never
 * violated. A run that was killed is judged by what it left. */
#include "tests/support/test.h"

#include "base/random.h"
#include "checker/checker.h"
#include "tests/support/whole/play.h"

enum { CUTS_SHORT = 100, CUTS_LONG = 1000 };

static const char *const scenario = "scenarios/leader-region-cut.yaml";

/* Judge every check of every table on what is visible now. */
static unsigned violated_count(struct history *h, int64_t rows)
{
    unsigned violated = 0;
    for (uint32_t table = 0; table < history_table_count(h); table++) {
        static const char *const checks[] = {"linearizable", "convergence"};
        for (size_t c = 0; c < ARRAY_LEN(checks); c++) {
            struct arena arena = {0};
            struct budget budget = {.steps_left = UINT64_MAX};
            struct verdict verdict;
            check_run(checks[c], h, table, &budget, &arena, &verdict);
            if (verdict.value == VERDICT_VIOLATED) {
                print_message("  cut at row %lld: %s: %s\n", (long long)rows, verdict.check,
                              verdict.sentence);
                violated++;
            }
            arena_done(&arena);
        }
    }
    return violated;
}

static void a_clean_history_cut_anywhere_is_never_violated(void **state)
{
    (void)state;
    struct play p;
    play_run(&p, scenario, 1, NULL);
    assert_int_equal(p.judged.judgement.exit_code, EXIT_ALL_HOLD);
    struct history *h = p.judged.history;
    uint64_t rows = (uint64_t)history_row_count(h);
    unsigned cuts = play_long() ? CUTS_LONG : CUTS_SHORT, violated = 0;
    struct random_stream luck = random_derive(1, "cuts");
    for (unsigned i = 0; i < cuts; i++) {
        int64_t at = (int64_t)random_below(&luck, rows + 1);
        struct err err = {0};
        assert_int_equal(history_cut(h, at, &err), ERR_OK);
        violated += violated_count(h, at);
    }
    print_message("%u cuts of %llu rows: %u violated\n", cuts, (unsigned long long)rows,
                  violated);
    assert_int_equal(violated, 0);
    play_done(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clean_history_cut_anywhere_is_never_violated),
    };
    return cmocka_run_group_tests_name("prefix", tests, NULL, NULL);
}
