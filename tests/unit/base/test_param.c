#include "tests/support/test.h"

#include <string.h>

#include "base/arena.h"
#include "base/param.h"

struct config {
    int64_t delay_ns, length_ns, loss_ppm, memory_bytes, keys, clients, rate_per_ks, keep,
        chooser;
    const char *note, *node;
};

static const char *const choosers[] = {"uniform", "zipfian", "hot", NULL};

#define FIELD(f) .offset = offsetof(struct config, f)
static const struct param params[] = {
    {.name = "delay",
     .type = PARAM_DURATION,
     FIELD(delay_ns),
     .max = 10000000000,
     .otherwise = 80000000},
    {.name = "length",
     .type = PARAM_DURATION,
     FIELD(length_ns),
     .min = 1000000000,
     .max = 86400000000000},
    {.name = "loss", .type = PARAM_PERCENT, FIELD(loss_ppm), .max = 1000000, .otherwise = 5000},
    {.name = "memory",
     .type = PARAM_SIZE,
     FIELD(memory_bytes),
     .min = 1 << 20,
     .max = INT64_MAX,
     .otherwise = 1 << 30},
    {.name = "keys",
     .type = PARAM_COUNT,
     FIELD(keys),
     .min = 1,
     .max = INT64_MAX,
     .otherwise = 20},
    {.name = "clients",
     .type = PARAM_COUNT_PER_REGION,
     FIELD(clients),
     .min = 1,
     .max = 64,
     .otherwise = 4},
    {.name = "rate",
     .type = PARAM_RATE_PER_REGION,
     FIELD(rate_per_ks),
     .min = 1,
     .max = 10000000,
     .otherwise = 100000},
    {.name = "keep", .type = PARAM_FLAG, FIELD(keep), .otherwise = 1},
    {.name = "chooser",
     .type = PARAM_CHOICE,
     FIELD(chooser),
     .choices = choosers,
     .otherwise = 1},
    {.name = "note", .type = PARAM_TEXT, FIELD(note)},
    {.name = "node", .type = PARAM_TARGET, FIELD(node), .text_otherwise = "leader"},
    {.name = NULL},
};

static int64_t number_at(const struct param *p, const struct config *c)
{
    return *(const int64_t *)(const void *)((const char *)c + p->offset);
}

static void text_becomes_the_number_it_says(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
        int64_t want;
        const char *told; /* by param_format; NULL: the text itself */
    } cases[] = {
        {"delay", "80ms", 80000000, NULL},
        {"delay", "0s", 0, NULL},
        {"delay", "0.1s", 100000000, "100ms"},
        {"delay", "1.000000001s", 1000000001, NULL},
        {"delay", "0.05m", 3000000000, "3s"},
        {"delay", "1500us", 1500000, "1.5ms"},
        {"delay", "1.50000000000000s", 1500000000, "1.5s"},
        {"delay", "10s", 10000000000, NULL},
        {"loss", "0.5%", 5000, NULL},
        {"loss", "100%", 1000000, NULL},
        {"loss", "7ppm", 7, "0.0007%"},
        {"memory", "64M", 64 << 20, NULL},
        {"memory", "1.5G", INT64_C(3) << 29, "1536M"},
        {"memory", "2097153B", 2097153, NULL},
        {"memory", "1048577K", INT64_C(1048577) << 10, NULL},
        {"memory", "2T", INT64_C(2) << 40, NULL},
        {"keys", "12", 12, NULL},
        {"keys", "9223372036854775807", INT64_MAX, NULL},
        {"keys", "12.0", 12, "12"},
        {"clients", "4 per region", 4, NULL},
        {"clients", "4  per region", 4, "4 per region"},
        {"rate", "100/s per region", 100000, NULL},
        {"rate", "0.001/s per region", 1, NULL},
        {"rate", "6/min per region", 100, "0.1/s per region"},
        {"keep", "true", 1, NULL},
        {"keep", "false", 0, NULL},
        {"chooser", "uniform", 0, NULL},
        {"chooser", "hot", 2, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("%s: %s\n", cases[i].name, cases[i].text);
        const struct param *p = param_find(params, cases[i].name);
        struct config c = {0};
        struct err err = {0};
        char told[64];
        assert_int_equal(param_parse(p, cases[i].text, &c, NULL, &err), ERR_OK);
        assert_int_equal(number_at(p, &c), cases[i].want);
        assert_string_equal(param_format(p, &c, told, sizeof told),
                            cases[i].told ? cases[i].told : cases[i].text);
    }
}

struct refused {
    const char *name, *text, *want;
};

static void is_refused(const struct refused *r)
{
    struct config c, before;
    memset(&c, 0x55, sizeof c);
    before = c;
    struct err err = {0};
    struct arena arena = {0};
    enum err_code code = param_parse(param_find(params, r->name), r->text, &c, &arena, &err);
    print_message("%s\n", err.msg);
    assert_int_equal(code, ERR_INVALID);
    assert_non_null(strstr(err.msg, r->want));
    assert_int_equal(strncmp(err.msg, r->name, strlen(r->name)), 0);
    assert_memory_equal(&c, &before, sizeof c);
    arena_done(&arena);
}

/* A unit is suggested only where the number is allowed with it. */
static void a_missing_unit_is_suggested(void **state)
{
    (void)state;
    static const struct refused cases[] = {
        {"delay", "200", "delay: '200' has no unit; write 200ms"},
        {"delay", "20000", "delay: '20000' has no unit; write 20000us"},
        {"delay", "-3", "delay: '-3' has no unit; allowed is 0s to 10s"},
        {"length", "12", "length: '12' has no unit; write 12s"},
        {"length", "0", "length: '0' has no unit; allowed is 1s to 24h"},
        {"loss", "0.5", "loss: '0.5' has no unit; write 0.5%"},
        {"loss", "500", "loss: '500' has no unit; write 500ppm"},
        {"memory", "64", "memory: '64' has no unit; write 64M"},
        {"rate", "100", "rate: '100' has no unit; write 100/s per region"},
        {"rate", "100 per region", "has no unit; write 100/s per region"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        is_refused(&cases[i]);
}

static void bad_text_is_refused_with_what_is_allowed(void **state)
{
    (void)state;
    static const struct refused cases[] = {
        {"delay", "90s", "delay: '90s' is outside 0s to 10s"},
        {"delay", "-1ms", "delay: '-1ms' is outside 0s to 10s"},
        {"delay", "99999999999999999999s", "is outside 0s to 10s"},
        {"delay", "9223372036854775807h", "is outside 0s to 10s"},
        {"delay", "0.5ns", "delay: '0.5ns' is too fine; the smallest step is 1ns"},
        {"delay", "0.00000000000000000000001s", "is too fine"},
        {"delay", "0.99999999999999999999999s", "is too fine"},
        {"delay", "80 ms", "unknown unit ' ms' in '80 ms'; use ns, us, ms, s, m or h"},
        {"delay", "1e3", "unknown unit 'e3'"},
        {"delay", "fast", "delay: 'fast' is not a duration; allowed is 0s to 10s"},
        {"delay", "", "delay: '' is not a duration"},
        {"delay", "012ms", "is not a duration"},
        {"delay", "inf", "is not a duration"},
        {"delay", "1.s", "unknown unit '.s'"},
        {"loss", "101%", "loss: '101%' is outside 0% to 100%"},
        {"loss", "0.00001%", "the smallest step is 0.0001%"},
        {"memory", "64MB", "unknown unit 'MB' in '64MB'; use B, K, M, G or T"},
        {"memory", "1K", "memory: '1K' is outside 1M or more"},
        {"memory", "much", "memory: 'much' is not a size; allowed is 1M or more"},
        {"memory", "1.0001M", "the smallest step is 1B"},
        {"keys", "1.5", "too fine"},
        {"keys", "0", "keys: '0' is outside 1 or more"},
        {"keys", "12ms", "keys: '12ms' is not a whole number; allowed is 1 or more"},
        {"keys", "9223372036854775808", "is outside 1 or more"},
        {"clients", "4", "clients: '4' does not say for what; write 4 per region"},
        {"clients", "4per region", "is not a whole number; allowed is 1 to 64 per region"},
        {"clients", "4 per node", "is not a whole number"},
        {"clients", "65 per region", "clients: '65 per region' is outside 1 to 64 per region"},
        {"clients", " per region", "is not a whole number"},
        {"rate", "100/s", "rate: '100/s' does not say for what; write 100/s per region"},
        {"rate", "1/h per region", "unknown unit '/h' in '1/h per region'; use /s or /min"},
        {"rate", "1/min per region", "the smallest step is 0.001/s"},
        {"rate", "0/s per region", "is outside 0.001/s to 10000/s per region"},
        {"keep", "yes", "keep: 'yes' is not true or false"},
        {"chooser", "Hot", "chooser: 'Hot' is not uniform, zipfian or hot"},
        {"node", "", "node: '' names nobody; name a region, node or role"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        is_refused(&cases[i]);
}

static void texts_are_copied(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct config c = {0};
    struct err err = {0};
    char text[] = "all but 1 follower", told[64];
    const struct param *node = param_find(params, "node");
    assert_int_equal(param_parse(node, text, &c, &arena, &err), ERR_OK);
    text[0] = 'X';
    assert_string_equal(c.node, "all but 1 follower");
    assert_string_equal(param_format(node, &c, told, sizeof told), "all but 1 follower");
    assert_int_equal(param_parse(param_find(params, "note"), "", &c, &arena, &err), ERR_OK);
    assert_string_equal(c.note, "");
    arena_done(&arena);

    struct arena full = {.limit_bytes = 1};
    assert_int_equal(param_parse(node, "x", &c, &full, &err), ERR_NOMEM);
}

static void defaults_fill_every_field(void **state)
{
    (void)state;
    struct config c;
    memset(&c, 0x55, sizeof c);
    param_defaults(params, &c);
    assert_int_equal(c.delay_ns, 80000000);
    assert_int_equal(c.rate_per_ks, 100000);
    assert_int_equal(c.chooser, 1);
    assert_null(c.note);
    assert_string_equal(c.node, "leader");
    char told[64];
    assert_string_equal(param_format(param_find(params, "note"), &c, told, sizeof told), "");
    assert_null(param_find(params, "no-such"));
}

static void allowed_values_are_told_for_every_type(void **state)
{
    (void)state;
    static const char *const want[] = {"0s to 10s",
                                       "1s to 24h",
                                       "0% to 100%",
                                       "1M or more",
                                       "1 or more",
                                       "1 to 64 per region",
                                       "0.001/s to 10000/s per region",
                                       "true or false",
                                       "uniform, zipfian or hot",
                                       "any text",
                                       "a region, node or role"};
    char text[64], tiny[5];
    for (size_t i = 0; params[i].name; i++)
        assert_string_equal(param_allowed(&params[i], text, sizeof text), want[i]);
    assert_string_equal(param_allowed(param_find(params, "chooser"), tiny, sizeof tiny),
                        "unif");
}

static void catalogues_find_and_name_their_plugins(void **state)
{
    (void)state;
    static const struct plugin a = {.name = "latency"}, b = {.name = "loss"},
                               c = {.name = "cut"};
    static const struct plugin *const all[] = {&a, &b, &c, NULL}, *const one[] = {&a, NULL},
                                      *const none[] = {NULL};
    struct catalogue faults = {"fault", all}, single = {"fault", one}, empty = {"fault", none};
    char names[64];
    assert_ptr_equal(catalogue_find(&faults, "loss"), &b);
    assert_null(catalogue_find(&faults, "los"));
    assert_string_equal(catalogue_names(&faults, names, sizeof names), "latency, loss or cut");
    assert_string_equal(catalogue_names(&single, names, sizeof names), "latency");
    assert_string_equal(catalogue_names(&empty, names, sizeof names), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_becomes_the_number_it_says),
        cmocka_unit_test(a_missing_unit_is_suggested),
        cmocka_unit_test(bad_text_is_refused_with_what_is_allowed),
        cmocka_unit_test(texts_are_copied),
        cmocka_unit_test(defaults_fill_every_field),
        cmocka_unit_test(allowed_values_are_told_for_every_type),
        cmocka_unit_test(catalogues_find_and_name_their_plugins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
