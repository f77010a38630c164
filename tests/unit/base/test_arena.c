#include "tests/support/test.h"

#include <string.h>

#include "base/arena.h"

static void memory_is_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    struct arena a = {0};
    unsigned char *at[200];
    for (size_t i = 0; i < 200; i++) {
        at[i] = arena_alloc(&a, i * 7);
        assert_non_null(at[i]);
        assert_int_equal((uintptr_t)at[i] % _Alignof(max_align_t), 0);
        for (size_t j = 0; j < i * 7; j++)
            assert_int_equal(at[i][j], 0);
        memset(at[i], (int)i, i * 7);
    }
    for (size_t i = 1; i < 200; i++)
        assert_int_equal(at[i][i * 7 - 1], i);
    arena_done(&a);
}

static void large_requests_get_a_block_of_their_own(void **state)
{
    (void)state;
    struct arena a = {0};
    char *large = arena_alloc(&a, 1 << 20);
    assert_non_null(large);
    memset(large, 1, 1 << 20);
    assert_non_null(arena_alloc(&a, 8));
    assert_int_equal(a.used_bytes, (1 << 20) + _Alignof(max_align_t));
    arena_done(&a);
    assert_int_equal(a.used_bytes, 0);
}

static void past_the_limit_every_request_fails(void **state)
{
    (void)state;
    struct arena a = {.limit_bytes = 1000};
    assert_non_null(arena_alloc(&a, 900));
    assert_null(arena_alloc(&a, 200));
    assert_null(arena_copy_text(&a, "a text that is longer than what is left of the limit, "
                                    "which is a little less than one hundred bytes by now"));
    arena_done(&a);
    assert_int_equal(a.limit_bytes, 1000);
    assert_non_null(arena_alloc(&a, 900));
    arena_done(&a);
}

static void products_that_overflow_fail(void **state)
{
    (void)state;
    struct arena a = {0};
    volatile size_t half = SIZE_MAX / 2;
    assert_null(arena_array(&a, half, 3));
    assert_null(arena_array(&a, 2, half + 1));
    assert_null(arena_alloc(&a, half + 1));
    assert_non_null(arena_array(&a, 0, 8));
    arena_done(&a);
}

static void texts_are_copied_and_formatted(void **state)
{
    (void)state;
    struct arena a = {0};
    char name[] = "eu";
    char *copy = arena_copy_text(&a, name);
    name[0] = 'x';
    assert_string_equal(copy, "eu");
    assert_string_equal(arena_format(&a, "%s-%d", copy, 7), "eu-7");
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_aligned_and_apart),
        cmocka_unit_test(large_requests_get_a_block_of_their_own),
        cmocka_unit_test(past_the_limit_every_request_fails),
        cmocka_unit_test(products_that_overflow_fail),
        cmocka_unit_test(texts_are_copied_and_formatted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
