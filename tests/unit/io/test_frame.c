#include "tests/support/test.h"

#include <string.h>

#include "io/frame.h"

static struct bytes text(const char *t)
{
    return (struct bytes){(const uint8_t *)t, strlen(t)};
}

static void frames_come_back_in_order(void **state)
{
    (void)state;
    static const char *const payloads[] = {"one", "", "three"};
    struct buffer b = {0};
    for (size_t i = 0; i < 3; i++)
        assert_true(frame_append(&b, text(payloads[i])));
    struct bytes rest = buffer_bytes(&b), payload;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(frame_next(&rest, &payload), FRAME_WHOLE);
        assert_int_equal(payload.size, strlen(payloads[i]));
        assert_memory_equal(payload.at, payloads[i], payload.size);
    }
    assert_int_equal(frame_next(&rest, &payload), FRAME_PARTIAL);
    buffer_done(&b);
}

static void every_prefix_of_a_frame_is_partial(void **state)
{
    (void)state;
    struct buffer b = {0};
    assert_true(frame_append(&b, text("payload")));
    for (size_t size = 0; size < b.size; size++) {
        struct bytes rest = {b.at, size}, payload;
        assert_int_equal(frame_next(&rest, &payload), FRAME_PARTIAL);
        assert_int_equal(rest.size, size);
    }
    buffer_done(&b);
}

static void any_changed_bit_is_noticed(void **state)
{
    (void)state;
    struct buffer b = {0};
    assert_true(frame_append(&b, text("payload")));
    for (size_t bit = 0; bit < 8 * b.size; bit++) {
        b.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
        struct bytes rest = buffer_bytes(&b), payload;
        assert_int_not_equal(frame_next(&rest, &payload), FRAME_WHOLE);
        b.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    buffer_done(&b);
}

static void the_largest_frame_passes_and_a_larger_one_is_damaged(void **state)
{
    (void)state;
    static uint8_t payload[FRAME_PAYLOAD_BYTES_MAX];
    struct buffer b = {0};
    assert_true(frame_append(&b, (struct bytes){payload, sizeof payload}));
    struct bytes rest = buffer_bytes(&b), found;
    assert_int_equal(frame_next(&rest, &found), FRAME_WHOLE);
    assert_int_equal(found.size, sizeof payload);
    /* One more than allowed, told by the header alone: nobody waits for the rest. */
    static const uint8_t huge[] = {0x00, 0x10, 0x00, 0x01, 0, 0, 0, 0};
    rest = (struct bytes){huge, sizeof huge};
    assert_int_equal(frame_next(&rest, &found), FRAME_DAMAGED);
    buffer_done(&b);
}

static void zeroes_are_no_frames(void **state)
{
    (void)state;
    static const uint8_t zeroes[64];
    struct bytes rest = {zeroes, sizeof zeroes}, payload;
    assert_int_equal(frame_next(&rest, &payload), FRAME_DAMAGED);
}

static void a_search_finds_whole_frames_behind_a_damaged_one(void **state)
{
    (void)state;
    struct buffer b = {0};
    for (int i = 0; i < 3; i++)
        assert_true(frame_append(&b, (struct bytes){(const uint8_t *)"payload", 7}));
    struct bytes all = buffer_bytes(&b);
    assert_int_equal(frame_count_behind((struct bytes){all.at + 1, all.size - 1}), 2);
    assert_int_equal(frame_count_behind((struct bytes){all.at + 1, all.size - 2}), 1);
    assert_int_equal(frame_count_behind((struct bytes){all.at + 1, 20}), 0);
    assert_int_equal(frame_count_behind((struct bytes){all.at, 3}), 0);
    buffer_done(&b);
}

/* Small numbers make every few bytes look like the length of a large frame. */
static void a_search_that_takes_too_long_gives_up(void **state)
{
    (void)state;
    static uint8_t bytes[1 << 20];
    for (size_t i = 1; i < sizeof bytes; i += 8)
        bytes[i] = 8;
    assert_int_equal(frame_count_behind((struct bytes){bytes, sizeof bytes}), FRAMES_UNCOUNTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_come_back_in_order),
        cmocka_unit_test(every_prefix_of_a_frame_is_partial),
        cmocka_unit_test(any_changed_bit_is_noticed),
        cmocka_unit_test(the_largest_frame_passes_and_a_larger_one_is_damaged),
        cmocka_unit_test(zeroes_are_no_frames),
        cmocka_unit_test(a_search_finds_whole_frames_behind_a_damaged_one),
        cmocka_unit_test(a_search_that_takes_too_long_gives_up),
    };
    return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
