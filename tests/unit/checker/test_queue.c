/* Queues whose values are distinct, decided in O(n log n). */
#include "tests/support/test.h"

#include "checker/algorithms/queue.h"
#include "tests/support/queues.h"

enum { HISTORIES = 40000, ALL_HISTORIES = 1000000 };

static const struct queues_subject subject = {
    .model = "queue", .decide = queue_decide, .put = OP_ENQUEUE, .take = OP_DEQUEUE};

#define DECIDE(...)                                                                            \
    queues_decide(&subject, (const struct timed_op *const[]){__VA_ARGS__},                     \
                  ARRAY_LEN(((const struct timed_op *const[]){__VA_ARGS__})), OP_NIL)

/* --- by hand --- */

static void first_in_is_first_out(void **state)
{
    (void)state;
    queues_expect(DECIDE(queues_op(OP_ENQUEUE, 1, 0, 1), queues_op(OP_ENQUEUE, 2, 2, 3),
                         queues_op(OP_DEQUEUE, 1, 4, 5), queues_op(OP_DEQUEUE, 2, 6, 7)),
                  FINDING_ORDER, 0);
    queues_expect(DECIDE(queues_op(OP_ENQUEUE, 1, 0, 1), queues_op(OP_ENQUEUE, 2, 2, 3),
                         queues_op(OP_DEQUEUE, 2, 4, 5), queues_op(OP_DEQUEUE, 1, 6, 7)),
                  FINDING_NO_ORDER, 4);
}

static void a_value_that_is_overtaken_is_told(void **state)
{
    (void)state;
    struct queues_decided d =
        DECIDE(queues_op(OP_ENQUEUE, 1, 0, 1), queues_op(OP_ENQUEUE, 2, 2, 3),
               queues_op(OP_DEQUEUE, 2, 4, 5), queues_op(OP_DEQUEUE, 1, 6, 7));
    assert_string_equal(d.finding.claim,
                        "{0.who} {0.deed} by {0.returned}, before {1.who} {1.deed}, called at "
                        "{1.called}; yet {2.who} {2.deed} by {2.returned}, before {3.who} "
                        "{3.deed}, called at {3.called}");
    const uint32_t roles[] = {0, 1, 2, 3};
    assert_memory_equal(d.finding.roles, roles, sizeof roles);
    queues_forget(&d);
}

static void a_lost_value_needs_an_unanswered_dequeue(void **state)
{
    (void)state;
    const struct timed_op *lost = queues_op(OP_ENQUEUE, 1, 0, 1),
                          *next = queues_op(OP_ENQUEUE, 2, 2, 3),
                          *got = queues_op(OP_DEQUEUE, 2, 6, 7);
    queues_expect(DECIDE(lost, next, got), FINDING_NO_ORDER, 3);
    queues_expect(DECIDE(lost, next, queues_op(OP_DEQUEUE, OP_NIL, 4, INT64_MAX), got),
                  FINDING_ORDER, 0);
    queues_expect(DECIDE(lost, next, got, queues_op(OP_DEQUEUE, OP_NIL, 8, INT64_MAX)),
                  FINDING_NO_ORDER, 3);
}

static void two_lost_values_need_two_unanswered_dequeues(void **state)
{
    (void)state;
    const struct timed_op *lost = queues_op(OP_ENQUEUE, 1, 0, 1),
                          *too = queues_op(OP_ENQUEUE, 2, 2, 3),
                          *next = queues_op(OP_ENQUEUE, 3, 4, 5),
                          *got = queues_op(OP_DEQUEUE, 3, 8, 9);
    queues_expect(DECIDE(lost, too, next, queues_op(OP_DEQUEUE, OP_NIL, 6, INT64_MAX), got),
                  FINDING_NO_ORDER, 5);
    queues_expect(DECIDE(lost, too, next, queues_op(OP_DEQUEUE, OP_NIL, 6, INT64_MAX),
                         queues_op(OP_DEQUEUE, OP_NIL, 7, INT64_MAX), got),
                  FINDING_ORDER, 0);
}

static void two_lost_values_that_were_peeked_at_may_go_in_either_order(void **state)
{
    (void)state;
    /* The third one must go by 10, and the first two need not; yet the first must go by
     * 6, before the dequeues at 8 and 9. */
    queues_expect(DECIDE(queues_op(OP_ENQUEUE, 1, 0, 20), queues_op(OP_ENQUEUE, 2, 0, 20),
                         queues_op(OP_ENQUEUE, 3, 0, 1), queues_op(OP_PEEK, 1, 2, 5),
                         queues_op(OP_PEEK, 2, 2, 6), queues_op(OP_ENQUEUE, 4, 3, 4),
                         queues_op(OP_DEQUEUE, OP_NIL, 3, INT64_MAX),
                         queues_op(OP_DEQUEUE, 4, 4, 10),
                         queues_op(OP_DEQUEUE, OP_NIL, 8, INT64_MAX),
                         queues_op(OP_DEQUEUE, OP_NIL, 9, INT64_MAX)),
                  FINDING_ORDER, 0);
}

static void an_empty_answer_needs_an_empty_queue(void **state)
{
    (void)state;
    const struct timed_op *in = queues_op(OP_ENQUEUE, 1, 0, 1),
                          *out = queues_op(OP_DEQUEUE, 1, 6, 7);
    queues_expect(DECIDE(in, queues_op(OP_PEEK, OP_NIL, 2, 5), out), FINDING_NO_ORDER, 3);
    queues_expect(DECIDE(in, queues_op(OP_PEEK, OP_NIL, 2, 6), out), FINDING_ORDER, 0);
    queues_expect(DECIDE(in, queues_op(OP_DEQUEUE, OP_NIL, 1, 5), out), FINDING_ORDER, 0);
}

static void what_nobody_enqueued_nobody_gets(void **state)
{
    (void)state;
    queues_expect(DECIDE(queues_op(OP_ENQUEUE, 1, 0, 1), queues_op(OP_PEEK, 2, 2, 3)),
                  FINDING_NO_ORDER, 1);
    queues_expect(DECIDE(queues_op(OP_ENQUEUE, 1, 0, INT64_MAX), queues_op(OP_PEEK, 1, 2, 3)),
                  FINDING_ORDER, 0);
    queues_expect(DECIDE(queues_op(OP_PEEK, 1, 0, 1), queues_op(OP_ENQUEUE, 1, 2, INT64_MAX)),
                  FINDING_NO_ORDER, 2);
}

static void a_value_leaves_once(void **state)
{
    (void)state;
    queues_expect(DECIDE(queues_op(OP_ENQUEUE, 1, 0, 1), queues_op(OP_DEQUEUE, 1, 2, 3),
                         queues_op(OP_DEQUEUE, 1, 2, 3)),
                  FINDING_NO_ORDER, 3);
    queues_expect(DECIDE(queues_op(OP_ENQUEUE, 1, 0, 1), queues_op(OP_DEQUEUE, 1, 2, 3),
                         queues_op(OP_PEEK, 1, 4, 5)),
                  FINDING_NO_ORDER, 3);
}

static void repeated_values_are_not_its_business(void **state)
{
    (void)state;
    queues_expect(DECIDE(queues_op(OP_ENQUEUE, 1, 0, 1), queues_op(OP_ENQUEUE, 1, 2, 3)),
                  FINDING_NOT_MINE, 0);
    queues_expect(queues_decide(&subject,
                                (const struct timed_op *const[]){queues_op(OP_PEEK, 3, 0, 1)},
                                1, 3),
                  FINDING_NOT_MINE, 0);
    queues_expect(queues_decide(&subject, NULL, 0, OP_NIL), FINDING_ORDER, 0);
}

static void it_stops_when_its_budget_is_spent(void **state)
{
    (void)state;
    struct timed_op list[] = {*queues_op(OP_ENQUEUE, 1, 0, 1), *queues_op(OP_ENQUEUE, 2, 2, 3),
                              *queues_op(OP_DEQUEUE, OP_NIL, 4, INT64_MAX),
                              *queues_op(OP_DEQUEUE, 2, 6, 7)};
    queues_spend(&subject, list, ARRAY_LEN(list));
}

static void without_memory_it_says_so(void **state)
{
    (void)state;
    struct timed_op list[] = {*queues_op(OP_ENQUEUE, 1, 0, 1), *queues_op(OP_ENQUEUE, 2, 2, 3),
                              *queues_op(OP_DEQUEUE, OP_NIL, 4, INT64_MAX),
                              *queues_op(OP_DEQUEUE, 2, 6, 7)};
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
        cmocka_unit_test(first_in_is_first_out),
        cmocka_unit_test(a_value_that_is_overtaken_is_told),
        cmocka_unit_test(a_lost_value_needs_an_unanswered_dequeue),
        cmocka_unit_test(two_lost_values_need_two_unanswered_dequeues),
        cmocka_unit_test(two_lost_values_that_were_peeked_at_may_go_in_either_order),
        cmocka_unit_test(an_empty_answer_needs_an_empty_queue),
        cmocka_unit_test(what_nobody_enqueued_nobody_gets),
        cmocka_unit_test(a_value_leaves_once),
        cmocka_unit_test(repeated_values_are_not_its_business),
        cmocka_unit_test(it_stops_when_its_budget_is_spent),
        cmocka_unit_test(without_memory_it_says_so),
        cmocka_unit_test(it_agrees_with_brute_force),
        cmocka_unit_test(it_finds_orders_of_longer_histories),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
