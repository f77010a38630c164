/* A text that does not fit into memory, whether anybody set a limit or not. */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "harness/judge.h"
#include "tests/support/failures.h"
#include "tests/support/scratch.h"

WRAP(void *, realloc, (void *old, size_t size), (old, size), NULL)

static const char text[] =
    "{\"promise\":\"t\",\"checks\":\"linearizable\"}\n"
    "{\"op\":1,\"table\":\"t\",\"kind\":\"write\",\"key\":1,\"argument\":1,\"invoked_at\":1}\n"
    "{\"ret\":1,\"returned_at\":2}\n";

static void write_text(const char *path)
{
    FILE *out = fopen(path, "we");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

static void is_undecided(const char *path, const struct judge_options *options)
{
    struct judged judged;
    struct err err;
    if (judge_open_as(path, options, &judged, &err))
        fail_msg("%s", err.msg);
    failures_disarm();
    assert_int_equal(judged.judgement.exit_code, EXIT_UNDECIDED);
    assert_int_equal(judged.judgement.verdict_count, 1);
    assert_int_equal(judged.judgement.verdicts[0].value, VERDICT_UNDECIDED);
    assert_string_equal(judged.judgement.verdicts[0].sentence,
                        "the history alone does not fit into the memory that it may take");
    judged_done(&judged);
}

static void what_does_not_fit_is_undecided_with_a_limit_and_without(void **state)
{
    char path[600];
    snprintf(path, sizeof path, "%s/a.jsonl", (const char *)*state);
    write_text(path);
    is_undecided(path, &(struct judge_options){.format = "jsonl", .memory_bytes = 2000});
    for (unsigned nth = 1; nth <= 3; nth++) { /* of lines, and of the rows that are kept */
        failures_arm(nth, false);
        is_undecided(path, &(struct judge_options){.format = "jsonl"});
        assert_true(failures_fired());
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_does_not_fit_is_undecided_with_a_limit_and_without,
                                        scratch_make, scratch_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
