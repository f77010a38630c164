#include "tests/support/test.h"

#include "base/compiler.h"
#include "harness/exit_code.h"

/* From the worst to the best, as promised in README.md. */
static const enum exit_code order[] = {
    EXIT_OUR_FAULT, EXIT_USAGE,   EXIT_NOT_HEALED, EXIT_VIOLATED, EXIT_OBJECTIVE,
    EXIT_COULD_NOT, EXIT_ABORTED, EXIT_UNDECIDED,  EXIT_ALL_HOLD,
};

static void the_worst_of_two_wins_whichever_comes_first(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        for (size_t j = i; j < ARRAY_LEN(order); j++) {
            print_message("  %d and %d\n", order[i], order[j]);
            assert_int_equal(exit_code_worst(order[i], order[j]), order[i]);
            assert_int_equal(exit_code_worst(order[j], order[i]), order[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worst_of_two_wins_whichever_comes_first),
    };
    return cmocka_run_group_tests_name("exit_code", tests, NULL, NULL);
}
