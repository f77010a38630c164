/* Locks and semaphores: brute force judges the same small histories. */
#include "tests/support/test.h"

#include "checker/algorithms/locks.h"
#include "checker/algorithms/semaphore.h"
#include "tests/support/against.h"

static struct small_form form_of(const char *model, unsigned processes, int64_t values,
                                 unsigned changed_ppm)
{
    return (struct small_form){.model = model,
                               .ops = 12,
                               .processes = processes,
                               .values = values,
                               .unanswered_ppm = 50000,
                               .changed_ppm = changed_ppm,
                               .lost_ppm = changed_ppm};
}

static void a_mutex_is_decided_as_by_brute_force(void **state)
{
    (void)state;
    struct small_form form = form_of("mutex", 3, 3, 500000);
    struct against sum = against_brute(lock_decide, &form, 20000);
    assert_int_equal(sum.not_mine, 0);
    against_saw_both(&sum, 50);
}

static void a_fenced_mutex_is_decided_as_by_brute_force(void **state)
{
    (void)state;
    struct small_form form = form_of("fenced-mutex", 3, 3, 500000);
    struct against sum = against_brute(lock_decide, &form, 20000);
    against_saw_both(&sum, 50);
}

static void a_semaphore_is_decided_as_by_brute_force(void **state)
{
    (void)state;
    struct small_form form = form_of("semaphore", 5, 1, 400000);
    struct against sum = against_brute(semaphore_decide, &form, 20000);
    assert_int_equal(sum.not_mine, 0);
    against_saw_both(&sum, 50);
}

static void a_permit_too_many_is_proved_by_all_who_took_one(void **state)
{
    (void)state;
    struct timed_op ops[3];
    for (size_t i = 0; i < 3; i++)
        ops[i] = (struct timed_op){
            .op = {.kind = OP_ACQUIRE, .answered = true, .argument = OP_NIL, .result = 1},
            .called_at_ns = (int64_t)(2 * i),
            .returned_at_ns = (int64_t)(2 * i + 1)};
    struct problem p = {.model = model_find("semaphore"), .initial = 2, .ops = ops, .count = 3};
    struct against sum = {0};
    assert_true(against_one(semaphore_decide, &p, &sum));
    assert_int_equal(sum.refusals, 1);
    assert_int_equal(sum.proof_ops, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mutex_is_decided_as_by_brute_force),
        cmocka_unit_test(a_semaphore_is_decided_as_by_brute_force),
        cmocka_unit_test(a_fenced_mutex_is_decided_as_by_brute_force),
        cmocka_unit_test(a_permit_too_many_is_proved_by_all_who_took_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
