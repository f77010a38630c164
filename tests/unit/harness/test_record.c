/* What the harness tells of a run beside its operations. */
#include "tests/support/test.h"

#include "base/units.h"
#include "harness/record.h"

static void wall_time_is_told_in_utc(void **state)
{
    static const struct {
        int64_t seconds;
        const char *told;
    } cases[] = {{0, "1970-01-01T00:00:00Z"},
                 {951827696, "2000-02-29T12:34:56Z"},
                 {1767225599, "2025-12-31T23:59:59Z"}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char out[32];
        assert_string_equal(
            record_wall_time(cases[i].seconds * NS_PER_S + 999999999, out, sizeof out),
            cases[i].told);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(wall_time_is_told_in_utc)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
