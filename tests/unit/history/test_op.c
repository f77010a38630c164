#include "tests/support/test.h"

#include "history/op.h"

static void names_and_numbers_match_both_ways(void **state)
{
    (void)state;
    for (int i = 0; i < OP_KIND_COUNT; i++)
        assert_int_equal(op_kind_find(op_kind_name(i)), i);
    for (int i = 0; i < OUTCOME_COUNT; i++)
        assert_int_equal(op_outcome_find(op_outcome_name(i)), i);
    for (int i = 0; i < LEVEL_COUNT; i++)
        assert_int_equal(op_level_find(op_level_name(i)), i);
    assert_string_equal(op_kind_name(OP_CAS), "cas");
    assert_string_equal(op_outcome_name(OUTCOME_UNKNOWN), "unknown");
    assert_string_equal(op_level_name(LEVEL_LOCAL), "local");
}

static void what_is_out_of_range_has_no_name_and_no_number(void **state)
{
    (void)state;
    assert_null(op_kind_name(-1));
    assert_null(op_kind_name(OP_KIND_COUNT));
    assert_null(op_outcome_name(OUTCOME_COUNT));
    assert_null(op_level_name(LEVEL_COUNT));
    assert_int_equal(op_kind_find("Read"), -1);
    assert_int_equal(op_outcome_find(""), -1);
    assert_int_equal(op_level_find("strong"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_numbers_match_both_ways),
        cmocka_unit_test(what_is_out_of_range_has_no_name_and_no_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
