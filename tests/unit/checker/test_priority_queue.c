/* Priority queues whose values are distinct, decided in O(n log n). */
#include "tests/support/test.h"

#include "checker/algorithms/priority_queue.h"
#include "tests/support/queues.h"

enum { HISTORIES = 40000, ALL_HISTORIES = 1000000 };

static const struct queues_subject subject = {.model = "priority-queue",
                                              .decide = priority_queue_decide,
                                              .put = OP_INSERT,
                                              .take = OP_POLL,
                                              .shuffled = true};

#define DECIDE(...)                                                                            \
    queues_decide(&subject, (const struct timed_op *const[]){__VA_ARGS__},                     \
                  ARRAY_LEN(((const struct timed_op *const[]){__VA_ARGS__})), OP_NIL)

/* --- by hand --- */

static void the_greatest_is_first_out(void **state)
{
    (void)state;
    queues_expect(DECIDE(queues_op(OP_INSERT, 1, 0, 1), queues_op(OP_INSERT, 2, 2, 3),
                         queues_op(OP_POLL, 2, 4, 5), queues_op(OP_POLL, 1, 6, 7)),
                  FINDING_ORDER, 0);
    queues_expect(DECIDE(queues_op(OP_INSERT, 1, 0, 1), queues_op(OP_INSERT, 2, 2, 3),
                         queues_op(OP_POLL, 1, 4, 5), queues_op(OP_POLL, 2, 6, 7)),
                  FINDING_NO_ORDER, 4);
    queues_expect(DECIDE(queues_op(OP_INSERT, 1, 0, 1), queues_op(OP_INSERT, 2, 2, 5),
                         queues_op(OP_POLL, 1, 4, 5), queues_op(OP_POLL, 2, 6, 7)),
                  FINDING_ORDER, 0);
}

static void a_greater_value_that_was_there_is_told(void **state)
{
    (void)state;
    struct queues_decided d =
        DECIDE(queues_op(OP_INSERT, 1, 0, 1), queues_op(OP_INSERT, 2, 2, 3),
               queues_op(OP_POLL, 1, 4, 5), queues_op(OP_POLL, 2, 6, 7));
    assert_string_equal(d.finding.claim,
                        "{0.who} {0.deed}, called at {0.called}, though {1.value}, which is "
                        "greater, was there until it returned at {0.returned}");
    assert_int_equal(d.finding.roles[0], 2);
    assert_int_equal(d.finding.roles[1], 1);
    queues_forget(&d);
}

static void a_value_that_greater_ones_always_hide_is_told(void **state)
{
    (void)state;
    /* 5 is there from 1 to 10, and 1 comes only then. */
    struct queues_decided d =
        DECIDE(queues_op(OP_INSERT, 5, 0, 1), queues_op(OP_POLL, 1, 0, 5),
               queues_op(OP_INSERT, 1, 3, 4), queues_op(OP_POLL, 5, 10, 11));
    assert_int_equal(d.finding.value, FINDING_NO_ORDER);
    assert_string_equal(d.finding.claim,
                        "{0.who} {0.deed}, but whenever {1.value} can have been there until "
                        "then, a greater value was there, too");
    assert_int_equal(d.finding.proof_count, 4);
    queues_forget(&d);
}

static void a_lost_value_needs_an_unanswered_poll(void **state)
{
    (void)state;
    const struct timed_op *less = queues_op(OP_INSERT, 1, 0, 1),
                          *lost = queues_op(OP_INSERT, 2, 2, 3),
                          *got = queues_op(OP_POLL, 1, 6, 7);
    queues_expect(DECIDE(less, lost, got), FINDING_NO_ORDER, 3);
    queues_expect(DECIDE(less, lost, queues_op(OP_POLL, OP_NIL, 4, INT64_MAX), got),
                  FINDING_ORDER, 0);
    queues_expect(DECIDE(less, lost, got, queues_op(OP_POLL, OP_NIL, 8, INT64_MAX)),
                  FINDING_NO_ORDER, 3);
}

static void two_lost_values_need_two_unanswered_polls(void **state)
{
    (void)state;
    const struct timed_op *less = queues_op(OP_INSERT, 1, 0, 1),
                          *lost = queues_op(OP_INSERT, 2, 2, 3),
                          *too = queues_op(OP_INSERT, 3, 4, 5),
                          *got = queues_op(OP_POLL, 1, 8, 9);
    queues_expect(DECIDE(less, lost, too, queues_op(OP_POLL, OP_NIL, 6, INT64_MAX), got),
                  FINDING_NO_ORDER, 5);
    queues_expect(DECIDE(less, lost, too, queues_op(OP_POLL, OP_NIL, 6, INT64_MAX),
                         queues_op(OP_POLL, OP_NIL, 7, INT64_MAX), got),
                  FINDING_ORDER, 0);
}

static void an_empty_answer_needs_an_empty_queue(void **state)
{
    (void)state;
    const struct timed_op *in = queues_op(OP_INSERT, 1, 0, 1),
                          *out = queues_op(OP_POLL, 1, 6, 7);
    queues_expect(DECIDE(in, queues_op(OP_PEEK, OP_NIL, 2, 5), out), FINDING_NO_ORDER, 3);
    queues_expect(DECIDE(in, queues_op(OP_PEEK, OP_NIL, 2, 6), out), FINDING_ORDER, 0);
    queues_expect(DECIDE(in, queues_op(OP_POLL, OP_NIL, 1, 5), out), FINDING_ORDER, 0);
}

static void repeated_values_are_not_its_business(void **state)
{
    (void)state;
    queues_expect(DECIDE(queues_op(OP_INSERT, 1, 0, 1), queues_op(OP_INSERT, 1, 2, 3)),
                  FINDING_NOT_MINE, 0);
    queues_expect(queues_decide(&subject,
                                (const struct timed_op *const[]){queues_op(OP_PEEK, 3, 0, 1)},
                                1, 3),
                  FINDING_NOT_MINE, 0);
    queues_expect(queues_decide(&subject, NULL, 0, OP_NIL), FINDING_ORDER, 0);
    queues_expect(DECIDE(queues_op(OP_INSERT, 1, 0, 1), queues_op(OP_PEEK, 2, 2, 3)),
                  FINDING_NO_ORDER, 1);
}

static void it_stops_when_its_budget_is_spent(void **state)
{
    (void)state;
    struct timed_op list[] = {*queues_op(OP_INSERT, 2, 0, 1), *queues_op(OP_INSERT, 1, 2, 3),
                              *queues_op(OP_POLL, OP_NIL, 4, INT64_MAX),
                              *queues_op(OP_POLL, 1, 6, 7)};
    queues_spend(&subject, list, ARRAY_LEN(list));
}

static void without_memory_it_says_so(void **state)
{
    (void)state;
    struct timed_op list[] = {*queues_op(OP_INSERT, 2, 0, 1), *queues_op(OP_INSERT, 1, 2, 3),
                              *queues_op(OP_POLL, OP_NIL, 4, INT64_MAX),
                              *queues_op(OP_POLL, 1, 6, 7)};
    queues_starve(&subject, list, ARRAY_LEN(list));
}

static void it_agrees_with_brute_force(void **state)
{
    (void)state;
    queues_compare(&subject, HISTORIES, ALL_HISTORIES);
}

static void it_finds_orders_of_longer_histories(void **state)
{
    (void)state;
    queues_play(&subject);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_greatest_is_first_out),
        cmocka_unit_test(a_greater_value_that_was_there_is_told),
        cmocka_unit_test(a_value_that_greater_ones_always_hide_is_told),
        cmocka_unit_test(a_lost_value_needs_an_unanswered_poll),
        cmocka_unit_test(two_lost_values_need_two_unanswered_polls),
        cmocka_unit_test(an_empty_answer_needs_an_empty_queue),
        cmocka_unit_test(repeated_values_are_not_its_business),
        cmocka_unit_test(it_stops_when_its_budget_is_spent),
        cmocka_unit_test(without_memory_it_says_so),
        cmocka_unit_test(it_agrees_with_brute_force),
        cmocka_unit_test(it_finds_orders_of_longer_histories),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
