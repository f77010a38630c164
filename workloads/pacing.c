#include "workloads/pacing.h"

#include <assert.h>
#include <stddef.h>

#include "base/units.h"
#include "workloads/workload.h"

const char *const pacing_names[] = {"poisson", "constant", "closed", NULL};

enum { FRACTION_BITS = 24 };
#define LN_2 UINT64_C(11629080) /* in FRACTION_BITS */

/* The binary logarithm of 1 to 2^32, in FRACTION_BITS: the place of the highest bit,
 * then one bit of fraction per squaring. */
static uint64_t log2_fixed(uint64_t value)
{
    unsigned highest = 63u - (unsigned)__builtin_clzll(value);
    uint64_t mantissa = (value << 31) >> highest; /* 1.0 to 2.0 in 31 bits of fraction */
    uint64_t result = highest;
    for (int bit = 0; bit < FRACTION_BITS; bit++) {
        mantissa = (mantissa * mantissa) >> 31;
        uint64_t over = mantissa >> 32;
        mantissa >>= over;
        result = (result << 1) | over;
    }
    return result;
}

/* An exponential length: -ln(u) times the mean, u uniform in (0, 1]. */
static int64_t exponential_ns(uint64_t mean_ns, uint64_t draw)
{
    uint64_t u = (draw >> 32) + 1; /* of 2^32 */
    uint64_t halvings = (UINT64_C(32) << FRACTION_BITS) - log2_fixed(u);
    uint64_t means = halvings * LN_2 >> FRACTION_BITS;
    uint64_t fraction = means & ((UINT64_C(1) << FRACTION_BITS) - 1);
    return (int64_t)(mean_ns * (means >> FRACTION_BITS) +
                     (mean_ns * fraction >> FRACTION_BITS));
}

static uint64_t mean_ns(int64_t rate_per_ks)
{
    assert(rate_per_ks >= 1); /* so that the mean has at most 40 bits */
    return (uint64_t)(1000 * NS_PER_S / rate_per_ks);
}

int64_t pacing_gap_ns(enum pacing pacing, int64_t rate_per_ks, struct random_stream *random)
{
    assert(pacing != PACING_CLOSED);
    uint64_t draw = random_next(random);
    if (pacing == PACING_CONSTANT)
        return (int64_t)mean_ns(rate_per_ks);
    return exponential_ns(mean_ns(rate_per_ks), draw);
}

int64_t pacing_first_gap_ns(enum pacing pacing, int64_t rate_per_ks,
                            struct random_stream *random)
{
    if (pacing == PACING_CONSTANT)
        return (int64_t)random_below(random, mean_ns(rate_per_ks));
    return pacing_gap_ns(pacing, rate_per_ks, random);
}
