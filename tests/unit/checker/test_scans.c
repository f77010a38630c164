/* Counters, logs and ids: brute force judges the same small histories. */
#include "tests/support/test.h"

#include "checker/algorithms/counter.h"
#include "checker/algorithms/log.h"
#include "checker/algorithms/unique_ids.h"
#include "tests/support/against.h"

enum { HISTORIES = 20000 };

static struct small_form form_of(const char *model, int64_t values)
{
    return (struct small_form){.model = model,
                               .ops = 10,
                               .processes = 3,
                               .values = values,
                               .unanswered_ppm = 100000,
                               .changed_ppm = 400000,
                               .lost_ppm = 300000};
}

static void ids_are_decided_as_by_brute_force(void **state)
{
    (void)state;
    struct small_form form = form_of("unique-ids", 12);
    struct against sum = against_brute(unique_ids_decide, &form, HISTORIES);
    assert_int_equal(sum.not_mine, 0);
    against_saw_both(&sum, 20);
}

static void a_counter_of_equal_steps_is_decided_as_by_brute_force(void **state)
{
    (void)state;
    struct small_form form = form_of("counter", 2);
    struct against sum = against_brute(counter_decide, &form, HISTORIES);
    assert_int_equal(sum.not_mine, 0);
    against_saw_both(&sum, 10);
}

static void a_counter_of_any_steps_is_never_judged_wrongly(void **state)
{
    (void)state;
    struct small_form form = form_of("counter", 4);
    struct against sum = against_brute(counter_decide, &form, HISTORIES);
    against_saw_both(&sum, 10);
}

static void a_log_of_distinct_elements_is_decided_as_by_brute_force(void **state)
{
    (void)state;
    struct small_form form = form_of("log", 5);
    form.distinct = true;
    struct against sum = against_brute(log_decide, &form, HISTORIES);
    against_saw_both(&sum, 10);
}

static void a_log_is_never_judged_wrongly(void **state)
{
    (void)state;
    struct small_form form = form_of("log", 4);
    struct against sum = against_brute(log_decide, &form, HISTORIES);
    against_saw_both(&sum, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_decided_as_by_brute_force),
        cmocka_unit_test(a_counter_of_equal_steps_is_decided_as_by_brute_force),
        cmocka_unit_test(a_counter_of_any_steps_is_never_judged_wrongly),
        cmocka_unit_test(a_log_of_distinct_elements_is_decided_as_by_brute_force),
        cmocka_unit_test(a_log_is_never_judged_wrongly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
