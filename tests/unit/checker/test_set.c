/* Sets: brute force judges the same small histories. */
#include "tests/support/test.h"

#include "checker/algorithms/set.h"
#include "tests/support/against.h"

enum { HISTORIES = 20000 };

static struct small_form form_of(int64_t values)
{
    return (struct small_form){.model = "set",
                               .ops = 11,
                               .processes = 4,
                               .values = values,
                               .unanswered_ppm = 50000,
                               .changed_ppm = 500000,
                               .lost_ppm = 300000};
}

static void elements_are_decided_as_by_brute_force(void **state)
{
    (void)state;
    struct small_form form = form_of(3);
    struct against sum = against_brute(set_decide, &form, HISTORIES);
    assert_int_equal(sum.not_mine, 0);
    against_saw_both(&sum, 20);
}

static void one_element_that_comes_and_goes_is_decided_as_by_brute_force(void **state)
{
    (void)state;
    struct small_form form = form_of(2);
    form.processes = 6;
    struct against sum = against_brute(set_decide, &form, HISTORIES);
    assert_int_equal(sum.not_mine, 0);
    against_saw_both(&sum, 20);
}

static void members_that_only_grow_are_decided_as_by_brute_force(void **state)
{
    (void)state;
    struct small_form form = form_of(20);
    form.kinds = UINT64_C(1) << OP_ADD | UINT64_C(1) << OP_MEMBERS;
    struct against sum = against_brute(set_decide, &form, HISTORIES);
    against_saw_both(&sum, 20);
}

static void members_of_other_sets_are_never_judged_wrongly(void **state)
{
    (void)state;
    struct small_form form = form_of(3);
    form.kinds = UINT64_C(1) << OP_ADD | UINT64_C(1) << OP_REMOVE | UINT64_C(1) << OP_MEMBERS;
    struct against sum = against_brute(set_decide, &form, HISTORIES);
    assert_true(sum.not_mine > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_are_decided_as_by_brute_force),
        cmocka_unit_test(one_element_that_comes_and_goes_is_decided_as_by_brute_force),
        cmocka_unit_test(members_that_only_grow_are_decided_as_by_brute_force),
        cmocka_unit_test(members_of_other_sets_are_never_judged_wrongly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
