/* Quantities as people write them. Inside the program time is always nanoseconds
 * and shares are parts per million. */
#ifndef BASE_UNITS_H
#define BASE_UNITS_H

#include <stddef.h>
#include <stdint.h>

#define NS_PER_US INT64_C(1000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S  INT64_C(1000000000)

/* "80ms", "1.5s", "2m": the shortest exact form. Returns `out`. */
const char *units_duration(int64_t ns, char *out, size_t size);

/* For tables: rounded to three significant digits, "412ms", "1.73s". Returns `out`. */
const char *units_duration_short(int64_t ns, char *out, size_t size);

/* "0.5%". Returns `out`. */
const char *units_percent(int64_t ppm, char *out, size_t size);

/* "64M", "1G", "1536M", "1000B": exact, in the largest unit that is. Returns `out`. */
const char *units_size(int64_t bytes, char *out, size_t size);

/* "100/s" for 100,000 operations per 1,000 seconds. Returns `out`. */
const char *units_rate(int64_t per_ks, char *out, size_t size);

/* `value` counted in steps of which `one` (10, 10000, ...) make a `unit`: exact, without
 * trailing zeros. Returns `out`. */
const char *units_decimal(int64_t value, int64_t one, const char *unit, char *out, size_t size);

/* An instant with so many digits of a second, 1 to 9: "12.310s", and what is finer is cut
 * off; with 0 it is counted: "31ns". Returns `out`. */
const char *units_instant(int64_t at_ns, int digits, char *out, size_t size);

#endif
