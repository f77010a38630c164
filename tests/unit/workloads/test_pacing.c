#include "tests/support/test.h"

#include <math.h>

#include "base/units.h"
#include "workloads/pacing.h"

enum { DRAWS = 100000 };

static void constant_arrivals_are_evenly_spaced(void **state)
{
    (void)state;
    struct random_stream random = random_derive(1, "arrivals");
    assert_int_equal(pacing_gap_ns(PACING_CONSTANT, 100000, &random), 10 * NS_PER_MS);
    assert_int_equal(pacing_gap_ns(PACING_CONSTANT, 1, &random), 1000 * NS_PER_S);
}

static void constant_streams_do_not_march_in_step(void **state)
{
    (void)state;
    struct random_stream a = random_derive(1, "region 0"), b = random_derive(1, "region 1");
    int64_t first_ns = pacing_first_gap_ns(PACING_CONSTANT, 100000, &a);
    int64_t other_ns = pacing_first_gap_ns(PACING_CONSTANT, 100000, &b);
    assert_in_range(first_ns, 0, 10 * NS_PER_MS - 1);
    assert_in_range(other_ns, 0, 10 * NS_PER_MS - 1);
    assert_int_not_equal(first_ns, other_ns);
}

/* Mean and deviation of an exponential law are the same, and e^-1 of it lies above. */
static void poisson_gaps_are_exponential(void **state)
{
    (void)state;
    struct random_stream random = random_derive(1, "arrivals");
    double sum = 0, squares = 0;
    unsigned above = 0;
    for (int i = 0; i < DRAWS; i++) {
        double gap = (double)pacing_gap_ns(PACING_POISSON, 100000, &random) / 1e7;
        sum += gap;
        squares += gap * gap;
        above += gap > 1;
    }
    double mean = sum / DRAWS, deviation = sqrt(squares / DRAWS - mean * mean);
    print_message("mean %.4f, deviation %.4f, above the mean %.4f\n", mean, deviation,
                  above / (double)DRAWS);
    assert_true(fabs(mean - 1) < 0.01);
    assert_true(fabs(deviation - 1) < 0.02);
    assert_true(fabs(above / (double)DRAWS - exp(-1)) < 0.01);
}

/* Computed with integers only; a few nanoseconds off the logarithm at most. */
static void poisson_gaps_are_the_logarithm_of_the_draw(void **state)
{
    (void)state;
    struct random_stream random = random_derive(42, "arrivals");
    struct random_stream again = random;
    for (int i = 0; i < 1000; i++) {
        double u = (double)((random_next(&again) >> 32) + 1) / 4294967296.0;
        int64_t gap_ns = pacing_gap_ns(PACING_POISSON, 100000, &random);
        assert_true(fabs((double)gap_ns + log(u) * 1e7) < 10);
        assert_int_equal(random.state, again.state);
    }
}

static void the_rarest_rate_does_not_overflow(void **state)
{
    (void)state;
    struct random_stream random = random_derive(3, "arrivals");
    for (int i = 0; i < 1000; i++)
        assert_in_range(pacing_gap_ns(PACING_POISSON, 1, &random), 0, 23000 * NS_PER_S);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constant_arrivals_are_evenly_spaced),
        cmocka_unit_test(constant_streams_do_not_march_in_step),
        cmocka_unit_test(poisson_gaps_are_exponential),
        cmocka_unit_test(poisson_gaps_are_the_logarithm_of_the_draw),
        cmocka_unit_test(the_rarest_rate_does_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
