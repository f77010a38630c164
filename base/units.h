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

#endif
