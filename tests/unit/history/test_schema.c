#include "tests/support/test.h"

#include <string.h>

#include "history/schema.h"

static void lists_survive_their_encoding(void **state)
{
    (void)state;
    static const int64_t cases[][4] = {{0, 1, 2, 3},
                                       {INT64_MIN, -1, 0, INT64_MAX},
                                       {-5, -5, 63, 64},
                                       {INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        for (size_t count = 0; count <= 4; count++) {
            struct buffer out = {.at = NULL};
            int64_t back[4];
            assert_true(list_encode(&out, cases[i], count));
            assert_int_equal(list_count(buffer_bytes(&out)), count);
            list_decode(buffer_bytes(&out), back);
            assert_true(count == 0 || memcmp(back, cases[i], count * sizeof *back) == 0);
            buffer_done(&out);
        }
}

static void dense_lists_take_a_byte_per_member(void **state)
{
    (void)state;
    int64_t members[1000];
    struct buffer out = {.at = NULL};
    for (int i = 0; i < 1000; i++)
        members[i] = 1000000 + i * 100;
    assert_true(list_encode(&out, members, 1000));
    assert_in_range(out.size, 1000, 1010);
    buffer_done(&out);
}

static void what_is_no_list_is_told(void **state)
{
    (void)state;
    static const uint8_t torn[] = {1, 0x80};
    static const uint8_t endless[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                      0xff, 0xff, 0xff, 0xff, 0x01};
    static const uint8_t past_the_end[] = {2,    0xff, 0xff, 0xff, 0xff, 0xff,
                                           0xff, 0xff, 0xff, 0xff, 0x01};
    assert_int_equal(list_count((struct bytes){torn, sizeof torn}), -1);
    assert_int_equal(list_count((struct bytes){endless, sizeof endless}), -1);
    assert_int_equal(list_count((struct bytes){past_the_end, sizeof past_the_end}), -1);
}

static void ids_tell_their_kind_and_never_are_plain_integers(void **state)
{
    (void)state;
    assert_int_equal(value_kind_of(value_id(0, VALUE_TEXT)), VALUE_TEXT);
    assert_int_equal(value_kind_of(value_id(7, VALUE_INTEGER)), VALUE_INTEGER);
    assert_int_equal(value_kind_of(value_id(7, VALUE_LIST)), VALUE_LIST);
    assert_int_equal(value_kind_of(VALUE_ID_START - 1), -1);
    assert_int_equal(value_kind_of(INT64_MIN), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_survive_their_encoding),
        cmocka_unit_test(dense_lists_take_a_byte_per_member),
        cmocka_unit_test(what_is_no_list_is_told),
        cmocka_unit_test(ids_tell_their_kind_and_never_are_plain_integers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
