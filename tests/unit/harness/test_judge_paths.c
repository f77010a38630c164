/* What a history is called in errors, and documents in folders far down. */
#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/judge.h"
#include "tests/support/scratch.h"

static void write_text(const char *path, size_t checks)
{
    FILE *out = fopen(path, "we");
    assert_non_null(out);
    fputs("{\"promise\":\"t\",\"checks\":\"linearizable", out);
    for (size_t i = 1; i < checks; i++)
        fputs(",set", out);
    fputs("\"}\n", out);
    assert_int_equal(fclose(out), 0);
}

/* Its name is a letter that is in every sentence. */
static void a_refusal_names_the_history_whatever_it_is_called(void **state)
{
    struct judged judged;
    struct err err;
    assert_int_equal(chdir(*state), 0);
    write_text("a", 257);
    assert_int_equal(judge_open("a", &judged, &err), ERR_INVALID);
    assert_string_equal(err.msg, "judge 'a': its tables promise more than 256 checks, which is "
                                 "all that one history may");
    assert_int_equal(judge_open("e", &judged, &err), ERR_NOTFOUND);
    assert_string_equal(err.msg, "'e': No such file or directory");
    struct judge_options options = {.model = "heap"};
    assert_int_equal(judge_open_as("a", &options, &judged, &err), ERR_INVALID);
    assert_memory_equal(err.msg, "--model: 'heap' is no model", 27);
    assert_int_equal(chdir("/"), 0);
}

static void a_document_may_lie_far_down(void **state)
{
    char path[2000];
    struct judged judged;
    struct err err;
    snprintf(path, sizeof path, "%s/b", (const char *)*state);
    write_text(path, 1);
    assert_int_equal(judge_open(path, &judged, &err), ERR_OK);
    snprintf(path, sizeof path, "%s", (const char *)*state);
    /* To where a name would end that has a round number of bytes. */
    for (size_t used; (used = strlen(path)) < 1023;) {
        int width = 1022 - used > 250 ? 200 : (int)(1022 - used);
        snprintf(path + used, sizeof path - used, "/%0*d", width, 0);
        assert_int_equal(mkdir(path, 0700), 0);
    }
    size_t folder = strlen(path);
    snprintf(path + folder, sizeof path - folder, "/witness.json");
    if (judge_write_witness(&judged, path, &err))
        fail_msg("%s", err.msg);
    assert_int_equal(access(path, R_OK), 0);
    judged_done(&judged);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_refusal_names_the_history_whatever_it_is_called,
                                        scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(a_document_may_lie_far_down, scratch_make,
                                        scratch_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
