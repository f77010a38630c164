#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/document.h"

static struct bytes bytes_of(const char *text)
{
    return (struct bytes){(const uint8_t *)text, strlen(text)};
}

static struct document *parsed(const char *text)
{
    struct document *d = NULL;
    struct err err = {0};
    if (document_parse("x.yaml", bytes_of(text), &d, &err))
        fail_msg("%s", err.msg);
    return d;
}

static char dumped[4096];

static const char *dump(const struct document *d)
{
    char *text = json_dumps(document_root(d), JSON_COMPACT);
    snprintf(dumped, sizeof dumped, "%s", text);
    free(text);
    return dumped;
}

static void good_documents_become_values(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"a: 1\nb: [x, 2ms]\n", "{\"a\":\"1\",\"b\":[\"x\",\"2ms\"]}"},
        {"us-east <-> eu-west: {one_way: 40ms}",
         "{\"us-east <-> eu-west\":{\"one_way\":\"40ms\"}}"},
        {"{\"a\": 1, \"b\": [true, null, 1.5]}", "{\"a\":1,\"b\":[true,null,1.5]}"},
        {" \n{\"a\": \"\\ud83d\\ude00\"}", "{\"a\":\"\xf0\x9f\x98\x80\"}"},
        {"a: on\nb: 012\nc: 12:30\nd: ~\n",
         "{\"a\":\"on\",\"b\":\"012\",\"c\":\"12:30\",\"d\":\"~\"}"},
        {"a: ''\nb: \"\"\n", "{\"a\":\"\",\"b\":\"\"}"},
        {"c: 4 per region\nr: 100/s per region\nt: leader + 1 follower\n",
         "{\"c\":\"4 per region\",\"r\":\"100/s per region\",\"t\":\"leader + 1 follower\"}"},
        {"'<<': x\n", "{\"<<\":\"x\"}"},
        {"\xef\xbb\xbf"
         "a: b\n",
         "{\"a\":\"b\"}"},
        {"--- # only one\na: b\n...\n", "{\"a\":\"b\"}"},
        {"a: |\n  two\n  lines\n", "{\"a\":\"two\\nlines\\n\"}"},
        {"{}", "{}"},
        {"a: {}\nb: []\n", "{\"a\":{},\"b\":[]}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("%s\n", cases[i].want);
        struct document *d = parsed(cases[i].text);
        assert_string_equal(dump(d), cases[i].want);
        document_free(d);
    }
}

static void bad_documents_are_refused_with_a_sentence(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"a: 1\nb: 2\na: 3\n", "x.yaml:3: key 'a' is here twice; the first is on line 1"},
        {"{\"a\": 1,\n\"a\": 2}", "x.yaml:2: it begins with '{' but is not JSON: duplicate"},
        {"{a: 1}", "x.yaml:1: it begins with '{' but is not JSON"},
        {"a: 1\n---\nb: 2\n", "x.yaml:2: a second document"},
        {"", "x.yaml: it is empty"},
        {"# nothing\n", "x.yaml: it is empty"},
        {"---\n", "x.yaml: it is empty"},
        {"k: {a,b}\n", "x.yaml:1: key 'a' has no value; write 'a: VALUE'"},
        {"k: {c:2}\n", "x.yaml:1: key 'c:2' has no value; write 'c: 2'"},
        {"a:\nb: 2\n", "x.yaml:1: key 'a' has no value"},
        {"a: [1,\n  '', ~]\nb:\n  -\n", "x.yaml:4: a value is missing"},
        {"? [a]\n: b\n", "x.yaml:1: a list or mapping as a key"},
        {"? {a: b}\n: b\n", "x.yaml:1: a list or mapping as a key"},
        {"k: {: b}\n", "x.yaml:1: at ':': a key or a value is missing"},
        {"? \n: b\n", "x.yaml:1: a key is empty"},
        {": b\n", "x.yaml:1: at ':'"},
        {"a: &x 1\nb: *x\n", "x.yaml:1: anchor '&x'"},
        {"a: 1\nb: *x\n", "x.yaml:2: alias '*x'"},
        {"<<: {a: 1}\n", "x.yaml:1: merge key"},
        {"a: !!int 3\n", "x.yaml:1: tag 'tag:yaml.org,2002:int'"},
        {"!x {a: 1}\n", "x.yaml:1: tag '!x'"},
        {"!x\n", "x.yaml:1: tag '!x'"},
        {"a: \"x\\0y\"\n", "x.yaml:1: a text with a NUL"},
        {"\"x\\0y\": a\n", "x.yaml:1: a text with a NUL"},
        {"{\"a\": \"\\u0000\"}", "not JSON: \\u0000"},
        {"a: %50\n", "x.yaml:1: at '%': text that begins with this character must be quoted"},
        {"a: 1\nb: @a\n", "x.yaml:2: at '@': text that begins with this character"},
        {"a: *\n", "must be quoted"},
        {"a: >3s\n", "x.yaml:1: at 's': text that begins with '|' or '>' must be quoted"},
        {"a: b: c\n", "x.yaml:1: at ':': text with ': ' in it must be quoted"},
        {"a:\n\tb: c\n", "x.yaml:2: a tab; indent with spaces"},
        {"a: \"x\n", "a closing quote is missing"},
        {"a: [1, 2\n", "bracket or a comma is missing"},
        {"a: 1\nb: \xff\n", "x.yaml:2: it is not UTF-8 text"},
        {"- a\n- b\n", "x.yaml:1: it is a list; write 'key: value' lines"},
        {"\n\nhello\n", "x.yaml:3: it is a single text"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct document *d = NULL;
        struct err err = {0};
        enum err_code code = document_parse("x.yaml", bytes_of(cases[i].text), &d, &err);
        print_message("%s\n", err.msg);
        assert_int_equal(code, ERR_INVALID);
        assert_null(d);
        assert_non_null(strstr(err.msg, cases[i].want));
        assert_null(strchr(err.msg, '\n'));
    }
}

static void a_nul_byte_is_refused_with_its_line(void **state)
{
    (void)state;
    struct document *d = NULL;
    struct err err = {0};
    static const uint8_t text[] = "a: 1\nb: \0 2\n";
    enum err_code code =
        document_parse("x.yaml", (struct bytes){text, sizeof text - 1}, &d, &err);
    assert_int_equal(code, ERR_INVALID);
    assert_string_equal(err.msg, "x.yaml:2: it has a NUL character");
}

/* "a: " and then `depth` - 1 brackets in each other: with the root, `depth` deep. */
static const char *nested(int depth, const char *front, char *out, size_t size)
{
    size_t used = (size_t)snprintf(out, size, "%s", front);
    for (int i = 1; i < depth; i++)
        out[used++] = '[';
    for (int i = 1; i < depth; i++)
        out[used++] = ']';
    out[used] = '\0';
    assert_true(used < size);
    return out;
}

static void depth_is_bounded_at_64(void **state)
{
    (void)state;
    char text[50000];
    document_free(parsed(nested(64, "a: ", text, sizeof text)));

    static const int depths[] = {65, 20000};
    for (size_t i = 0; i < ARRAY_LEN(depths); i++) {
        struct document *d = NULL;
        struct err err = {0};
        nested(depths[i], "a: ", text, sizeof text);
        assert_int_equal(document_parse("x.yaml", bytes_of(text), &d, &err), ERR_INVALID);
        assert_string_equal(err.msg, "x.yaml:1: nested more than 64 deep");
    }
    nested(65, "{\"a\":", text, sizeof text - 1);
    text[strlen(text) + 1] = '\0';
    text[strlen(text)] = '}';
    struct document *d = NULL;
    struct err err = {0};
    assert_int_equal(document_parse("x.json", bytes_of(text), &d, &err), ERR_INVALID);
    assert_string_equal(err.msg, "x.json:1: nested more than 64 deep");
}

static unsigned line_at(const struct document *d, const char *list, size_t index)
{
    return document_line(d, json_array_get(json_object_get(document_root(d), list), index));
}

static void every_value_knows_its_line(void **state)
{
    (void)state;
    struct document *d = parsed("# comment\na: 1\nb:\n  - x\n  - {y: 2,\n     z: 3}\n");
    assert_int_equal(document_line(d, json_object_get(document_root(d), "a")), 2);
    assert_int_equal(line_at(d, "b", 0), 4);
    assert_int_equal(line_at(d, "b", 1), 5);
    json_t *second = json_array_get(json_object_get(document_root(d), "b"), 1);
    assert_int_equal(document_line(d, json_object_get(second, "z")), 6);
    document_free(d);
}

static void values_of_json_know_line_and_text(void **state)
{
    (void)state;
    struct document *d = parsed("{\"a\\\"}\": \"x\",\n \"n\" :\n 1.50, \"l\": [1e3,\n -7 ,\n"
                                " true, {\"s\":\n\"y\\\\\"}], \"o\": null}");
    json_t *root = document_root(d), *n = json_object_get(root, "n");
    assert_int_equal(document_line(d, root), 1);
    assert_int_equal(document_line(d, n), 3);
    assert_string_equal(document_text(d, n), "1.50");
    json_t *list = json_object_get(root, "l");
    assert_string_equal(document_text(d, json_array_get(list, 0)), "1e3");
    assert_string_equal(document_text(d, json_array_get(list, 1)), "-7");
    assert_int_equal(line_at(d, "l", 1), 4);
    assert_string_equal(document_text(d, json_array_get(list, 2)), "true");
    assert_int_equal(document_line(d, json_object_get(json_array_get(list, 3), "s")), 6);
    assert_string_equal(document_text(d, json_object_get(root, "o")), "null");
    assert_null(document_text(d, list));
    document_free(d);
}

static void many_values_keep_their_lines(void **state)
{
    (void)state;
    static char text[64 * 1024];
    size_t used = (size_t)snprintf(text, sizeof text, "l:\n");
    for (unsigned i = 0; i < 5000; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "- v%u\n", i);
    struct document *d = parsed(text);
    for (unsigned i = 0; i < 5000; i++)
        assert_int_equal(line_at(d, "l", i), i + 2);
    document_free(d);
}

static void values_can_be_set_by_path(void **state)
{
    (void)state;
    static const struct {
        const char *path, *text, *want;
    } cases[] = {
        {"a", "2", "{\"a\":\"2\",\"w\":[{\"r\":\"1\"}]}"},
        {"w[0].r", "5/s", "{\"a\":\"1\",\"w\":[{\"r\":\"5/s\"}]}"},
        {"w[0]", "x", "{\"a\":\"1\",\"w\":[\"x\"]}"},
        {"w", "[x, {y: z}]", "{\"a\":\"1\",\"w\":[\"x\",{\"y\":\"z\"}]}"},
        {"s.b.c", "on", "{\"a\":\"1\",\"w\":[{\"r\":\"1\"}],\"s\":{\"b\":{\"c\":\"on\"}}}"},
        {"w[0].x.y", "1", "{\"a\":\"1\",\"w\":[{\"r\":\"1\",\"x\":{\"y\":\"1\"}}]}"},
        {"a", "", "{\"a\":\"\",\"w\":[{\"r\":\"1\"}]}"},
        {"a", "p,q", "{\"a\":\"p,q\",\"w\":[{\"r\":\"1\"}]}"},
        {"us <-> eu.x", "1", "{\"a\":\"1\",\"w\":[{\"r\":\"1\"}],\"us <-> eu\":{\"x\":\"1\"}}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("%s=%s\n", cases[i].path, cases[i].text);
        struct document *d = parsed("a: 1\nw:\n- {r: 1}\n");
        struct err err = {0};
        assert_int_equal(document_set(d, cases[i].path, cases[i].text, &err), ERR_OK);
        assert_string_equal(dump(d), cases[i].want);
        document_free(d);
    }
}

static void bad_settings_are_refused_and_change_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *path, *text, *want;
    } cases[] = {
        {"", "1", "--set : not a path"},
        {"\xff", "1", "it is not UTF-8 text"},
        {"s", "\xff", "--set s: it is not UTF-8 text"},
        {"a.", "1", "--set a.: not a path"},
        {"a..b", "1", "not a path"},
        {"w[", "1", "not a path"},
        {"w[x]", "1", "not a path"},
        {"w[0]r", "1", "not a path"},
        {"w[9999999]", "1", "not a path"},
        {"a.b", "1", "--set a.b: a is a single value; nothing is below it"},
        {"a[0]", "1", "a is a single value"},
        {"w.r", "1", "--set w.r: w is a list; write w[0] for its first item"},
        {"w[1].r", "1", "--set w[1].r: w has no [1]; it has 1, counted from [0]"},
        {"s[0].r", "1", "--set s[0].r: s is no list"},
        {"a", "{x", "--set a: "},
        {"a", "*x", "--set a: alias '*x'"},
        {"a", "%50", "--set a: text that begins with '%' must be quoted"},
        {"a", "x: y: z", "--set a: at ':'"},
        {"s.t", "x\n---\ny", "--set s.t: a second document"},
        {"a", "# x", "--set a: it is empty"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct document *d = parsed("a: 1\nw:\n- {r: 1}\n");
        struct err err = {0};
        enum err_code code = document_set(d, cases[i].path, cases[i].text, &err);
        print_message("%s=%s: %s\n", cases[i].path, cases[i].text, err.msg);
        assert_int_equal(code, ERR_INVALID);
        assert_non_null(strstr(err.msg, cases[i].want));
        assert_string_equal(dump(d), "{\"a\":\"1\",\"w\":[{\"r\":\"1\"}]}");
        document_free(d);
    }
}

static void errors_name_file_line_and_path_or_the_setting(void **state)
{
    (void)state;
    struct document *d = parsed("a: 1\nf:\n- {delay: 200}\n");
    struct err err = {0};
    json_t *a = json_object_get(document_root(d), "a");
    json_t *fault = json_array_get(json_object_get(document_root(d), "f"), 0);
    json_t *delay = json_object_get(fault, "delay");
    assert_int_equal(document_refuse(d, a, "a", &err, "'%s' is odd", "1"), ERR_INVALID);
    assert_string_equal(err.msg, "x.yaml:1: a: '1' is odd");
    document_refuse(d, document_root(d), "", &err, "needs a name");
    assert_string_equal(err.msg, "x.yaml:1: needs a name");

    err_set(&err, ERR_NOMEM, "delay: '200' has no unit");
    assert_int_equal(document_blame(d, delay, "f[0]", &err), ERR_NOMEM);
    assert_string_equal(err.msg, "x.yaml:3: f[0].delay: '200' has no unit");

    assert_int_equal(document_set(d, "f[0].delay", "7", &err), ERR_OK);
    delay = json_object_get(fault, "delay");
    assert_int_equal(document_line(d, delay), 0);
    document_refuse(d, delay, "f[0].delay", &err, "'7' is odd");
    assert_string_equal(err.msg, "--set f[0].delay: '7' is odd");
    document_free(d);
}

static void a_file_that_is_missing_is_named(void **state)
{
    (void)state;
    struct document *d = NULL;
    struct err err = {0};
    assert_int_equal(document_load("no/such.yaml", &d, &err), ERR_NOTFOUND);
    assert_string_equal(err.msg, "no/such.yaml: cannot be opened: No such file or directory");
    assert_int_equal(document_load("/", &d, &err), ERR_IO);
    assert_string_equal(err.msg, "/: cannot be read: Is a directory");
    assert_int_equal(document_load("/dev/zero", &d, &err), ERR_LIMIT);
    assert_string_equal(err.msg, "/dev/zero: it is larger than 4 MiB");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_documents_become_values),
        cmocka_unit_test(bad_documents_are_refused_with_a_sentence),
        cmocka_unit_test(a_nul_byte_is_refused_with_its_line),
        cmocka_unit_test(depth_is_bounded_at_64),
        cmocka_unit_test(every_value_knows_its_line),
        cmocka_unit_test(values_of_json_know_line_and_text),
        cmocka_unit_test(many_values_keep_their_lines),
        cmocka_unit_test(values_can_be_set_by_path),
        cmocka_unit_test(bad_settings_are_refused_and_change_nothing),
        cmocka_unit_test(errors_name_file_line_and_path_or_the_setting),
        cmocka_unit_test(a_file_that_is_missing_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
