/* Any bytes are JSON to our scanner exactly when they are to jansson, and then they hold
 * the same. One thing we refuse alone: jansson passes over a NUL behind a number. */
#include <assert.h>
#include <jansson.h>
#include <string.h>

#include "history/json_scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct scan scan;

static void expect_same(const struct scan_value *v, const json_t *json);

static void expect_same_items(const json_t *json)
{
    struct scan_value v;
    size_t count = 0;
    assert(json_is_array(json));
    for (; scan_item(&scan); count++) {
        bool read = scan_value(&scan, &v);
        assert(read);
        expect_same(&v, json_array_get(json, count));
    }
    assert(!scan.why && count == json_array_size(json));
}

static void expect_same_members(const json_t *json)
{
    struct scan_value v;
    struct scan_member m;
    size_t count = 0;
    assert(json_is_object(json));
    for (; scan_member(&scan, &m); count++) {
        bool read = scan_value(&scan, &v);
        assert(read);
        expect_same(&v, json_object_getn(json, (const char *)m.text.at, m.text.size));
    }
    assert(!scan.why && count == json_object_size(json));
}

static bool same_bits(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

/* `v`, whose inside is still to be scanned. */
static void expect_same(const struct scan_value *v, const json_t *json)
{
    switch (v->type) {
    case SCAN_NULL: assert(json_is_null(json)); return;
    case SCAN_FALSE: assert(json_is_false(json)); return;
    case SCAN_TRUE: assert(json_is_true(json)); return;
    case SCAN_INTEGER:
        assert(json_is_integer(json) && json_integer_value(json) == v->integer);
        return;
    case SCAN_REAL:
        assert(json_is_real(json) && same_bits(json_real_value(json), v->real));
        return;
    case SCAN_TEXT:
        assert(json_is_string(json) && json_string_length(json) == v->text.size);
        assert(memcmp(json_string_value(json), v->text.at, v->text.size) == 0);
        return;
    case SCAN_ARRAY: expect_same_items(json); return;
    case SCAN_OBJECT: expect_same_members(json); return;
    }
}

/* Is `text` one array or object and nothing else? */
static bool passes(struct bytes text)
{
    struct scan_value v;
    scan_begin(&scan, text);
    bool read = scan_value(&scan, &v) && scan_skip(&scan, &v) && scan_end(&scan);
    assert(read == !scan.why);
    if (!read)
        assert(scan.at >= scan.start && scan.at <= scan.end);
    return read && (v.type == SCAN_ARRAY || v.type == SCAN_OBJECT);
}

/* A scanner that looks for names, and one that looks for none, read the same. */
static void compare(struct bytes text, const json_t *json, struct scan_known *known)
{
    struct scan_value v;
    scan_init(&scan, known);
    bool passed = passes(text);
    assert(passed == (json != NULL && !memchr(text.at, 0, text.size)));
    if (passed) {
        scan_begin(&scan, text);
        bool read = scan_value(&scan, &v);
        assert(read);
        expect_same(&v, json);
    }
    scan_done(&scan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"",   "a",  "b",    "op",          "ret",
                                        "n1", "n2", "node", "returned_at", "a\\b"};
    struct scan_known known = {.count = 0};
    struct bytes text = {data ? data : (const uint8_t *)"", size};
    json_error_t why;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        scan_know(&known, (struct bytes){(const uint8_t *)names[i], strlen(names[i])});
    json_t *json = json_loadb((const char *)text.at, size, JSON_REJECT_DUPLICATES, &why);
    compare(text, json, NULL);
    compare(text, json, &known);
    compare(text, json, &known); /* which now has an idea of what comes */
    json_decref(json);
    return 0;
}
