/* The comparing half: keys of packets and delays. What needs a device is in
 * tests/net/test_lab_delay.c. */
#include "tests/support/test.h"

#include <string.h>

#include "injector/capture.h"

enum { UDP = 17, TCP = 6, V4_BYTES = 48 };

/* An IPv4 packet with a few bytes of `protocol`. */
static struct bytes packet(uint8_t *at, uint8_t protocol)
{
    memset(at, 7, V4_BYTES);
    at[0] = 0x45;
    at[9] = protocol;
    return (struct bytes){at, V4_BYTES};
}

static void what_the_way_changes_is_not_in_the_key(void **state)
{
    (void)state;
    static const struct {
        uint8_t protocol;
        size_t changed;
        bool same;
    } cases[] = {
        {UDP, 8, true},       /* hop limit */
        {UDP, 10, true},      /* header checksum */
        {UDP, 20 + 6, true},  /* checksum, filled in by a device */
        {TCP, 20 + 16, true}, /* the same */
        {UDP, 5, false},      /* identification */
        {UDP, 12, false},     /* address */
        {UDP, 20, false},     /* port */
        {UDP, 40, false},     /* data */
        {TCP, 20 + 6, false}, /* sequence number */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t a[V4_BYTES], b[V4_BYTES];
        uint64_t one = capture_key(packet(a, cases[i].protocol));
        (void)packet(b, cases[i].protocol);
        b[cases[i].changed] ^= 1;
        print_message("case %zu\n", i);
        assert_int_equal(one == capture_key((struct bytes){b, V4_BYTES}), cases[i].same);
    }
}

static void what_is_no_ip_has_no_key(void **state)
{
    (void)state;
    uint8_t at[V4_BYTES];
    struct bytes p = packet(at, UDP);
    for (p.size = 0; p.size < 20; p.size++)
        assert_true(capture_key(p) == 0);
    at[0] = 0x35;
    assert_true(capture_key((struct bytes){at, V4_BYTES}) == 0);
    at[0] = 0x4f; /* a header longer than the packet */
    assert_true(capture_key((struct bytes){at, V4_BYTES}) == 0);
}

static void delays_are_those_of_packets_seen_at_both_ends(void **state)
{
    (void)state;
    struct capture_sight sent[] = {{5, 100}, {3, 200}, {9, 300}, {0, 1}};
    /* 5 twice, 9 lost, 4 from elsewhere. */
    struct capture_sight received[] = {{3, 260}, {5, 130}, {5, 190}, {4, 1}, {0, 2}};
    int64_t scratch[5];
    struct capture_delays d = capture_compare((struct capture_list){sent, 4},
                                              (struct capture_list){received, 5}, scratch);
    assert_int_equal(d.count, 2);
    assert_int_equal(d.min_ns, 30);
    assert_int_equal(d.max_ns, 60);
}

static void nothing_in_common_is_a_count_of_zero(void **state)
{
    (void)state;
    struct capture_sight sent[] = {{1, 1}}, received[] = {{2, 2}};
    int64_t scratch[1];
    struct capture_delays d = capture_compare((struct capture_list){sent, 1},
                                              (struct capture_list){received, 1}, scratch);
    assert_int_equal(d.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_way_changes_is_not_in_the_key),
        cmocka_unit_test(what_is_no_ip_has_no_key),
        cmocka_unit_test(delays_are_those_of_packets_seen_at_both_ends),
        cmocka_unit_test(nothing_in_common_is_a_count_of_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
