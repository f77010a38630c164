/* Stacks: brute force judges the same small histories. */
#include "tests/support/test.h"

#include "checker/algorithms/stack.h"
#include "tests/support/against.h"

enum { HISTORIES = 20000 };

static struct small_form form_of(unsigned unanswered_ppm)
{
    return (struct small_form){.model = "stack",
                               .ops = 12,
                               .processes = 4,
                               .values = 4,
                               .distinct = true,
                               .unanswered_ppm = unanswered_ppm,
                               .changed_ppm = 300000,
                               .lost_ppm = 500000};
}

static void a_stack_is_decided_as_by_brute_force(void **state)
{
    (void)state;
    struct small_form form = form_of(0);
    struct against sum = against_brute(stack_decide, &form, HISTORIES);
    assert_true(sum.not_mine < sum.tried / 100);
    assert_true(sum.orders > sum.tried / 10 && sum.refusals > sum.tried / 10);
}

static void pushes_and_pops_only_are_decided_as_by_brute_force(void **state)
{
    (void)state;
    struct small_form form = form_of(0);
    form.kinds = UINT64_C(1) << OP_PUSH | UINT64_C(1) << OP_POP;
    struct against sum = against_brute(stack_decide, &form, HISTORIES);
    assert_true(sum.not_mine < sum.tried / 100);
    assert_true(sum.orders > sum.tried / 10 && sum.refusals > sum.tried / 10);
}

static void unanswered_operations_are_never_judged_wrongly(void **state)
{
    (void)state;
    struct small_form form = form_of(100000);
    struct against sum = against_brute(stack_decide, &form, HISTORIES);
    assert_true(sum.not_mine < sum.tried / 10);
    assert_true(sum.orders > sum.tried / 10 && sum.refusals > sum.tried / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stack_is_decided_as_by_brute_force),
        cmocka_unit_test(pushes_and_pops_only_are_decided_as_by_brute_force),
        cmocka_unit_test(unanswered_operations_are_never_judged_wrongly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
