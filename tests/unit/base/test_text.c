#include "tests/support/test.h"

#include "base/compiler.h"
#include "base/text.h"

static void control_characters_become_spaces(void **state)
{
    (void)state;
    char text[] = "a\nb\tc\x1b[2J\x7f \xc3\xa9";
    text_keep_on_one_line(text);
    assert_string_equal(text, "a b c [2J  \xc3\xa9");
}

static void utf8_is_told_from_other_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool want;
    } cases[] = {
        {"", true},
        {"plain", true},
        {"\xc3\xa9", true},
        {"\xe2\x82\xac", true},
        {"\xf0\x9f\x98\x80", true},
        {"\xf4\x8f\xbf\xbf", true},
        {"\xff", false},
        {"\x80", false},
        {"\xc3", false},
        {"\xc3x", false},
        {"a\xe2\x82", false},
        {"\xc0\xaf", false},
        {"\xe0\x80\xaf", false},
        {"\xed\xa0\x80", false},
        {"\xf4\x90\x80\x80", false},
        {"\xf8\x88\x80\x80\x80", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("case %zu\n", i);
        assert_int_equal(text_is_utf8(cases[i].text), cases[i].want);
    }
}

static void bytes_are_looked_at_up_to_their_end_and_no_further(void **state)
{
    (void)state;
    static const uint8_t text[] = "a\xc3\xa9\0b\xe2\x82\xac\xff";
    for (size_t size = 0; size < sizeof text; size++) {
        bool whole = size != 2 && size != 6 && size != 7 && size < 9;
        assert_int_equal(text_bytes_are_utf8((struct bytes){text, size}), whole);
    }
    assert_true(text_bytes_are_utf8((struct bytes){0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(control_characters_become_spaces),
        cmocka_unit_test(utf8_is_told_from_other_bytes),
        cmocka_unit_test(bytes_are_looked_at_up_to_their_end_and_no_further),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
