/* Latencies with bounded error: log-linear buckets, three significant digits from
 * 1 microsecond to 1 hour. Merging two is adding their counts. */
#ifndef BASE_HISTOGRAM_H
#define BASE_HISTOGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"

struct histogram {
    uint64_t *counts; /* NULL while empty */
    uint64_t total;
    int64_t min_ns, max_ns; /* exact, also outside the range */
};

/* All zero is empty. Values outside the range are counted at its ends; false, and
 * nothing changed, without memory. */
bool histogram_record(struct histogram *h, int64_t value_ns) MUST_CHECK;
bool histogram_merge(struct histogram *into, const struct histogram *from) MUST_CHECK;

/* The smallest value that `share_ppm` of all values do not exceed, within 0.1 %;
 * 0 when empty. 500000 is the median. */
int64_t histogram_quantile_ns(const struct histogram *h, int64_t share_ppm);

void histogram_done(struct histogram *h);

#endif
