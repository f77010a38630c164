#include "base/units.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

/* INT64_MIN has no positive twin, so lengths are handled unsigned. */
static uint64_t magnitude(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

const char *units_decimal(int64_t value, int64_t one, const char *unit, char *out, size_t size)
{
    uint64_t whole = magnitude(value) / (uint64_t)one, rest = magnitude(value) % (uint64_t)one;
    char fraction[24] = "";
    size_t used = 0;
    for (; rest != 0 && used + 2 < sizeof fraction; rest %= (uint64_t)one) {
        if (used == 0)
            fraction[used++] = '.';
        rest *= 10;
        fraction[used++] = (char)('0' + rest / (uint64_t)one);
        fraction[used] = '\0';
    }
    snprintf(out, size, "%s%llu%s%s", value < 0 ? "-" : "", (unsigned long long)whole, fraction,
             unit);
    return out;
}

struct length {
    const char *name;
    int64_t one_ns;
    bool whole; /* used only without a fraction: "90s", not "1.5m" */
};

static const struct length lengths[] = {
    {"h", 3600 * NS_PER_S, true}, {"m", 60 * NS_PER_S, true}, {"s", NS_PER_S, false},
    {"ms", NS_PER_MS, false},     {"us", NS_PER_US, false},   {"ns", 1, false},
};

const char *units_duration(int64_t ns, char *out, size_t size)
{
    const struct length *l = lengths;
    if (ns == 0)
        return units_decimal(0, 1, "s", out, size);
    while (magnitude(ns) < (uint64_t)l->one_ns || (l->whole && ns % l->one_ns != 0))
        l++;
    return units_decimal(ns, l->one_ns, l->name, out, size);
}

const char *units_duration_short(int64_t ns, char *out, size_t size)
{
    uint64_t step = 1;
    while (magnitude(ns) / step >= 1000)
        step *= 10;
    /* Rounding 9.996 up makes 10.0: still three digits, and the right unit below. */
    uint64_t rounded = (magnitude(ns) + step / 2) / step * step;
    if (rounded > INT64_MAX)
        rounded = INT64_MAX / step * step;
    int64_t kept = ns < 0 ? -(int64_t)rounded : (int64_t)rounded;
    if (rounded >= (uint64_t)NS_PER_S)
        return units_decimal(kept, NS_PER_S, "s", out, size);
    return units_duration(kept, out, size);
}

const char *units_percent(int64_t ppm, char *out, size_t size)
{
    return units_decimal(ppm, 10000, "%", out, size);
}

const char *units_rate(int64_t per_ks, char *out, size_t size)
{
    return units_decimal(per_ks, 1000, "/s", out, size);
}

const char *units_size(int64_t bytes, char *out, size_t size)
{
    static const char units[] = "BKMGT";
    size_t unit = 0;
    while (bytes != 0 && bytes % 1024 == 0 && unit + 2 < sizeof units) {
        bytes /= 1024;
        unit++;
    }
    snprintf(out, size, "%lld%c", (long long)bytes, units[unit]);
    return out;
}

const char *units_instant(int64_t at_ns, int digits, char *out, size_t size)
{
    uint64_t ns = magnitude(at_ns), step = (uint64_t)NS_PER_S;
    const char *sign = at_ns < 0 ? "-" : "";
    if (digits == 0) {
        snprintf(out, size, "%s%" PRIu64 "ns", sign, ns);
        return out;
    }
    for (int i = 0; i < digits; i++)
        step /= 10;
    snprintf(out, size, "%s%" PRIu64 ".%0*" PRIu64 "s", sign, ns / (uint64_t)NS_PER_S, digits,
             ns % (uint64_t)NS_PER_S / step);
    return out;
}
