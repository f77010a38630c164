/* Other people's files with known verdicts, where they are at hand: all are recognised
 * and read, with as many operations as they have. */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history/readers/tsv.h"
#include "tests/support/reading.h"

enum { FILE_MAX = 8 << 20, PATH_SIZE = 1024 };

static const char *folder(void)
{
    const char *set = getenv("FAULTLINE_DATA");
    return set ? set : "../shared/data/linearizability";
}

static FILE *open_in_folder(const char *name)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s", folder(), name);
    return fopen(path, "r");
}

/* What the list calls a model, and what a reader may make of it: few know CAS when none
 * was called. */
static bool same_model(const char *listed, const char *read)
{
    static const char *const others[][2] = {{"cas-register", "register"},
                                            {"kv put/append/get", "kv"},
                                            {"priorityqueue", "priority-queue"}};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strcmp(listed, others[i][0]) == 0 && strcmp(read, others[i][1]) == 0)
            return true;
    return strcmp(listed, read) == 0;
}

static size_t count_ops(struct history *h)
{
    struct columns c;
    struct err err;
    struct arena arena = {.blocks = NULL};
    assert_int_equal(history_columns(h, HISTORY_ALL_TABLES, &arena, &c, &err), ERR_OK);
    arena_done(&arena);
    return c.count;
}

/* How many things are wrong with the file; each is printed. */
static int check(const char *name, const char *model, size_t ops)
{
    static char text[FILE_MAX];
    struct err err;
    struct reading reading;
    FILE *file = open_in_folder(name);
    assert_non_null(file);
    size_t size = fread(text, 1, sizeof text, file);
    fclose(file);
    struct history *h = reading_of(text, size, NULL, &reading, &err);
    if (!h) {
        printf("%s: %s\n", name, err.msg);
        return 1;
    }
    const char *got = reading.model;
    size_t count = count_ops(h);
    bool fine = got && same_model(model, got) && count == ops;
    if (!fine)
        printf("%s: %zu operations of a %s, not %zu of a %s\n", name, count, got ? got : "?",
               ops, model);
    history_free(h);
    return !fine;
}

static void labelled_files_are_read_whole(void **state)
{
    (void)state;
    char line[PATH_SIZE];
    int wrong = 0, files = 0;
    FILE *list = open_in_folder("VERDICTS.tsv");
    assert_non_null(list);
    while (fgets(line, sizeof line, list)) {
        char *rest = line, *name = strsep(&rest, "\t"), *model = strsep(&rest, "\t");
        char *ops = strsep(&rest, "\t");
        if (!ops || strcmp(name, "file") == 0 || strncmp(name, "fuzz/", 5) == 0)
            continue;
        wrong += check(name, model, strtoul(ops, NULL, 10));
        files++;
    }
    fclose(list);
    assert_true(files >= 200);
    assert_int_equal(wrong, 0);
}

static void thirty_thousand_histories_of_one_file_are_read(void **state)
{
    (void)state;
    char command[PATH_SIZE];
    struct lines in;
    bool found = true;
    int held = 0, violated = 0;
    size_t ops = 0;
    snprintf(command, sizeof command, "gzip -dc '%s/fuzz/fuzz-30000.tsv.gz'", folder());
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    lines_init(&in, pipe);
    while (found) {
        enum tsv_label label;
        struct err err = {.code = ERR_OK};
        struct history *h = NULL;
        struct builder *b = builder_new(NULL);
        if (tsv_next(&in, b, &found, &label, &err) != ERR_OK ||
            builder_finish(b, &h, &err) != ERR_OK)
            fail_msg("%s", err.msg);
        held += found && label == TSV_HOLDS;
        violated += found && label == TSV_VIOLATED;
        ops += count_ops(h);
        history_free(h);
    }
    lines_done(&in);
    pclose(pipe);
    assert_int_equal(held, 24058);
    assert_int_equal(violated, 5942);
    assert_int_equal(ops, 282548);
}

int main(void)
{
    FILE *list = open_in_folder("VERDICTS.tsv");
    if (!list) {
        printf("skipped: no labelled histories in %s (set FAULTLINE_DATA)\n", folder());
        return 77;
    }
    fclose(list);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labelled_files_are_read_whole),
        cmocka_unit_test(thirty_thousand_histories_of_one_file_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
