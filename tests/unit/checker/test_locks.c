/* Locks and semaphores: brute force judges the same small histories. */
#include "tests/support/test.h"

#include "checker/algorithms/locks.h"
#include "checker/algorithms/semaphore.h"
#include "tests/support/against.h"

static void a_mutex_is_decided_as_by_brute_force(void **state)
{
    (void)state;
    struct small_form form = {.model = "mutex",
                              .ops = 12,
                              .processes = 3,
                              .values = 3,
                              .unanswered_ppm = 50000,
                              .changed_ppm = 500000,
                              .lost_ppm = 500000};
    struct against sum = against_brute(lock_decide, &form, 20000);
    assert_int_equal(sum.not_mine, 0);
    assert_true(sum.orders > sum.tried / 10 && sum.refusals > sum.tried / 50);
}

static void a_fenced_mutex_is_decided_as_by_brute_force(void **state)
{
    (void)state;
    struct small_form form = {.model = "fenced-mutex",
                              .ops = 12,
                              .processes = 3,
                              .values = 3,
                              .unanswered_ppm = 50000,
                              .changed_ppm = 500000,
                              .lost_ppm = 500000};
    struct against sum = against_brute(lock_decide, &form, 20000);
    assert_true(sum.orders > sum.tried / 10 && sum.refusals > sum.tried / 50);
}

static void a_semaphore_is_decided_as_by_brute_force(void **state)
{
    (void)state;
    struct small_form form = {.model = "semaphore",
                              .ops = 12,
                              .processes = 5,
                              .values = 1,
                              .unanswered_ppm = 50000,
                              .changed_ppm = 400000,
                              .lost_ppm = 400000};
    struct against sum = against_brute(semaphore_decide, &form, 20000);
    assert_int_equal(sum.not_mine, 0);
    assert_true(sum.orders > sum.tried / 10 && sum.refusals > sum.tried / 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mutex_is_decided_as_by_brute_force),
        cmocka_unit_test(a_semaphore_is_decided_as_by_brute_force),
        cmocka_unit_test(a_fenced_mutex_is_decided_as_by_brute_force),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
