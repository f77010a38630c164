/* Histories that others recorded, with known verdicts, judged as the command would judge
 * them; and 30,000 small random ones. They are read in place and are no part of this
 * project: FAULTLINE_DATA names their folder (default: ../shared/data/linearizability).
 * Without them the test is skipped. */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checker/checker.h"
#include "harness/judge.h"
#include "history/readers/tsv.h"

enum { SKIPPED = 77, GROUPS_MAX = 32 };

static const char *folder(void)
{
    const char *set = getenv("FAULTLINE_DATA");
    return set ? set : "../shared/data/linearizability";
}

/* --- recorded ones --- */

struct group {
    char name[120]; /* folder and model */
    unsigned agreed, disagreed, undecided;
    unsigned nothing; /* all failed: there, an order is no merit */
};

static struct group *group_of(struct group *groups, size_t *count, const char *file,
                              const char *model)
{
    char name[120];
    snprintf(name, sizeof name, "%.*s, %.60s", (int)strcspn(file, "/"), file, model);
    for (size_t i = 0; i < *count; i++)
        if (strcmp(groups[i].name, name) == 0)
            return &groups[i];
    assert_true(*count < GROUPS_MAX);
    memcpy(groups[*count].name, name, sizeof name);
    return &groups[(*count)++];
}

static void judge_file(const char *file, const char *verdict, struct group *g)
{
    char path[700];
    struct judged judged;
    struct err err;
    struct judge_options options = {.within_ns = INT64_C(60) * 1000 * 1000 * 1000};
    snprintf(path, sizeof path, "%s/%s", folder(), file);
    if (judge_open_as(path, &options, &judged, &err))
        fail_msg("%s", err.msg);
    assert_int_equal(judged.judgement.verdict_count, 1);
    const struct verdict *v = &judged.judgement.verdicts[0];
    bool nothing_counts = v->value == VERDICT_NOT_EXERCISED && v->checked_count == 0;
    if (strcmp(verdict_name(v->value), verdict) == 0)
        g->agreed++;
    else if (nothing_counts && strcmp(verdict, "holds") == 0)
        g->nothing++;
    else if (v->value == VERDICT_UNDECIDED)
        g->undecided++;
    else
        g->disagreed++;
    if (strcmp(verdict_name(v->value), verdict) != 0)
        print_message("%s: expected %s, got %s: %s\n", file, verdict, verdict_name(v->value),
                      v->sentence);
    judged_done(&judged);
}

static void recorded_histories_get_their_known_verdicts(void **state)
{
    (void)state;
    static struct group groups[GROUPS_MAX];
    char path[600], line[600], file[300], model[80], verdict[20];
    size_t count = 0;
    unsigned agreed = 0, all = 0, nothing = 0;
    snprintf(path, sizeof path, "%s/VERDICTS.tsv", folder());
    FILE *in = fopen(path, "re");
    assert_non_null(in);
    while (fgets(line, sizeof line, in)) {
        if (sscanf(line, "%299[^\t]\t%79[^\t]\t%*[^\t]\t%19[^\t]", file, model, verdict) != 3 ||
            (strcmp(verdict, "holds") != 0 && strcmp(verdict, "violated") != 0) ||
            strncmp(file, "fuzz", 4) == 0)
            continue;
        judge_file(file, verdict, group_of(groups, &count, file, model));
    }
    fclose(in);
    for (size_t i = 0; i < count; i++) {
        print_message("%-40s %3u agreed, %u disagreed, %u undecided\n", groups[i].name,
                      groups[i].agreed, groups[i].disagreed, groups[i].undecided);
        agreed += groups[i].agreed;
        nothing += groups[i].nothing;
        all += groups[i].agreed + groups[i].disagreed + groups[i].undecided;
    }
    print_message("%u files, %u agreed; %u more, in which all failed, are not exercised\n",
                  all + nothing, agreed, nothing);
    assert_int_equal(agreed, all);
    assert_true(all > 200);
    assert_in_range(nothing, 0, 2);
}

/* --- the small random ones --- */

static bool judge_next(struct lines *in, bool *agrees)
{
    struct builder *b = builder_new(NULL);
    struct history *h;
    struct arena arena = {0};
    struct verdict verdict;
    struct err err;
    struct budget budget = {.steps_left = UINT64_MAX};
    enum tsv_label label;
    bool found;
    assert_non_null(b);
    if (tsv_next(in, b, &found, &label, &err))
        fail_msg("%s", err.msg);
    if (!found) {
        builder_free(b);
        return false;
    }
    assert_int_equal(builder_finish(b, &h, &err), ERR_OK);
    struct check_request request = {.check = "linearizable", .history = h};
    request.options.model = model_find("cas-register");
    check_run_as(&request, &budget, &arena, &verdict);
    *agrees = verdict.value == (label == TSV_HOLDS ? VERDICT_HOLDS : VERDICT_VIOLATED);
    if (!*agrees)
        print_message("%s: %s\n", verdict_name(verdict.value), verdict.sentence);
    history_free(h);
    arena_done(&arena);
    return true;
}

static void random_histories_get_their_known_verdicts(void **state)
{
    (void)state;
    char command[700];
    struct lines lines;
    unsigned judged = 0, agreed = 0;
    snprintf(command, sizeof command, "gzip -dc '%s'/fuzz/*.gz", folder());
    FILE *in = popen(command, "r");
    assert_non_null(in);
    lines_init(&lines, in);
    for (bool agrees; judge_next(&lines, &agrees); judged++)
        agreed += agrees;
    lines_done(&lines);
    pclose(in);
    print_message("%u random histories, %u agreed\n", judged, agreed);
    assert_int_equal(agreed, judged);
    assert_true(judged >= 30000);
}

int main(void)
{
    if (access(folder(), R_OK) != 0) {
        printf("skipped: no labelled histories in %s (set FAULTLINE_DATA)\n", folder());
        return SKIPPED;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_histories_get_their_known_verdicts),
        cmocka_unit_test(random_histories_get_their_known_verdicts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
