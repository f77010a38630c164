/* Arrays that grow, and what is counted of them. */
#include "tests/support/test.h"

#include <stdint.h>

#include "base/bytes.h"
#include "base/counted.h"

static void what_grows_is_counted_as_large_as_it_is(void **state)
{
    (void)state;
    struct memory m = {.max_bytes = 0};
    size_t capacity = 0;
    int64_t *items = NULL;
    for (int64_t i = 0; i < 1000; i++) {
        items = counted_room(&m, items, (size_t)i, &capacity, sizeof *items);
        assert_non_null(items);
        items[i] = i;
        assert_int_equal(m.used_bytes, capacity * sizeof *items);
    }
    for (int64_t i = 0; i < 1000; i++)
        assert_int_equal(items[i], i);
    counted_free(&m, items, capacity * sizeof *items);
    assert_int_equal(m.used_bytes, 0);
}

static void past_the_limit_nothing_has_changed(void **state)
{
    (void)state;
    struct memory m = {.max_bytes = 1000};
    size_t capacity = 0;
    char *items = counted_room(&m, NULL, 0, &capacity, 8);
    assert_non_null(items);
    assert_null(counted_room(&m, items, capacity, &capacity, SIZE_MAX / 2));
    assert_null(counted_resize(&m, items, 512, 2000));
    assert_null(counted_zeroed(&m, 600, 1));
    assert_null(counted_zeroed(&m, SIZE_MAX, 16));
    assert_int_equal(capacity, 64);
    assert_int_equal(m.used_bytes, 512);
    char *zeroed = counted_zeroed(&m, 400, 1), *none = counted_zeroed(&m, 0, 8);
    assert_non_null(none);
    assert_int_equal(m.used_bytes, 912);
    for (int i = 0; i < 400; i++)
        assert_int_equal(zeroed[i], 0);
    counted_free(&m, zeroed, 400);
    counted_free(&m, none, 0);
    counted_free(&m, NULL, 77);
    counted_free(&m, items, 512);
    assert_int_equal(m.used_bytes, 0);
}

static void a_buffer_is_counted_where_somebody_counts(void **state)
{
    (void)state;
    struct memory m = {.max_bytes = 100};
    struct buffer b = {.memory = &m};
    const uint8_t text[60] = {0};
    assert_true(buffer_append(&b, (struct bytes){text, sizeof text}));
    assert_int_equal(m.used_bytes, b.capacity);
    assert_false(buffer_append(&b, (struct bytes){text, sizeof text}));
    assert_int_equal(b.size, sizeof text);
    buffer_done(&b);
    assert_int_equal(m.used_bytes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_grows_is_counted_as_large_as_it_is),
        cmocka_unit_test(past_the_limit_nothing_has_changed),
        cmocka_unit_test(a_buffer_is_counted_where_somebody_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
