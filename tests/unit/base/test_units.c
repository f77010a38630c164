#include "tests/support/test.h"

#include "base/compiler.h"
#include "base/units.h"

static void quantities_are_told_exactly(void **state)
{
    (void)state;
    static const struct {
        const char *(*tell)(int64_t value, char *out, size_t size);
        int64_t value;
        const char *want;
    } cases[] = {
        {units_duration, 0, "0s"},
        {units_duration, 1, "1ns"},
        {units_duration, 80 * NS_PER_MS, "80ms"},
        {units_duration, 1500 * NS_PER_MS, "1.5s"},
        {units_duration, 1500 * NS_PER_US, "1.5ms"},
        {units_duration, 90 * NS_PER_S, "90s"},
        {units_duration, 120 * NS_PER_S, "2m"},
        {units_duration, 7200 * NS_PER_S, "2h"},
        {units_duration, NS_PER_S + 1, "1.000000001s"},
        {units_duration, -5 * NS_PER_MS, "-5ms"},
        {units_duration, INT64_MAX, "9223372036.854775807s"},
        {units_duration, INT64_MIN, "-9223372036.854775808s"},
        {units_duration_short, 412345678, "412ms"},
        {units_duration_short, 1734567890, "1.73s"},
        {units_duration_short, 999600, "1ms"},
        {units_duration_short, 999499, "999us"},
        {units_duration_short, 0, "0s"},
        {units_duration_short, -1734567890, "-1.73s"},
        {units_duration_short, 120 * NS_PER_S, "120s"},
        {units_duration_short, INT64_MAX, "9220000000s"},
        {units_percent, 5000, "0.5%"},
        {units_percent, 1000000, "100%"},
        {units_percent, 1, "0.0001%"},
        {units_percent, -20000, "-2%"},
        {units_rate, 100000, "100/s"},
        {units_rate, 100, "0.1/s"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char text[64];
        print_message("%s\n", cases[i].want);
        assert_string_equal(cases[i].tell(cases[i].value, text, sizeof text), cases[i].want);
    }
}

static void a_small_buffer_gets_what_fits(void **state)
{
    (void)state;
    char text[4];
    assert_string_equal(units_duration(1500 * NS_PER_MS, text, sizeof text), "1.5");
}

static void instants_are_told_in_seconds_or_counted(void **state)
{
    (void)state;
    char text[48];
    assert_string_equal(units_instant(12310499999, 3, text, sizeof text), "12.310s");
    assert_string_equal(units_instant(-1500000, 3, text, sizeof text), "-0.001s");
    assert_string_equal(units_instant(1000045000, 6, text, sizeof text), "1.000045s");
    assert_string_equal(units_instant(1000000007, 9, text, sizeof text), "1.000000007s");
    assert_string_equal(units_instant(31, 0, text, sizeof text), "31ns");
    assert_string_equal(units_instant(INT64_MIN, 0, text, sizeof text),
                        "-9223372036854775808ns");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instants_are_told_in_seconds_or_counted),
        cmocka_unit_test(quantities_are_told_exactly),
        cmocka_unit_test(a_small_buffer_gets_what_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
