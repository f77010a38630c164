#include "tests/support/test.h"

#include "base/random.h"
#include "io/schedule.h"

enum { TIMERS = 200 };

static void fill(struct schedule *s, struct io_timer *timers, int64_t spread)
{
    struct random_stream luck = random_derive(1, "schedule");
    for (size_t i = 0; i < TIMERS; i++) {
        timers[i] = (struct io_timer){.at_ns = (int64_t)random_below(&luck, (uint64_t)spread),
                                      .order = i + 1};
        assert_true(schedule_add(s, &timers[i]));
    }
}

/* Take everything out; what comes must never be earlier than what came. */
static size_t drain_in_order(struct schedule *s)
{
    struct io_timer last = {0}, *next;
    size_t count = 0;
    while ((next = schedule_first(s))) {
        assert_true(next->at_ns > last.at_ns ||
                    (next->at_ns == last.at_ns && next->order > last.order));
        last = *next;
        schedule_remove(s, next);
        assert_int_equal(next->slot, 0);
        count++;
    }
    return count;
}

static void timers_come_by_time_and_then_by_order_of_setting(void **state)
{
    (void)state;
    struct io_timer timers[TIMERS];
    for (int64_t spread = 1; spread < 1000; spread *= 10) {
        struct schedule s = {0};
        fill(&s, timers, spread);
        assert_int_equal(drain_in_order(&s), TIMERS);
        schedule_done(&s);
    }
}

static void any_timer_can_be_taken_out_of_the_middle(void **state)
{
    (void)state;
    struct io_timer timers[TIMERS];
    struct schedule s = {0};
    fill(&s, timers, 50);
    for (size_t i = 0; i < TIMERS; i += 3)
        schedule_remove(&s, &timers[i]);
    assert_false(schedule_holds(&s, &timers[0]));
    assert_true(schedule_holds(&s, &timers[1]));
    assert_int_equal(drain_in_order(&s), TIMERS - (TIMERS + 2) / 3);
    schedule_done(&s);
}

/* The last of the heap takes the place of what was taken out, and may be due before
 * all above it there. */
static void what_fills_a_gap_may_have_to_rise(void **state)
{
    (void)state;
    static const int64_t at_ns[] = {0, 10, 1, 11, 70, 50, 2, 80, 81, 82, 83, 60, 61, 62, 3};
    struct io_timer timers[ARRAY_LEN(at_ns)] = {0};
    struct schedule s = {0};
    for (size_t i = 0; i < ARRAY_LEN(at_ns); i++) {
        timers[i].at_ns = at_ns[i];
        timers[i].order = i + 1;
        assert_true(schedule_add(&s, &timers[i]));
    }
    schedule_remove(&s, &timers[7]); /* the 80; the 3 comes there, below 10 and 11 */
    assert_int_equal(drain_in_order(&s), ARRAY_LEN(at_ns) - 1);
    schedule_done(&s);
}

static void the_timers_of_one_owner_leave_together(void **state)
{
    (void)state;
    struct io_timer timers[TIMERS];
    struct io one, two;
    struct schedule s = {0};
    fill(&s, timers, 50);
    for (size_t i = 0; i < TIMERS; i++)
        timers[i].owner = i % 4 ? &one : &two;
    schedule_remove_owner(&s, &one);
    for (size_t i = 0; i < TIMERS; i++)
        assert_int_equal(schedule_holds(&s, &timers[i]), i % 4 == 0);
    assert_int_equal(drain_in_order(&s), TIMERS / 4);
    schedule_done(&s);
}

static void one_schedule_pours_into_another_and_keeps_the_order(void **state)
{
    (void)state;
    struct io_timer timers[TIMERS], more[TIMERS];
    struct schedule s = {0}, from = {0};
    fill(&s, timers, 50);
    fill(&from, more, 90);
    for (size_t i = 0; i < TIMERS; i++)
        schedule_remove(&from, &more[i]), more[i].order += TIMERS;
    for (size_t i = 0; i < TIMERS; i++)
        assert_true(schedule_add(&from, &more[i]));
    assert_true(schedule_move(&s, &from));
    assert_null(schedule_first(&from));
    assert_int_equal(drain_in_order(&s), 2 * TIMERS);
    schedule_done(&s);
    schedule_done(&from);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timers_come_by_time_and_then_by_order_of_setting),
        cmocka_unit_test(any_timer_can_be_taken_out_of_the_middle),
        cmocka_unit_test(what_fills_a_gap_may_have_to_rise),
        cmocka_unit_test(the_timers_of_one_owner_leave_together),
        cmocka_unit_test(one_schedule_pours_into_another_and_keeps_the_order),
    };
    return cmocka_run_group_tests_name("schedule", tests, NULL, NULL);
}
