/* Malformed files, one each in bad/: CASE.FORMAT, and beside it in CASE.FORMAT.txt what
 * is said of it, after the file's name. */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/files.h"
#include "tests/support/reading.h"

enum { SENTENCE_MAX = 1024, FILE_MAX = 4096, LONG_LINE = LINES_BYTES_MAX + 1 };

static bool ends_with(const char *text, const char *end)
{
    size_t size = strlen(text), end_size = strlen(end);
    return size >= end_size && strcmp(text + size - end_size, end) == 0;
}

static size_t file_into(const char *path, char *out, size_t room)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("%s cannot be read", path);
    size_t size = fread(out, 1, room, file);
    assert_true(size < room);
    out[size] = '\0';
    fclose(file);
    return size;
}

/* One failed comparison after the other is printed; how many there were. */
static int refuses(const char *path)
{
    char text[FILE_MAX], wanted[SENTENCE_MAX], beside[SENTENCE_MAX];
    struct err err;
    struct reading reading;
    size_t size = file_into(path, text, sizeof text);
    snprintf(beside, sizeof beside, "%s.txt", path);
    file_into(beside, wanted, sizeof wanted);
    wanted[strcspn(wanted, "\n")] = '\0';
    struct history *h = reading_of(text, size, strrchr(path, '.') + 1, &reading, &err);
    bool as_wanted =
        !h && strncmp(err.msg, "FILE:", 5) == 0 && strcmp(err.msg + 5, wanted) == 0;
    if (!as_wanted)
        printf("%s\n  says   %s\n  wanted FILE:%s\n", path, h ? "nothing" : err.msg, wanted);
    if (h)
        history_free(h);
    return !as_wanted;
}

static void malformed_files_are_refused_with_a_sentence(void **state)
{
    (void)state;
    struct files files;
    int failed = 0;
    size_t count = 0;
    files_list(&files, __FILE__, "bad");
    for (size_t i = 0; i < files.count; i++)
        if (!ends_with(files.paths[i], ".txt")) {
            failed += refuses(files.paths[i]);
            count++;
        }
    files_done(&files);
    assert_true(count >= 30);
    assert_int_equal(failed, 0);
}

static void a_line_that_is_too_long_is_refused(void **state)
{
    (void)state;
    static const char *const formats[] = {"edn",    "jepsen-log", "limo", "fastlin",
                                          "fptlin", "tsv",        "jsonl"};
    struct err err;
    struct reading reading;
    char wanted[64], *line = malloc(LONG_LINE);
    assert_non_null(line);
    memset(line, '7', LONG_LINE);
    snprintf(wanted, sizeof wanted, "FILE:1: a line of over %d bytes", LINES_BYTES_MAX);
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        assert_null(reading_of(line, LONG_LINE, formats[i], &reading, &err));
        assert_string_equal(err.msg, wanted);
    }
    free(line);
}

static void what_is_no_history_is_recognised_as_none(void **state)
{
    (void)state;
    static const char *const texts[] = {"hello\n", "# Title\n\nSome words here.\n", "[1, 2]\n",
                                        "\x7f\x45\x4c\x46", "<html>\n"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct err err;
        struct reading reading;
        if (reading_of(texts[i], strlen(texts[i]), NULL, &reading, &err))
            fail_msg("'%s' was read as %s", texts[i], reading.reader->about.name);
        assert_int_equal(err.code, ERR_INVALID);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malformed_files_are_refused_with_a_sentence),
        cmocka_unit_test(a_line_that_is_too_long_is_refused),
        cmocka_unit_test(what_is_no_history_is_recognised_as_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
