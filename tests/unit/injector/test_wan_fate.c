#include "tests/support/test.h"

#include "base/units.h"
#include "injector/wan_fate.h"

enum { PACKETS = 20000 };

static struct wan_link shaped(struct link_shape shape)
{
    struct wan_link l = wan_link_between(7, 0, 1);
    wan_link_reshape(&l, &shape);
    return l;
}

static void a_perfect_link_delivers_at_once_and_once(void **state)
{
    (void)state;
    struct wan_link l = wan_link_between(7, 0, 1);
    for (int64_t at_ns = 0; at_ns < 100; at_ns++) {
        struct wan_fate f = wan_link_decide(&l, at_ns);
        assert_int_equal(f.copies, 1);
        assert_int_equal(f.due_at_ns, at_ns);
    }
}

static void jitter_stays_within_its_bounds_and_keeps_the_order(void **state)
{
    (void)state;
    struct wan_link l = shaped((struct link_shape){.delay_ns = 1000, .jitter_ns = 400});
    int64_t last_ns = 0, least_ns = 1000, most_ns = 0;
    /* Far enough apart not to queue behind each other. */
    for (int64_t n = 0; n < PACKETS; n++) {
        int64_t delay_ns = wan_link_decide(&l, n * 1000).due_at_ns - n * 1000;
        least_ns = delay_ns < least_ns ? delay_ns : least_ns;
        most_ns = delay_ns > most_ns ? delay_ns : most_ns;
    }
    assert_in_range(least_ns, 600, 610);
    assert_in_range(most_ns, 1390, 1400);
    for (int64_t n = 0; n < PACKETS; n++) {
        int64_t due_ns = wan_link_decide(&l, PACKETS * 1000 + n).due_at_ns;
        assert_true(due_ns >= last_ns);
        last_ns = due_ns;
    }
}

static void loss_and_duplication_happen_in_their_share(void **state)
{
    (void)state;
    unsigned lost = 0, doubled = 0;
    struct wan_link l = shaped((struct link_shape){.loss_ppm = 100000, .duplicate_ppm = 50000});
    for (int64_t n = 0; n < PACKETS; n++) {
        unsigned copies = wan_link_decide(&l, n).copies;
        lost += copies == 0;
        doubled += copies == 2;
    }
    assert_in_range(lost, 1800, 2200);
    assert_in_range(doubled, 750, 1050); /* of those not lost */
}

static void reordered_packets_overtake_and_hold_nobody_up(void **state)
{
    (void)state;
    struct wan_link l = shaped((struct link_shape){.delay_ns = 1000, .reorder_ppm = 500000});
    unsigned at_once = 0;
    for (int64_t n = 0; n < 1000; n++) {
        int64_t delay_ns = wan_link_decide(&l, n).due_at_ns - n;
        assert_true(delay_ns == 0 || delay_ns == 1000);
        at_once += delay_ns == 0;
    }
    assert_in_range(at_once, 400, 600);
}

static void a_shorter_delay_counts_for_what_is_sent_after_it(void **state)
{
    (void)state;
    struct wan_link l = shaped((struct link_shape){.delay_ns = NS_PER_S});
    assert_int_equal(wan_link_decide(&l, 10).due_at_ns, NS_PER_S + 10);
    wan_link_reshape(&l, &(struct link_shape){.delay_ns = 5});
    assert_int_equal(wan_link_decide(&l, 20).due_at_ns, 25);
}

/* Jitter would otherwise let packets overtake at every application of a table. */
static void the_same_shape_again_changes_nothing(void **state)
{
    (void)state;
    struct link_shape shape = {.delay_ns = 1000, .jitter_ns = 1000};
    struct wan_link l = shaped(shape);
    int64_t last_ns = 0;
    for (int64_t n = 0; n < 1000; n++) {
        wan_link_reshape(&l, &shape);
        int64_t due_ns = wan_link_decide(&l, n).due_at_ns;
        assert_true(due_ns >= last_ns);
        last_ns = due_ns;
    }
}

static void one_knob_does_not_change_the_others_draws(void **state)
{
    (void)state;
    struct wan_link plain = shaped((struct link_shape){.delay_ns = 1000, .jitter_ns = 500});
    struct wan_link lossy =
        shaped((struct link_shape){.delay_ns = 1000, .jitter_ns = 500, .loss_ppm = 300000});
    for (int64_t n = 0; n < 1000; n++) {
        struct wan_fate a = wan_link_decide(&plain, n * 10000);
        struct wan_fate b = wan_link_decide(&lossy, n * 10000);
        assert_true(b.copies == 0 || a.due_at_ns == b.due_at_ns);
    }
}

static void links_and_seeds_have_streams_of_their_own(void **state)
{
    (void)state;
    struct wan_link a = wan_link_between(7, 0, 1), same = wan_link_between(7, 0, 1);
    struct wan_link back = wan_link_between(7, 1, 0), other = wan_link_between(8, 0, 1);
    assert_true(a.loss.state == same.loss.state);
    assert_true(a.loss.state != a.jitter.state);
    assert_true(a.loss.state != back.loss.state);
    assert_true(a.loss.state != other.loss.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_perfect_link_delivers_at_once_and_once),
        cmocka_unit_test(jitter_stays_within_its_bounds_and_keeps_the_order),
        cmocka_unit_test(loss_and_duplication_happen_in_their_share),
        cmocka_unit_test(reordered_packets_overtake_and_hold_nobody_up),
        cmocka_unit_test(a_shorter_delay_counts_for_what_is_sent_after_it),
        cmocka_unit_test(the_same_shape_again_changes_nothing),
        cmocka_unit_test(one_knob_does_not_change_the_others_draws),
        cmocka_unit_test(links_and_seeds_have_streams_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
