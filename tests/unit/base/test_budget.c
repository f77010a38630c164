#include "tests/support/test.h"

#include "base/budget.h"

static bool always(void *user)
{
    ++*(unsigned *)user;
    return true;
}

static bool never(void *user)
{
    ++*(unsigned *)user;
    return false;
}

static void steps_run_out_and_stay_out(void **state)
{
    (void)state;
    struct budget b = {.steps_left = 10};
    assert_true(budget_spend(&b, 4));
    assert_true(budget_spend(&b, 6));
    assert_null(b.why);
    assert_false(budget_spend(&b, 1));
    assert_string_equal(b.why, "its budget of steps was used up");
    assert_false(budget_spend(&b, 0));

    struct budget once = {.steps_left = 10};
    assert_false(budget_spend(&once, 11));
    assert_false(budget_spend(&once, 1));
}

static void without_a_limit_nothing_runs_out(void **state)
{
    (void)state;
    struct budget b = {.steps_left = UINT64_MAX};
    for (unsigned i = 0; i < 100; i++)
        assert_true(budget_spend(&b, UINT64_MAX / 2));
}

static void time_is_asked_for_now_and_then(void **state)
{
    (void)state;
    unsigned asked = 0;
    struct budget b = {.steps_left = UINT64_MAX, .expired = never, .user = &asked};
    for (unsigned i = 0; i < 100000; i++)
        assert_true(budget_spend(&b, 1));
    assert_in_range(asked, 10, 100);
}

static void time_runs_out_and_stays_out(void **state)
{
    (void)state;
    unsigned asked = 0;
    struct budget b = {.steps_left = UINT64_MAX, .expired = always, .user = &asked};
    unsigned steps = 0;
    while (budget_spend(&b, 1))
        steps++;
    assert_in_range(steps, 1, 10000);
    assert_string_equal(b.why, "its time was used up");
    assert_false(budget_spend(&b, 1));
    assert_int_equal(asked, 1);
}

static void a_large_step_asks_at_once(void **state)
{
    (void)state;
    unsigned asked = 0;
    struct budget b = {.steps_left = UINT64_MAX, .expired = always, .user = &asked};
    assert_false(budget_spend(&b, UINT64_MAX));
}

static void who_begins_something_asks_for_the_time_at_once(void **state)
{
    (void)state;
    unsigned asked = 0;
    struct budget b = {.steps_left = UINT64_MAX, .expired = never, .user = &asked};
    assert_true(budget_begin(&b));
    assert_int_equal(asked, 1);
    b.expired = always;
    assert_false(budget_begin(&b));
    assert_string_equal(b.why, "its time was used up");
    assert_false(budget_begin(&b));
    assert_int_equal(asked, 2);
    b = (struct budget){.steps_left = UINT64_MAX};
    assert_true(budget_begin(&b));
}

static void a_part_has_no_more_than_the_whole(void **state)
{
    (void)state;
    struct budget whole = {.steps_left = 10, .asked_after = 7};
    struct budget part = budget_part(&whole, 4);
    assert_true(budget_spend(&part, 4));
    assert_false(budget_spend(&part, 1));
    assert_int_equal(whole.steps_left, 10);
    assert_null(whole.why);
    part = budget_part(&whole, 100);
    assert_false(budget_spend(&part, 11));
    assert_false(budget_spend(&whole, 11));
    assert_null(budget_part(&whole, 1).why);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_begins_something_asks_for_the_time_at_once),
        cmocka_unit_test(a_part_has_no_more_than_the_whole),
        cmocka_unit_test(steps_run_out_and_stay_out),
        cmocka_unit_test(without_a_limit_nothing_runs_out),
        cmocka_unit_test(time_is_asked_for_now_and_then),
        cmocka_unit_test(time_runs_out_and_stays_out),
        cmocka_unit_test(a_large_step_asks_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
