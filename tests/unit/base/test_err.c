#include "tests/support/test.h"

#include <string.h>

#include "base/err.h"

static void messages_grow_from_the_outside(void **state)
{
    (void)state;
    struct err err = {0};
    assert_int_equal(err_set(&err, ERR_IO, "read '%s'", "x"), ERR_IO);
    assert_int_equal(err_wrap(&err, "scenario %d", 3), ERR_IO);
    assert_string_equal(err.msg, "scenario 3: read 'x'");
}

static void long_messages_are_cut_and_end(void **state)
{
    (void)state;
    char text[2 * ERR_MSG_SIZE];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    struct err err = {0};
    err_set(&err, ERR_INVALID, "%s", text);
    assert_int_equal(strlen(err.msg), ERR_MSG_SIZE - 1);
    err_wrap(&err, "outer");
    assert_int_equal(strlen(err.msg), ERR_MSG_SIZE - 1);
    assert_int_equal(strncmp(err.msg, "outer: xxx", 10), 0);
    err_wrap(&err, "%s", text);
    assert_int_equal(strlen(err.msg), ERR_MSG_SIZE - 1);
}

/* Names and values come from outside: they must not end a line and forge another. */
static void a_message_is_one_line_whatever_it_quotes(void **state)
{
    (void)state;
    struct err err = {0};
    err_set(&err, ERR_INVALID, "field '%s'", "k\nd\033[31m");
    assert_string_equal(err.msg, "field 'k d [31m'");
    err_wrap(&err, "file '%s'", "a\rb");
    assert_string_equal(err.msg, "file 'a b': field 'k d [31m'");
}

static void every_code_has_a_text(void **state)
{
    (void)state;
    for (int code = ERR_OK; code <= ERR_DAMAGED; code++)
        assert_true(strlen(err_text((enum err_code)code)) > 0);
    assert_string_equal(err_text(ERR_TIMEOUT), "timed out");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_grow_from_the_outside),
        cmocka_unit_test(long_messages_are_cut_and_end),
        cmocka_unit_test(a_message_is_one_line_whatever_it_quotes),
        cmocka_unit_test(every_code_has_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
