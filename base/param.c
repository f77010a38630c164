/* Contents: numbers and units · refusing · parsing · defaults · telling · catalogues */
#include "base/param.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/units.h"

/* --- numbers and units ------------------------------------------------------------ */

/* A unit is numerator/denominator of what the field counts. */
struct unit {
    const char *name; /* NULL ends a table */
    int64_t numerator, denominator;
};

/* Of a type: its units, the one to suggest, and the words that must follow. */
struct notation {
    const struct unit *units;
    const char *usual;
    const char *tail;
    const char *step; /* the smallest difference the field can hold */
    const char *noun;
};

static const struct unit duration_units[] = {
    {"ns", 1, 1},       {"us", NS_PER_US, 1},    {"ms", NS_PER_MS, 1},
    {"s", NS_PER_S, 1}, {"m", 60 * NS_PER_S, 1}, {"h", 3600 * NS_PER_S, 1},
    {NULL, 0, 0},
};
static const struct unit percent_units[] = {{"%", 10000, 1}, {"ppm", 1, 1}, {NULL, 0, 0}};
static const struct unit size_units[] = {
    {"B", 1, 1},
    {"K", INT64_C(1) << 10, 1},
    {"M", INT64_C(1) << 20, 1},
    {"G", INT64_C(1) << 30, 1},
    {"T", INT64_C(1) << 40, 1},
    {NULL, 0, 0},
};
static const struct unit count_units[] = {{"", 1, 1}, {NULL, 0, 0}};
static const struct unit rate_units[] = {{"/s", 1000, 1}, {"/min", 50, 3}, {NULL, 0, 0}};

static const struct notation notations[] = {
    [PARAM_DURATION] = {duration_units, "ms", "", "1ns", "duration"},
    [PARAM_PERCENT] = {percent_units, "%", "", "0.0001%", "share"},
    [PARAM_SIZE] = {size_units, "M", "", "1B", "size"},
    [PARAM_COUNT] = {count_units, "", "", "1", "whole number"},
    [PARAM_COUNT_PER_REGION] = {count_units, "", "per region", "1", "whole number"},
    [PARAM_RATE_PER_REGION] = {rate_units, "/s", "per region", "0.001/s", "rate"},
};

static bool is_number(enum param_type type)
{
    return type <= PARAM_RATE_PER_REGION;
}

static bool is_text(enum param_type type)
{
    return type == PARAM_TEXT || type == PARAM_TARGET;
}

/* A decimal number without its point: "1.25" is 125 with 2 decimals. */
struct decimal {
    int64_t digits;
    unsigned decimals;
    bool negative;
    bool too_large, too_long; /* before and after the point */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool add_digit(int64_t *digits, char c)
{
    return !__builtin_mul_overflow(*digits, INT64_C(10), digits) &&
           !__builtin_add_overflow(*digits, (int64_t)(c - '0'), digits);
}

/* Read a number at the front of `text` and return what follows it; NULL when there
 * is none. Ours instead of strtod's: exact, and no "inf", "0x10", "1e3" or "012",
 * which some YAML readers take for ten. */
static const char *read_decimal(const char *text, struct decimal *out)
{
    *out = (struct decimal){.negative = *text == '-'};
    if (out->negative)
        text++;
    if (!is_digit(text[0]) || (text[0] == '0' && is_digit(text[1])))
        return NULL;
    for (; is_digit(*text); text++)
        out->too_large |= !add_digit(&out->digits, *text);
    if (text[0] != '.' || !is_digit(text[1]))
        return text;
    for (text++; is_digit(*text); text++, out->decimals++)
        out->too_long |= !add_digit(&out->digits, *text);
    return text;
}

enum scaled { SCALED, SCALED_TOO_LARGE, SCALED_TOO_FINE };

/* What `d` of `unit` is in the steps a field counts. */
static enum scaled scale(struct decimal d, const struct unit *unit, int64_t *out)
{
    int64_t numerator = unit->numerator, denominator = unit->denominator;
    if (d.too_large)
        return SCALED_TOO_LARGE;
    if (d.too_long)
        return SCALED_TOO_FINE;
    for (; d.decimals > 0 && d.digits % 10 == 0; d.decimals--)
        d.digits /= 10;
    for (; d.decimals > 0 && numerator % 10 == 0; d.decimals--)
        numerator /= 10;
    for (; d.decimals > 0; d.decimals--)
        if (__builtin_mul_overflow(denominator, INT64_C(10), &denominator))
            return SCALED_TOO_FINE;
    int64_t product;
    if (__builtin_mul_overflow(d.digits, numerator, &product))
        return SCALED_TOO_LARGE;
    if (product % denominator != 0)
        return SCALED_TOO_FINE;
    *out = d.negative ? -(product / denominator) : product / denominator;
    return SCALED;
}

static const struct unit *find_unit(const struct unit *units, const char *name, size_t length)
{
    for (; units->name; units++)
        if (strlen(units->name) == length && strncmp(units->name, name, length) == 0)
            return units;
    return NULL;
}

/* Would the number, in that unit, be one that `p` allows? */
static bool is_allowed(const struct param *p, struct decimal number, const struct unit *unit)
{
    int64_t value;
    return scale(number, unit, &value) == SCALED && value >= p->min && value <= p->max;
}

/* --- lists for people ------------------------------------------------------------- */

struct list {
    char *out;
    size_t size, used;
};

static void PRINTF_LIKE(2, 3) list_add(struct list *l, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(l->out + l->used, l->size - l->used, fmt, ap);
    va_end(ap);
    l->used += n < 0 ? 0 : (size_t)n;
    if (l->used >= l->size)
        l->used = l->size - 1;
}

/* "a", "a or b", "a, b or c": what goes before name number `i` of `count`. */
static const char *joint(size_t i, size_t count)
{
    return i == 0 ? "" : i + 1 == count ? " or " : ", ";
}

/* --- refusing --------------------------------------------------------------------- */

static enum err_code refuse_range(const struct param *p, const char *text, struct err *err)
{
    char allowed[160];
    return err_set(err, ERR_INVALID, "%s: '%s' is outside %s", p->name, text,
                   param_allowed(p, allowed, sizeof allowed));
}

static enum err_code refuse_number(const struct param *p, const char *text, struct err *err)
{
    char allowed[160];
    return err_set(err, ERR_INVALID, "%s: '%s' is not a %s; allowed is %s", p->name, text,
                   notations[p->type].noun, param_allowed(p, allowed, sizeof allowed));
}

/* The unit that was likely meant: the usual one, else the nearest that makes the number
 * one that is allowed. NULL: no unit does. */
static const struct unit *likely_unit(const struct param *p, struct decimal number)
{
    const struct notation *n = &notations[p->type];
    size_t usual = 0;
    while (strcmp(n->units[usual].name, p->unit ? p->unit : n->usual) != 0)
        usual++;
    for (size_t i = usual; n->units[i].name; i++)
        if (is_allowed(p, number, &n->units[i]))
            return &n->units[i];
    for (size_t i = usual; i-- > 0;)
        if (is_allowed(p, number, &n->units[i]))
            return &n->units[i];
    return NULL;
}

static enum err_code refuse_no_unit(const struct param *p, const char *text,
                                    struct decimal number, struct err *err)
{
    const char *tail = notations[p->type].tail;
    const struct unit *unit = likely_unit(p, number);
    char allowed[160];
    if (!unit)
        return err_set(err, ERR_INVALID, "%s: '%s' has no unit; allowed is %s", p->name, text,
                       param_allowed(p, allowed, sizeof allowed));
    return err_set(err, ERR_INVALID, "%s: '%s' has no unit; write %.*s%s%s%s", p->name, text,
                   (int)strcspn(text, " "), text, unit->name, *tail ? " " : "", tail);
}

static enum err_code refuse_unit(const struct param *p, const char *text, const char *unit,
                                 size_t length, struct err *err)
{
    const struct notation *n = &notations[p->type];
    if (n->units == count_units)
        return refuse_number(p, text, err);

    char known[64];
    struct list l = {known, sizeof known, 0};
    size_t count = 0;
    while (n->units[count].name)
        count++;
    for (size_t i = 0; i < count; i++)
        list_add(&l, "%s%s", joint(i, count), n->units[i].name);
    return err_set(err, ERR_INVALID, "%s: unknown unit '%.*s' in '%s'; use %s", p->name,
                   (int)length, unit, text, known);
}

/* --- parsing ---------------------------------------------------------------------- */

/* Does `tail` ("per region") close `text`? `length` becomes what is before it. */
static bool split_tail(const char *text, const char *tail, size_t *length)
{
    size_t all = strlen(text), end = strlen(tail);
    *length = all;
    if (end == 0)
        return true;
    if (all <= end || strcmp(text + all - end, tail) != 0 || text[all - end - 1] != ' ')
        return false;
    for (*length = all - end; *length > 0 && text[*length - 1] == ' ';)
        --*length;
    return true;
}

static enum err_code parse_number(const struct param *p, const char *text, int64_t *out,
                                  struct err *err)
{
    const struct notation *n = &notations[p->type];
    struct decimal number;
    const char *rest = read_decimal(text, &number);
    if (!rest)
        return refuse_number(p, text, err);

    size_t length;
    bool closed = split_tail(text, n->tail, &length);
    size_t unit_length = closed ? length - (size_t)(rest - text) : strlen(rest);
    const struct unit *unit = find_unit(n->units, rest, unit_length);
    if (!unit && unit_length == 0)
        return refuse_no_unit(p, text, number, err);
    if (!unit)
        return refuse_unit(p, text, rest, unit_length, err);
    if (!closed)
        return err_set(err, ERR_INVALID, "%s: '%s' does not say for what; write %s %s", p->name,
                       text, text, n->tail);

    int64_t value = 0;
    enum scaled scaled = scale(number, unit, &value);
    if (scaled == SCALED_TOO_FINE)
        return err_set(err, ERR_INVALID, "%s: '%s' is too fine; the smallest step is %s",
                       p->name, text, n->step);
    if (scaled == SCALED_TOO_LARGE || value < p->min || value > p->max)
        return refuse_range(p, text, err);
    *out = value;
    return ERR_OK;
}

static enum err_code parse_choice(const struct param *p, const char *text, int64_t *out,
                                  struct err *err)
{
    static const char *const flags[] = {"false", "true", NULL};
    const char *const *choices = p->type == PARAM_FLAG ? flags : p->choices;
    for (int64_t i = 0; choices[i]; i++) {
        if (strcmp(text, choices[i]) != 0)
            continue;
        *out = i;
        return ERR_OK;
    }
    char allowed[320];
    return err_set(err, ERR_INVALID, "%s: '%s' is not %s", p->name, text,
                   param_allowed(p, allowed, sizeof allowed));
}

static int64_t *number_field(const struct param *p, void *target)
{
    assert(!is_text(p->type));
    return (int64_t *)(void *)((char *)target + p->offset);
}

static const char **text_field(const struct param *p, void *target)
{
    assert(is_text(p->type));
    return (const char **)(void *)((char *)target + p->offset);
}

static enum err_code parse_text(const struct param *p, const char *text, void *target,
                                struct arena *arena, struct err *err)
{
    if (p->type == PARAM_TARGET && *text == '\0')
        return err_set(err, ERR_INVALID, "%s: '' names nobody; name a region, node or role",
                       p->name);
    const char *copy = arena_copy_text(arena, text);
    if (!copy)
        return err_set(err, ERR_NOMEM, "%s: no memory for its value", p->name);
    *text_field(p, target) = copy;
    return ERR_OK;
}

enum err_code param_parse(const struct param *p, const char *text, void *target,
                          struct arena *arena, struct err *err)
{
    if (is_text(p->type))
        return parse_text(p, text, target, arena, err);
    return is_number(p->type) ? parse_number(p, text, number_field(p, target), err)
                              : parse_choice(p, text, number_field(p, target), err);
}

/* --- defaults --------------------------------------------------------------------- */

void param_defaults(const struct param *params, void *target)
{
    for (const struct param *p = params; p->name; p++) {
        if (is_text(p->type))
            *text_field(p, target) = p->text_otherwise;
        else
            *number_field(p, target) = p->otherwise;
    }
}

/* --- telling ---------------------------------------------------------------------- */

static const char *format_number(enum param_type type, int64_t value, char *out, size_t size)
{
    switch (type) {
    case PARAM_DURATION: return units_duration(value, out, size);
    case PARAM_PERCENT: return units_percent(value, out, size);
    case PARAM_SIZE: return units_size(value, out, size);
    case PARAM_RATE_PER_REGION: return units_rate(value, out, size);
    default: return units_decimal(value, 1, "", out, size);
    }
}

/* Out of range only when a caller broke the field; told as it is. */
static const char *choice_name(const struct param *p, int64_t index)
{
    if (p->type == PARAM_FLAG)
        return index ? "true" : "false";
    for (int64_t i = 0; p->choices[i]; i++)
        if (i == index)
            return p->choices[i];
    return "?";
}

const char *param_format(const struct param *p, const void *target, char *out, size_t size)
{
    const void *field = (const char *)target + p->offset;
    if (is_text(p->type)) {
        const char *text = param_text(p, target);
        snprintf(out, size, "%s", text ? text : "");
        return out;
    }
    int64_t value = *(const int64_t *)field;
    if (!is_number(p->type)) {
        snprintf(out, size, "%s", choice_name(p, value));
        return out;
    }
    char number[48];
    const char *tail = notations[p->type].tail;
    snprintf(out, size, "%s%s%s", format_number(p->type, value, number, sizeof number),
             *tail ? " " : "", tail);
    return out;
}

const char *param_text(const struct param *p, const void *target)
{
    assert(is_text(p->type));
    return *(const char *const *)(const void *)((const char *)target + p->offset);
}

const struct param *param_find(const struct param *params, const char *name)
{
    for (const struct param *p = params; p->name; p++)
        if (strcmp(p->name, name) == 0)
            return p;
    return NULL;
}

static const char *allowed_range(const struct param *p, char *out, size_t size)
{
    char min[48], max[48];
    format_number(p->type, p->min, min, sizeof min);
    format_number(p->type, p->max, max, sizeof max);
    const char *tail = notations[p->type].tail, *gap = *tail ? " " : "";
    if (p->max == INT64_MAX)
        snprintf(out, size, "%s%s%s or more", min, gap, tail);
    else
        snprintf(out, size, "%s to %s%s%s", min, max, gap, tail);
    return out;
}

static const char *allowed_choices(const struct param *p, char *out, size_t size)
{
    struct list l = {out, size, 0};
    size_t count = 0;
    while (p->choices[count])
        count++;
    for (size_t i = 0; i < count; i++)
        list_add(&l, "%s%s", joint(i, count), p->choices[i]);
    return out;
}

const char *param_allowed(const struct param *p, char *out, size_t size)
{
    out[0] = '\0';
    if (is_number(p->type))
        return allowed_range(p, out, size);
    if (p->type == PARAM_CHOICE)
        return allowed_choices(p, out, size);
    snprintf(out, size, "%s",
             p->type == PARAM_FLAG   ? "true or false"
             : p->type == PARAM_TEXT ? "any text"
                                     : "a region, node or role");
    return out;
}

/* --- catalogues ------------------------------------------------------------------- */

const struct plugin *catalogue_find(const struct catalogue *c, const char *name)
{
    for (const struct plugin *const *p = c->all; *p; p++)
        if (strcmp((*p)->name, name) == 0)
            return *p;
    return NULL;
}

const char *catalogue_names(const struct catalogue *c, char *out, size_t size)
{
    struct list l = {out, size, 0};
    size_t count = 0;
    while (c->all[count])
        count++;
    out[0] = '\0';
    for (size_t i = 0; i < count; i++)
        list_add(&l, "%s%s", joint(i, count), c->all[i]->name);
    return out;
}
