#include "tests/support/test.h"

#include <stdlib.h>

#include "base/histogram.h"
#include "base/random.h"

static const int64_t us_ns = 1000, hour_ns = 3600000000000;

static void assert_within_a_thousandth(int64_t got, int64_t want)
{
    int64_t apart = got > want ? got - want : want - got;
    if (apart * 1000 > want)
        fail_msg("%lld is not within 0.1 %% of %lld", (long long)got, (long long)want);
}

static void one_value_is_told_within_a_thousandth(void **state)
{
    (void)state;
    /* A second value keeps min and max from giving the answer away. */
    for (int64_t value = us_ns; value < hour_ns; value += value / 97 + 1) {
        struct histogram h = {0};
        assert_true(histogram_record(&h, value));
        assert_true(histogram_record(&h, hour_ns));
        assert_true(histogram_record(&h, us_ns));
        assert_within_a_thousandth(histogram_quantile_ns(&h, 500000), value);
        histogram_done(&h);
    }
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Evenly spread over the magnitudes, not over the numbers. */
static int64_t draw(struct random_stream *s)
{
    uint64_t span = UINT64_C(1) << random_below(s, 32);
    return us_ns + (int64_t)random_below(s, span * 1000);
}

static void quantiles_match_a_sorted_list(void **state)
{
    (void)state;
    enum { COUNT = 20000 };
    static int64_t values[COUNT];
    struct random_stream s = random_derive(1, "values");
    struct histogram h = {0};
    for (size_t i = 0; i < COUNT; i++) {
        values[i] = draw(&s) % hour_ns;
        if (values[i] < us_ns)
            values[i] = us_ns;
        assert_true(histogram_record(&h, values[i]));
    }
    qsort(values, COUNT, sizeof *values, compare);
    for (int64_t ppm = 50; ppm <= 1000000; ppm += 50) {
        size_t rank = (size_t)((COUNT * ppm + 999999) / 1000000);
        assert_within_a_thousandth(histogram_quantile_ns(&h, ppm), values[rank - 1]);
    }
    assert_int_equal(histogram_quantile_ns(&h, 1000000), values[COUNT - 1]);
    assert_int_equal(h.min_ns, values[0]);
    histogram_done(&h);
}

static void merging_is_recording_both(void **state)
{
    (void)state;
    struct random_stream s = random_derive(2, "values");
    struct histogram parts[2] = {{0}}, all = {0}, merged = {0};
    for (size_t i = 0; i < 1000; i++) {
        int64_t value = draw(&s);
        assert_true(histogram_record(&parts[i % 3 == 0], value));
        assert_true(histogram_record(&all, value));
    }
    assert_true(histogram_merge(&merged, &parts[0]));
    assert_true(histogram_merge(&merged, &parts[1]));
    assert_int_equal(merged.total, all.total);
    assert_int_equal(merged.min_ns, all.min_ns);
    assert_int_equal(merged.max_ns, all.max_ns);
    for (int64_t ppm = 0; ppm <= 1000000; ppm += 1000)
        assert_int_equal(histogram_quantile_ns(&merged, ppm), histogram_quantile_ns(&all, ppm));
    histogram_done(&parts[0]);
    histogram_done(&parts[1]);
    histogram_done(&merged);
    histogram_done(&all);
}

static void empty_is_zero_and_merges(void **state)
{
    (void)state;
    struct histogram a = {0}, b = {0};
    assert_int_equal(histogram_quantile_ns(&a, 500000), 0);
    assert_true(histogram_merge(&a, &b));
    assert_null(a.counts);
    assert_true(histogram_record(&b, 5000));
    assert_true(histogram_merge(&a, &b));
    assert_true(histogram_merge(&a, &(struct histogram){0}));
    assert_int_equal(a.total, 1);
    assert_int_equal(histogram_quantile_ns(&a, 0), 5000);
    histogram_done(&a);
    histogram_done(&b);
    assert_null(b.counts);
}

static void values_outside_count_at_the_ends(void **state)
{
    (void)state;
    static const int64_t values[] = {INT64_MIN, -1, 0, 999, hour_ns + 1, INT64_MAX};
    struct histogram h = {0};
    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        assert_true(histogram_record(&h, values[i]));
    assert_true(h.min_ns == INT64_MIN && h.max_ns == INT64_MAX);
    assert_within_a_thousandth(histogram_quantile_ns(&h, 500000), us_ns);
    assert_within_a_thousandth(histogram_quantile_ns(&h, 830000), hour_ns);
    histogram_done(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_value_is_told_within_a_thousandth),
        cmocka_unit_test(quantiles_match_a_sorted_list),
        cmocka_unit_test(merging_is_recording_both),
        cmocka_unit_test(empty_is_zero_and_merges),
        cmocka_unit_test(values_outside_count_at_the_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
