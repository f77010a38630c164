#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/data_folder.h"
#include "tests/support/scratch.h"

static const char *path_in(void **state, const char *name)
{
    static char path[600];
    snprintf(path, sizeof path, "%s/%s", (const char *)*state, name);
    return path;
}

static bool is_there(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

static void a_folder_has_one_user_at_a_time(void **state)
{
    struct data_folder first, second;
    struct err err;
    const char *path = path_in(state, "data");
    assert_int_equal(data_folder_take(&first, path, 7, 0, &err), ERR_OK);
    assert_int_equal(data_folder_take(&second, path, 7, 0, &err), ERR_IO);
    assert_non_null(strstr(err.msg, "is in use: another node serves from it"));
    data_folder_release(&first, true);
    assert_int_equal(data_folder_take(&second, path, 7, 0, &err), ERR_OK);
    data_folder_release(&second, true);
}

static void a_folder_keeps_its_node_and_its_cluster(void **state)
{
    static const struct {
        uint64_t cluster;
        uint32_t node;
        enum err_code code;
    } cases[] = {{7, 1, ERR_INVALID}, {70, 0, ERR_INVALID}, {7, 0, ERR_OK}};
    struct data_folder f;
    struct err err;
    const char *path = path_in(state, "data");
    assert_int_equal(data_folder_take(&f, path, 7, 0, &err), ERR_OK);
    data_folder_release(&f, true);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(data_folder_take(&f, path, cases[i].cluster, cases[i].node, &err),
                         cases[i].code);
        if (cases[i].code)
            assert_non_null(strstr(err.msg, "holds the logs of node 0 of cluster 7; this is"));
        data_folder_release(&f, true);
    }
    print_message("  %s\n", err.msg);
}

static void a_folder_made_in_vain_goes_again(void **state)
{
    struct data_folder f;
    struct err err;
    const char *path = path_in(state, "data");
    assert_int_equal(data_folder_take(&f, path, 7, 0, &err), ERR_OK);
    data_folder_release(&f, false);
    assert_false(is_there(path));
    assert_int_equal(mkdir(path, 0700), 0); /* not ours */
    assert_int_equal(data_folder_take(&f, path, 7, 0, &err), ERR_OK);
    data_folder_release(&f, false);
    assert_true(is_there(path));
}

#define CASE(body) cmocka_unit_test_setup_teardown(body, scratch_make, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_folder_has_one_user_at_a_time),
        CASE(a_folder_keeps_its_node_and_its_cluster),
        CASE(a_folder_made_in_vain_goes_again),
    };
    return cmocka_run_group_tests_name("data_folder", tests, NULL, NULL);
}
