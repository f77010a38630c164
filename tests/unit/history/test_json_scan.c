#include "tests/support/test.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "history/json_scan.h"

static struct scan scan;

static struct bytes bytes_of(const char *text)
{
    return (struct bytes){(const uint8_t *)text, strlen(text)};
}

/* The only item of an array. */
static struct scan_value item_of(const char *text)
{
    struct scan_value v;
    scan_begin(&scan, bytes_of(text));
    assert_true(scan_value(&scan, &v));
    assert_int_equal(v.type, SCAN_ARRAY);
    assert_true(scan_item(&scan) && scan_value(&scan, &v) && scan_skip(&scan, &v));
    assert_false(scan_item(&scan));
    assert_true(scan_end(&scan));
    return v;
}

static bool passes(struct bytes text)
{
    struct scan_value v;
    scan_begin(&scan, text);
    return scan_value(&scan, &v) && scan_skip(&scan, &v) && scan_end(&scan);
}

static void integers_are_those_of_64_bits(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t want;
    } cases[] = {{"[0]", 0},
                 {"[-0]", 0},
                 {"[ 7 ]", 7},
                 {"[-120]", -120},
                 {"[9223372036854775807]", INT64_MAX},
                 {"[-9223372036854775808]", INT64_MIN}};
    scan_init(&scan, NULL);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct scan_value v = item_of(cases[i].text);
        print_message("%s\n", cases[i].text);
        assert_int_equal(v.type, SCAN_INTEGER);
        assert_true(v.integer == cases[i].want);
    }
    scan_done(&scan);
}

static void reals_are_what_strtod_says(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "1.5", "-0.0", "1e3", "2.5E-10", "0e0", "1e-400", "1.7976931348623157e308", "0.1"};
    scan_init(&scan, NULL);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char text[64];
        snprintf(text, sizeof text, "[%s]", cases[i]);
        struct scan_value v = item_of(text);
        double want = strtod(cases[i], NULL);
        print_message("%s\n", text);
        assert_int_equal(v.type, SCAN_REAL);
        assert_memory_equal(&v.real, &want, sizeof want);
    }
    scan_done(&scan);
}

static void texts_come_without_their_escapes(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"[\"\"]", ""},
        {"[\"plain and long enough for two words\"]", "plain and long enough for two words"},
        {"[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]", "\"\\/\b\f\n\r\t"},
        {"[\"a\\u0041\\u00e9\\u20acz\"]", "aA\xc3\xa9\xe2\x82\xacz"},
        {"[\"\\ud83d\\ude00\"]", "\xf0\x9f\x98\x80"},
        {"[\"\xc3\xa9\\n\xe2\x82\xac\"]", "\xc3\xa9\n\xe2\x82\xac"},
        {"[\"\x7f\"]", "\x7f"},
    };
    scan_init(&scan, NULL);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct scan_value v = item_of(cases[i].text);
        print_message("%s\n", cases[i].text);
        assert_int_equal(v.type, SCAN_TEXT);
        assert_int_equal(v.text.size, strlen(cases[i].want));
        assert_memory_equal(v.text.at, cases[i].want, v.text.size);
        assert_int_equal(v.source.size, strlen(cases[i].text) - 2);
    }
    scan_done(&scan);
}

static void what_is_no_json_is_refused_where_it_goes_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t column; /* from 1 */
        const char *why;
    } cases[] = {
        {"", 1, "it ends where a value has to be"},
        {"[1", 3, "neither ',' nor ']'"},
        {"[1 2]", 4, "neither ',' nor ']'"},
        {"{\"a\":1 \"b\":2}", 8, "neither ',' nor '}'"},
        {"[1,]", 4, "a value that is none"},
        {"{\"a\":1,}", 8, "no name in quotes"},
        {"{1:2}", 2, "no name in quotes"},
        {"{\"a\" 1}", 6, "no ':' behind a name"},
        {"[NaN]", 2, "a value that is none"},
        {"[tru", 2, "a value that is none"},
        {"[nullx]", 6, "neither ',' nor ']'"},
        {"[01]", 2, "a number that is none"},
        {"[-]", 2, "a number that is none"},
        {"[1.]", 2, "a number that is none"},
        {"[1e+]", 2, "a number that is none"},
        {"[.5]", 2, "a value that is none"},
        {"[1e400]", 2, "a number beyond what is finite"},
        {"[9223372036854775808]", 2, "an integer beyond 64 bits"},
        {"[-9223372036854775809]", 2, "an integer beyond 64 bits"},
        {"[123456789012345678901]", 2, "an integer beyond 64 bits"},
        {"[\"a", 4, "a text without its end"},
        {"[\"a\nb\"]", 4, "a control character in a text"},
        {"[\"a\\x\"]", 4, "an escape that is none"},
        {"[\"\\u12g4\"]", 3, "\\u without four hex digits"},
        {"[\"\\u0000\"]", 3, "\\u0000 is not allowed"},
        {"[\"\\ud83d\"]", 3, "half of a surrogate pair"},
        {"[\"\\ud83d\\u0041\"]", 3, "half of a surrogate pair"},
        {"[\"\\ude00\"]", 3, "half of a surrogate pair"},
        {"[\"\xc0\x80\"]", 3, "not UTF-8"},         /* longer than need be */
        {"[\"\xe0\x80\x80\"]", 3, "not UTF-8"},     /* the same */
        {"[\"\xed\xa0\x80\"]", 3, "not UTF-8"},     /* a surrogate */
        {"[\"\xf4\x90\x80\x80\"]", 3, "not UTF-8"}, /* past the last */
        {"[\"\xe2\x82\"]", 3, "not UTF-8"},         /* cut */
        {"{\"a\":1,\"a\":2}", 8, "a name given twice"},
        {"{\"a\":1,\"\\u0061\":2}", 8, "a name given twice"},
        {"[{\"b\":{\"c\":1,\"c\":1}}]", 14, "a name given twice"},
        {"{} x", 4, "something behind its end"},
        {"{}{}", 3, "something behind its end"},
        {"\xef\xbb\xbf{}", 1, "a value that is none"},
    };
    scan_init(&scan, NULL);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("%s\n", cases[i].text);
        assert_false(passes(bytes_of(cases[i].text)));
        assert_string_equal(scan.why, cases[i].why);
        assert_int_equal(scan.at - scan.start + 1, cases[i].column);
    }
    scan_done(&scan);
}

static void values_are_in_each_other_only_so_far(void **state)
{
    (void)state;
    static uint8_t text[2 * SCAN_DEPTH_MAX + 3];
    scan_init(&scan, NULL);
    for (size_t depth = SCAN_DEPTH_MAX - 1; depth <= SCAN_DEPTH_MAX + 1; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        assert_int_equal(passes((struct bytes){text, 2 * depth}), depth <= SCAN_DEPTH_MAX);
        text[depth] = '1';
        memset(text + depth + 1, ']', depth);
        assert_int_equal(passes((struct bytes){text, 2 * depth + 1}), depth < SCAN_DEPTH_MAX);
    }
    scan_done(&scan);
}

static void names_that_are_looked_for_are_numbered(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"op\":1,\"a name of over sixteen bytes\":2,\"other\":3}",
        "{ \"op\" : 1 , \"a name of over sixteen bytes\" : 2, \"other\":3}",
        "{\"\\u006fp\":1,\"a name of over sixteen bytes\":2,\"other\":3}",
    };
    struct scan_known known = {.count = 0};
    assert_int_equal(scan_know(&known, bytes_of("op")), 0);
    assert_int_equal(scan_know(&known, bytes_of("a name of over sixteen bytes")), 1);
    assert_int_equal(scan_know(&known, bytes_of("op")), 0);
    scan_init(&scan, &known);
    for (size_t i = 0; i < 3 * ARRAY_LEN(texts); i++) {
        struct scan_value v;
        struct scan_member m;
        scan_begin(&scan, bytes_of(texts[i % ARRAY_LEN(texts)]));
        assert_true(scan_value(&scan, &v));
        for (int known_as = 0; known_as < 3; known_as++) {
            assert_true(scan_member(&scan, &m) && scan_value(&scan, &v));
            assert_int_equal(m.known, known_as < 2 ? known_as : -1);
            assert_int_equal(v.integer, known_as + 1);
        }
        assert_int_equal(m.text.size, 5);
        assert_false(scan_member(&scan, &m));
        assert_true(scan_end(&scan));
    }
    assert_false(passes(bytes_of("{\"op\":1,\"other\":1,\"op\":1}")));
    assert_string_equal(scan.why, "a name given twice");
    scan_done(&scan);
}

static void the_many_names_of_a_large_object_are_compared(void **state)
{
    (void)state;
    static char text[8000];
    scan_init(&scan, NULL);
    for (int names = 90; names <= 100; names++) {
        size_t used = 0;
        for (int i = 0; i < 100; i++)
            used += (size_t)snprintf(text + used, sizeof text - used, "%c\"n%d\":[{}]",
                                     i ? ',' : '{', i % names);
        snprintf(text + used, sizeof text - used, "}");
        assert_int_equal(passes(bytes_of(text)), names == 100);
    }
    scan_done(&scan);
}

static size_t read_file(const char *path, uint8_t *into, size_t room)
{
    FILE *in = fopen(path, "rb");
    assert_non_null(in);
    size_t size = fread(into, 1, room, in);
    assert_true(size < room);
    fclose(in);
    return size;
}

/* What the fuzzer starts from: taken exactly when jansson takes it, NULs aside. */
static void every_seed_is_taken_as_by_jansson(void **state)
{
    (void)state;
    static uint8_t bytes[1 << 16];
    static const char folder[] = "tests/fuzz/corpus/json_scan";
    DIR *dir = opendir(folder);
    int taken = 0, refused = 0;
    assert_non_null(dir);
    scan_init(&scan, NULL);
    for (struct dirent *entry; (entry = readdir(dir));) {
        char path[400];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] == '.')
            continue;
        struct bytes text = {bytes, read_file(path, bytes, sizeof bytes)};
        json_error_t why;
        json_t *json = json_loadb((const char *)bytes, text.size,
                                  JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
        bool same = passes(text) == (json && !memchr(bytes, 0, text.size));
        print_message("%s: %s\n", entry->d_name, scan.why ? scan.why : "taken");
        assert_true(same);
        taken += json != NULL;
        refused += json == NULL;
        json_decref(json);
    }
    closedir(dir);
    scan_done(&scan);
    assert_true(taken > 10 && refused > 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_are_those_of_64_bits),
        cmocka_unit_test(reals_are_what_strtod_says),
        cmocka_unit_test(texts_come_without_their_escapes),
        cmocka_unit_test(what_is_no_json_is_refused_where_it_goes_wrong),
        cmocka_unit_test(values_are_in_each_other_only_so_far),
        cmocka_unit_test(names_that_are_looked_for_are_numbered),
        cmocka_unit_test(the_many_names_of_a_large_object_are_compared),
        cmocka_unit_test(every_seed_is_taken_as_by_jansson),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
