#include "tests/support/test.h"

#include "base/random.h"
#include "injector/wan_queue.h"

static int make(void **state)
{
    *state = wan_queue_new();
    return *state ? 0 : -1;
}

static int end(void **state)
{
    wan_queue_free(*state);
    return 0;
}

static void push_numbered(struct wan_queue *q, uint16_t number, int64_t due_at_ns)
{
    struct wan_packet *p = wan_queue_take(q);
    assert_non_null(p);
    p->size = number;
    wan_queue_push(q, p, due_at_ns);
}

static uint16_t pop_number(struct wan_queue *q)
{
    struct wan_packet *p = wan_queue_pop(q);
    uint16_t number = p->size;
    wan_queue_drop(q, p);
    return number;
}

static void an_empty_queue_is_never_due(void **state)
{
    assert_true(wan_queue_next_at_ns(*state) == INT64_MAX);
}

static void packets_leave_in_order_of_time(void **state)
{
    struct wan_queue *q = *state;
    struct random_stream luck = random_derive(1, "queue");
    for (unsigned n = 0; n < 5000; n++) {
        uint64_t due = random_below(&luck, 1000);
        push_numbered(q, (uint16_t)due, (int64_t)due);
    }
    uint16_t last = 0;
    for (unsigned n = 0; n < 5000; n++) {
        int64_t due_at_ns = wan_queue_next_at_ns(q);
        uint16_t number = pop_number(q);
        assert_int_equal(number, due_at_ns);
        assert_true(number >= last);
        last = number;
    }
    assert_true(wan_queue_next_at_ns(q) == INT64_MAX);
}

static void those_due_together_leave_as_they_came(void **state)
{
    struct wan_queue *q = *state;
    for (uint16_t n = 0; n < 1000; n++)
        push_numbered(q, n, n % 3);
    for (uint16_t due = 0; due < 3; due++)
        for (uint16_t n = due; n < 1000; n = (uint16_t)(n + 3))
            assert_int_equal(pop_number(q), n);
}

static void a_full_queue_says_so_and_recovers(void **state)
{
    struct wan_queue *q = *state;
    struct wan_packet *first = wan_queue_take(q);
    for (unsigned n = 1; n < WAN_PACKETS_MAX; n++)
        assert_non_null(wan_queue_take(q));
    assert_null(wan_queue_take(q));
    wan_queue_drop(q, first);
    assert_ptr_equal(wan_queue_take(q), first);
    assert_null(wan_queue_take(q));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_empty_queue_is_never_due, make, end),
        cmocka_unit_test_setup_teardown(packets_leave_in_order_of_time, make, end),
        cmocka_unit_test_setup_teardown(those_due_together_leave_as_they_came, make, end),
        cmocka_unit_test_setup_teardown(a_full_queue_says_so_and_recovers, make, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
