/* Each power of two is cut into 512 buckets of equal width, and a value is told as
 * the middle of its bucket: off by at most half a width, 1/1024 of the value. */
#include "base/histogram.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>

enum { CUTS_LOG2 = 9, CUTS = 1 << CUTS_LOG2 };

static const int64_t lowest_ns = 1000;           /* 1 us, in the octave from 512 */
static const int64_t highest_ns = 3600000000000; /* 1 hour, in the octave from 2^41 */
enum { BUCKETS = (41 - CUTS_LOG2 + 1) * CUTS };

static size_t bucket_of(int64_t value_ns)
{
    uint64_t v = (uint64_t)(value_ns < lowest_ns    ? lowest_ns
                            : value_ns > highest_ns ? highest_ns
                                                    : value_ns);
    unsigned shift = 63u - (unsigned)__builtin_clzll(v) - CUTS_LOG2;
    return (size_t)shift * CUTS + (size_t)(v >> shift) - CUTS;
}

static int64_t middle_of(size_t bucket)
{
    unsigned shift = (unsigned)(bucket / CUTS);
    uint64_t from = (uint64_t)(bucket % CUTS + CUTS) << shift;
    return (int64_t)(from + ((UINT64_C(1) << shift) >> 1));
}

static bool have_counts(struct histogram *h)
{
    if (!h->counts)
        h->counts = calloc(BUCKETS, sizeof *h->counts);
    return h->counts;
}

static void widen(struct histogram *h, int64_t min_ns, int64_t max_ns)
{
    if (h->total == 0 || min_ns < h->min_ns)
        h->min_ns = min_ns;
    if (h->total == 0 || max_ns > h->max_ns)
        h->max_ns = max_ns;
}

bool histogram_record(struct histogram *h, int64_t value_ns)
{
    if (!have_counts(h))
        return false;
    widen(h, value_ns, value_ns);
    h->counts[bucket_of(value_ns)]++;
    h->total++;
    return true;
}

bool histogram_merge(struct histogram *into, const struct histogram *from)
{
    if (from->total == 0)
        return true;
    if (!have_counts(into))
        return false;
    widen(into, from->min_ns, from->max_ns);
    for (size_t i = 0; i < BUCKETS; i++)
        into->counts[i] += from->counts[i];
    into->total += from->total;
    return true;
}

/* How many of the values, in rising order, make up `share_ppm` of them. At least one. */
static uint64_t rank_of(uint64_t total, uint64_t share_ppm)
{
    uint64_t rank = total / 1000000 * share_ppm;
    rank += (total % 1000000 * share_ppm + 999999) / 1000000;
    return rank == 0 ? 1 : rank;
}

int64_t histogram_quantile_ns(const struct histogram *h, int64_t share_ppm)
{
    assert(share_ppm >= 0 && share_ppm <= 1000000);
    if (h->total == 0)
        return 0;
    uint64_t left = rank_of(h->total, (uint64_t)share_ppm);
    if (left == h->total)
        return h->max_ns;
    size_t bucket = 0;
    while (h->counts[bucket] < left)
        left -= h->counts[bucket++];
    int64_t middle = middle_of(bucket);
    return middle < h->min_ns ? h->min_ns : middle > h->max_ns ? h->max_ns : middle;
}

void histogram_done(struct histogram *h)
{
    free(h->counts);
    *h = (struct histogram){0};
}
