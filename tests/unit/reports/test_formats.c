/* A judged run, written in every format, must be what lies beside its history in
 * tests/golden/reports/CASE: report.text, report.json, report.junit. */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/document.h"
#include "checker/checker.h"
#include "history/reader.h"
#include "reports/report.h"

static const char *golden(const char *file)
{
    static char path[700];
    snprintf(path, sizeof path, "%s", __FILE__);
    for (int i = 0; i < 3; i++)
        *strrchr(path, '/') = '\0';
    size_t used = strlen(path);
    snprintf(path + used, sizeof path - used, "/golden/reports/leader-region-cut/%s", file);
    return path;
}

struct judged {
    struct arena arena;
    struct history *history;
    struct verdict verdicts[8];
    struct measures measures;
    struct judgement judgement;
};

static void import(struct judged *j)
{
    struct err err;
    struct reading reading;
    FILE *in = fopen(golden("history.jsonl"), "re");
    assert_non_null(in);
    if (history_read(in, "history.jsonl", "jsonl", NULL, &j->history, &reading, &err)) {
        printf("%s\n", err.msg);
        fail();
    }
    fclose(in);
}

static void judge(struct judged *j)
{
    static const struct {
        const char *check;
        uint32_t table;
    } checks[] = {{"linearizable", 0},
                  {"convergence", 0},
                  {"convergence", 1},
                  {"set", 1},
                  {"linearizable", 1}};
    struct err err;
    *j = (struct judged){0};
    import(j);
    for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
        struct budget budget = {.steps_left = UINT64_MAX};
        check_run(checks[i].check, j->history, checks[i].table, &budget, &j->arena,
                  &j->verdicts[i]);
    }
    assert_int_equal(measures_take(j->history, &j->arena, &j->measures, &err), ERR_OK);
    j->judgement =
        (struct judgement){.history = j->history,
                           .verdicts = j->verdicts,
                           .verdict_count = ARRAY_LEN(checks),
                           .measures = &j->measures,
                           .exit_code = 1,
                           .scenario = history_meta_get(j->history, "scenario"),
                           .world = history_meta_get(j->history, "world"),
                           .folder = "runs/leader-region-cut-7-1",
                           .repeat = "faultline run scenarios/leader-region-cut.yaml "
                                     "--on sim --seed 7"};
    assert_int_equal(objectives_judge(j->history, &j->measures, &j->arena,
                                      &j->judgement.objectives, &j->judgement.objective_count,
                                      &err),
                     ERR_OK);
}

static void done(struct judged *j)
{
    measures_done(&j->measures);
    history_free(j->history);
    arena_done(&j->arena);
}

static char *written(const struct judgement *j, const char *format)
{
    char *text;
    size_t size;
    struct err err;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    assert_int_equal(format_find(format)->write(j, out, &err), ERR_OK);
    fclose(out);
    return text;
}

static char *read_whole(const char *path)
{
    char *text;
    size_t size;
    FILE *in = fopen(path, "re"), *out = open_memstream(&text, &size);
    assert_non_null(out);
    for (int c = in ? fgetc(in) : EOF; c != EOF; c = fgetc(in))
        fputc(c, out);
    fclose(out);
    if (in)
        fclose(in);
    return text;
}

static void expect_golden(const char *text, const char *format)
{
    char file[64];
    snprintf(file, sizeof file, "report.%s", format);
    if (getenv("FAULTLINE_GOLDEN")) {
        FILE *out = fopen(golden(file), "we");
        assert_non_null(out);
        fputs(text, out);
        fclose(out);
    }
    char *expected = read_whole(golden(file));
    if (strcmp(text, expected) != 0) {
        printf("%s", text);
        fail();
    }
    free(expected);
}

static void each_format_is_written_as_agreed(void **state)
{
    (void)state;
    struct judged j;
    judge(&j);
    for (const struct format_ops *const *f = format_all(); *f; f++) {
        char *text = written(&j.judgement, (*f)->name);
        expect_golden(text, (*f)->name);
        free(text);
    }
    done(&j);
}

static void nothing_from_the_data_reaches_the_terminal_as_a_control(void **state)
{
    (void)state;
    struct judged j;
    judge(&j);
    j.judgement.trouble = "\x1b]0;title\x07 bell\x7f \xc2\x9b"
                          "31m \xff";
    j.judgement.folder = "runs/\x1b[2J";
    for (const struct format_ops *const *f = format_all(); *f; f++) {
        char *text = written(&j.judgement, (*f)->name);
        for (const char *at = text; *at; at++)
            if ((unsigned char)*at < ' ' && *at != '\n') {
                printf("%s: byte %d\n", (*f)->name, *at);
                fail();
            }
        assert_null(strchr(text, 0x7f));
        assert_null(strstr(text, "\xc2\x9b"));
        assert_null(strchr(text, '\xff'));
        free(text);
    }
    done(&j);
}

static void no_line_of_the_text_is_wider_than_a_page(void **state)
{
    (void)state;
    struct judged j;
    judge(&j);
    j.judgement.repeat = NULL; /* kept whole, to be copied */
    j.judgement.trouble =
        "a-word-without-any-space-that-is-much-longer-than-a-line-of-a-page-and-"
        "goes-on-for-another-line-until-it-ends-here";
    char *text = written(&j.judgement, "text"), *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        if (strlen(line) > 100)
            printf("%s\n", line);
        assert_in_range(strlen(line), 0, 100);
    }
    free(text);
    done(&j);
}

static void json_can_be_read_again(void **state)
{
    (void)state;
    struct judged j;
    struct err err;
    struct document *d;
    judge(&j);
    char *text = written(&j.judgement, "json");
    struct bytes bytes = {(const uint8_t *)text, strlen(text)};
    assert_int_equal(document_parse("verdicts.json", bytes, &d, &err), ERR_OK);
    const json_t *verdicts = json_object_get(document_root(d), "verdicts");
    assert_int_equal(json_array_size(verdicts), 5);
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(verdicts, 0), "verdict")), "violated");
    document_free(d);
    free(text);
    done(&j);
}

/* What a run that went as planned says, changed in one thing. */
struct outcome_case {
    enum verdict_value verdict;
    int objective; /* state of the second of two; -1: there are none */
    bool not_applied, without_effect;
    const char *ending, *line;
};

static void expect_line(struct judged *j, const struct outcome_case *c)
{
    struct objective_result objectives[] = {{"a.rto", "1s", "1s", OBJECTIVE_MET},
                                            {"a.rpo", "0s", "1s", OBJECTIVE_MET}};
    if (c->objective == OBJECTIVE_MISSED)
        objectives[1].state = OBJECTIVE_MISSED;
    if (c->objective == OBJECTIVE_NO_DATA)
        objectives[1].state = OBJECTIVE_NO_DATA;
    const struct fault_window windows[] = {
        {.fault = 1, .name = "kill", .applied = true},
        {.fault = 2, .name = "kill", .applied = !c->not_applied},
        {.fault = 3, .name = "kill", .applied = true, .without_effect = c->without_effect}};
    struct measures measures = j->measures;
    measures.windows = windows;
    measures.window_count = ARRAY_LEN(windows);
    measures.recovery_count = 0;
    struct judgement judgement = j->judgement;
    j->verdicts[0].value = c->verdict;
    judgement.verdict_count = 2;
    judgement.objectives = objectives;
    judgement.objective_count = c->objective < 0 ? 0 : ARRAY_LEN(objectives);
    judgement.measures = &measures;
    judgement.exit_code = 7;
    judgement.scenario = "x";
    judgement.world = NULL;
    judgement.ending = c->ending;
    char *text = written(&judgement, "text"), *json = written(&judgement, "json");
    *strchr(text, '\n') = '\0';
    assert_string_equal(text, c->line);
    char *outcome = strstr(text, ": ") + 2;
    *strstr(outcome, " (exit") = '\0';
    assert_non_null(strstr(json, outcome));
    free(text);
    free(json);
}

static void the_headline_says_all_that_decided_the_exit_code(void **state)
{
    (void)state;
    static const struct outcome_case cases[] = {
        {VERDICT_HOLDS, -1, false, false, NULL, "x: all checks hold (exit code 7)"},
        {VERDICT_HOLDS, OBJECTIVE_MET, false, false, NULL, "x: all checks hold (exit code 7)"},
        {VERDICT_HOLDS, OBJECTIVE_MISSED, false, false, NULL,
         "x: all checks hold, 1 of 2 objectives missed (exit code 7)"},
        {VERDICT_HOLDS, OBJECTIVE_NO_DATA, false, false, NULL,
         "x: all checks hold, 1 of 2 objectives without data (exit code 7)"},
        {VERDICT_HOLDS, -1, false, true, NULL,
         "x: all checks hold, but fault 3 had no effect (exit code 7)"},
        {VERDICT_HOLDS, -1, true, true, NULL,
         "x: all checks hold, but fault 2 was not applied, fault 3 had no effect (exit code "
         "7)"},
        {VERDICT_HOLDS, -1, false, false, "the run was aborted",
         "x: all checks hold, but the run was aborted (exit code 7)"},
        {VERDICT_VIOLATED, OBJECTIVE_MISSED, true, false, NULL,
         "x: 1 of 2 checks is violated, 1 of 2 objectives missed, fault 2 was not applied "
         "(exit "
         "code 7)"},
    };
    struct judged j;
    judge(&j);
    j.verdicts[1].value = VERDICT_HOLDS;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        expect_line(&j, &cases[i]);
    done(&j);
}

static void what_a_fault_did_is_told_with_its_unit(void **state)
{
    (void)state;
#define CUT "{\"cut\":[[0,1]]}"
    static const struct {
        const char *world, *resolved, *measured, *told;
    } cases[] = {
        {"sim", CUT, "{\"carried\":0,\"dropped\":212}",
         " 212 frames dropped by the cut, none passed\n"},
        {"local", CUT, "{\"carried\":76,\"dropped\":799}",
         " 799 packets dropped by the cut; 76 passed, under way when it began\n"},
        {"local", "{}", "{\"carried\":500,\"dropped\":0}", " 500 packets carried, 0 dropped\n"},
        {"local", NULL, "{\"carried\":1,\"dropped\":2}", " 1 packet carried, 2 dropped\n"},
        {"sim", "{\"nodes\":[1]}", "{\"nodes\":1}", " 1 node hit\n"},
        {"sim", "{}", "{\"carried\":1}", " carried 1\n"},
        {"sim", "{}", "as seen from outside", " as seen from outside\n"},
    };
#undef CUT
    struct judged j;
    judge(&j);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct fault_window window = {.fault = 1,
                                            .name = "x",
                                            .applied = true,
                                            .effective = true,
                                            .resolved = cases[i].resolved,
                                            .measured = cases[i].measured};
        struct measures measures = j.measures;
        measures.windows = &window;
        measures.window_count = 1;
        struct judgement judgement = j.judgement;
        judgement.measures = &measures;
        judgement.world = cases[i].world;
        char *text = written(&judgement, "text");
        if (!strstr(text, cases[i].told))
            fail_msg("%s", text);
        free(text);
    }
    done(&j);
}

static void an_unknown_format_is_none(void **state)
{
    (void)state;
    assert_null(format_find("html"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_format_is_written_as_agreed),
        cmocka_unit_test(nothing_from_the_data_reaches_the_terminal_as_a_control),
        cmocka_unit_test(no_line_of_the_text_is_wider_than_a_page),
        cmocka_unit_test(json_can_be_read_again),
        cmocka_unit_test(the_headline_says_all_that_decided_the_exit_code),
        cmocka_unit_test(what_a_fault_did_is_told_with_its_unit),
        cmocka_unit_test(an_unknown_format_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
