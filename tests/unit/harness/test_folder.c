#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/folder.h"
#include "tests/support/scratch.h"

static const struct bytes hello = {(const uint8_t *)"hello", 5};

static void an_absent_or_empty_folder_is_taken(void **state)
{
    char path[600];
    struct folder f;
    struct err err = {0};
    snprintf(path, sizeof path, "%s/run", (const char *)*state);
    assert_int_equal(folder_make(&f, path, "x", 1, &err), ERR_OK);
    assert_int_equal(folder_make(&f, path, "x", 1, &err), ERR_OK); /* empty still */
}

static void a_folder_in_use_is_refused_and_left_alone(void **state)
{
    struct folder f;
    struct err err = {0};
    assert_int_equal(folder_make(&f, *state, "x", 1, &err), ERR_OK);
    assert_int_equal(folder_write(&f, "a", hello, &err), ERR_OK);
    assert_int_equal(folder_make(&f, *state, "x", 1, &err), ERR_INVALID);
    assert_non_null(strstr(err.msg, "is not an empty folder"));
    char path[600];
    assert_int_equal(access(folder_path(&f, "a", path, sizeof path), R_OK), 0);
}

static void a_file_is_no_folder(void **state)
{
    struct folder f;
    struct err err = {0};
    char path[600];
    assert_int_equal(folder_make(&f, *state, "x", 1, &err), ERR_OK);
    assert_int_equal(folder_write(&f, "a", hello, &err), ERR_OK);
    snprintf(path, sizeof path, "%s/a", (const char *)*state);
    assert_int_equal(folder_make(&f, path, "x", 1, &err), ERR_INVALID);
}

static void nothing_is_written_over(void **state)
{
    struct folder f;
    struct err err = {0};
    assert_int_equal(folder_make(&f, *state, "x", 1, &err), ERR_OK);
    assert_int_equal(folder_write(&f, "a", hello, &err), ERR_OK);
    assert_int_equal(folder_write(&f, "a", hello, &err), ERR_IO);
}

static void runs_of_one_scenario_and_seed_are_numbered(void **state)
{
    struct folder first, second;
    struct err err = {0};
    assert_int_equal(chdir(*state), 0);
    assert_int_equal(folder_make(&first, NULL, "cut", 7, &err), ERR_OK);
    assert_int_equal(folder_make(&second, NULL, "cut", 7, &err), ERR_OK);
    assert_non_null(strstr(first.path, "runs/cut-7-1"));
    assert_non_null(strstr(second.path, "runs/cut-7-2"));
    assert_int_equal(chdir("/"), 0);
}

int main(void)
{
#define FOLDER_TEST(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(an_absent_or_empty_folder_is_taken),
        FOLDER_TEST(a_folder_in_use_is_refused_and_left_alone),
        FOLDER_TEST(a_file_is_no_folder),
        FOLDER_TEST(nothing_is_written_over),
        FOLDER_TEST(runs_of_one_scenario_and_seed_are_numbered),
    };
    return cmocka_run_group_tests_name("folder", tests, NULL, NULL);
}
