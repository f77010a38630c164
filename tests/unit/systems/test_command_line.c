#include "tests/support/test.h"

#include <string.h>

#include "base/compiler.h"
#include "systems/command_line.h"

static const struct binding bindings[] = {
    {"name", "eu-west-1"}, {"peers", "a=1.2.3.4:7000,b=[fd00::2]:7000"}, {"empty", ""}, {0}};

static void words_are_split_and_filled_in(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *words[6];
    } cases[] = {
        {"serve", {"serve"}},
        {"  a   b  ", {"a", "b"}},
        {"a 'b c' \"d e\"", {"a", "b c", "d e"}},
        {"a''b \"\" c", {"ab", "", "c"}},
        {"a \"it's\" 'say \"x\"'", {"a", "it's", "say \"x\""}},
        {"x --name={name} {peers}",
         {"x", "--name=eu-west-1", "a=1.2.3.4:7000,b=[fd00::2]:7000"}},
        {"x '{name} twice {name}'", {"x", "eu-west-1 twice eu-west-1"}},
        {"x {empty} y", {"x", "", "y"}},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena arena = {0};
        const char *const *argv;
        struct err err;
        print_message("%s\n", cases[i].text);
        assert_int_equal(command_line_expand(cases[i].text, bindings, &arena, &argv, &err),
                         ERR_OK);
        size_t word = 0;
        for (; cases[i].words[word]; word++)
            assert_string_equal(argv[word], cases[i].words[word]);
        assert_null(argv[word]);
        arena_done(&arena);
    }
}

static void what_makes_no_command_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "'' names no program"},
        {"   ", "'   ' names no program"},
        {"a 'b", "a quote (') is not closed"},
        {"a {nmae}", "'{nmae}' is no placeholder; there are {name}, {peers}, {empty}"},
        {"a {name", "'{name' has no closing brace"},
        {"a {}", "'{}' is no placeholder"},
        {"a {na me}", "'{na' has no closing brace"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena arena = {0};
        const char *const *argv = NULL;
        struct err err;
        assert_int_equal(command_line_expand(cases[i].text, bindings, &arena, &argv, &err),
                         ERR_INVALID);
        print_message("%s: %s\n", cases[i].text, err.msg);
        assert_non_null(strstr(err.msg, cases[i].message));
        assert_null(argv);
        arena_done(&arena);
    }
}

static void too_many_words_are_refused(void **state)
{
    (void)state;
    char text[2 * COMMAND_WORDS_MAX + 3];
    const char *const *argv;
    struct arena arena = {0};
    struct err err;
    memset(text, 0, sizeof text);
    for (size_t i = 0; i < COMMAND_WORDS_MAX; i++)
        memcpy(text + 2 * i, "a ", 2);
    assert_int_equal(command_line_expand(text, bindings, &arena, &argv, &err), ERR_OK);
    text[strlen(text)] = 'b';
    assert_int_equal(command_line_expand(text, bindings, &arena, &argv, &err), ERR_LIMIT);
    arena_done(&arena);
}

static void the_environment_says_the_same(void **state)
{
    (void)state;
    struct arena arena = {0};
    const char *const *env = command_line_environment(bindings, &arena);
    assert_string_equal(env[0], "FAULTLINE_NAME=eu-west-1");
    assert_string_equal(env[2], "FAULTLINE_EMPTY=");
    assert_null(env[3]);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_split_and_filled_in),
        cmocka_unit_test(what_makes_no_command_is_refused),
        cmocka_unit_test(too_many_words_are_refused),
        cmocka_unit_test(the_environment_says_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
