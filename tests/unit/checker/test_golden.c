/* Every folder tests/golden/CHECK/CASE holds a history and the verdict that CHECK must
 * give: a new anomaly is a new folder and no code. */
#include "tests/support/test.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/document.h"
#include "base/memory.h"
#include "checker/checker.h"
#include "history/reader.h"

/* Take one more name off a path. */
static void up(char *path)
{
    char *slash = strrchr(path, '/');
    assert_non_null(slash);
    *slash = '\0';
}

static const char *golden_folder(void)
{
    static char path[512];
    snprintf(path, sizeof path, "%s", __FILE__);
    up(path);
    up(path);
    up(path);
    strncat(path, "/golden", sizeof path - strlen(path) - 1);
    return path;
}

static struct history *import(const char *folder)
{
    char path[700];
    struct err err;
    struct history *h = NULL;
    struct reading reading;
    snprintf(path, sizeof path, "%s/history.jsonl", folder);
    FILE *in = fopen(path, "re");
    assert_non_null(in);
    if (history_read(in, path, "jsonl", NULL, &h, &reading, &err)) {
        printf("%s\n", err.msg);
        fail();
    }
    fclose(in);
    return h;
}

static struct document *expectation(const char *folder)
{
    char path[700];
    struct err err;
    struct document *d;
    snprintf(path, sizeof path, "%s/verdict.json", folder);
    if (document_load(path, &d, &err)) {
        printf("%s\n", err.msg);
        fail();
    }
    return d;
}

static json_t *verdict_json(const struct verdict *v)
{
    json_t *witness = json_array();
    for (size_t i = 0; i < v->witness_count; i++)
        json_array_append_new(witness, json_integer(v->witness[i]));
    return json_pack("{s:s, s:s, s:o}", "verdict", verdict_name(v->value), "sentence",
                     v->sentence, "witness", witness);
}

/* With FAULTLINE_GOLDEN=write the verdicts are written down: read them before they
 * are committed. */
static void write_down(const char *folder, const json_t *verdict)
{
    char path[700];
    snprintf(path, sizeof path, "%s/verdict.json", folder);
    assert_int_equal(json_dump_file(verdict, path, JSON_INDENT(2)), 0);
}

/* `model`: of all that is in it; NULL: what the history promises. */
static void judge_case(const char *check, const char *model, const char *folder)
{
    struct arena arena = {0};
    struct verdict verdict;
    struct history *h = import(folder);
    struct document *d = expectation(folder);
    const json_t *steps = json_object_get(document_root(d), "steps");
    struct budget budget = {.steps_left = UINT64_MAX};
    if (json_is_integer(steps))
        budget.steps_left = (uint64_t)json_integer_value(steps);
    struct check_request request = {.check = check, .history = h};
    request.options.model = model ? model_find(model) : NULL;
    check_run_as(&request, &budget, &arena, &verdict);
    assert_string_equal(verdict.check, check);
    assert_string_equal(verdict.table, "t");
    assert_in_range(verdict.witness_count, 0, WITNESS_MAX);
    json_t *got = verdict_json(&verdict);
    if (json_is_integer(steps))
        json_object_set(got, "steps", json_object_get(document_root(d), "steps"));
    if (getenv("FAULTLINE_GOLDEN"))
        write_down(folder, got);
    else if (!json_equal(got, document_root(d))) {
        printf("%s: %s: %s\n", folder, verdict_name(verdict.value), verdict.sentence);
        fail();
    }
    json_decref(got);
    document_free(d);
    history_free(h);
    arena_done(&arena);
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static size_t judge_cases(const char *check, const char *model, const char *where)
{
    char folder[600];
    struct dirent **cases;
    snprintf(folder, sizeof folder, "%s/%s", golden_folder(), where);
    int count = scandir(folder, &cases, visible, alphasort);
    assert_true(count > 0);
    for (int i = 0; i < count; i++) {
        snprintf(folder, sizeof folder, "%s/%s/%s", golden_folder(), where, cases[i]->d_name);
        judge_case(check, model, folder);
        free(cases[i]);
    }
    free(cases);
    return (size_t)count;
}

static void every_check_judges_its_cases_as_written_down(void **state)
{
    (void)state;
    struct catalogue checks = checker_catalogue();
    for (const struct plugin *const *c = checks.all; *c; c++)
        judge_cases((*c)->name, NULL, (*c)->name);
}

static void every_model_judges_its_cases_as_written_down(void **state)
{
    (void)state;
    struct catalogue models = model_catalogue();
    for (const struct plugin *const *m = models.all; *m; m++) {
        char where[100];
        snprintf(where, sizeof where, "models/%s", (*m)->name);
        assert_true(judge_cases("linearizable", (*m)->name, where) >= 2);
    }
}

/* Whoever names a model wants a verdict, but nothing proves nothing. */
static void what_failed_alone_exercises_no_check_of_objects(void **state)
{
    (void)state;
    static const char *const checks[] = {"linearizable", "sequential", "regular",
                                         "bounded-staleness"};
    char folder[600];
    snprintf(folder, sizeof folder, "%s/models/register/not-exercised-only-failures",
             golden_folder());
    for (size_t i = 0; i < ARRAY_LEN(checks); i++)
        judge_case(checks[i], "register", folder);
}

/* The cases of each check must show all it can say. */
static void every_check_has_a_case_of_each_verdict(void **state)
{
    (void)state;
    static const char *const firsts[] = {"holds-", "violated-", "undecided-", "not-exercised-"};
    struct catalogue checks = checker_catalogue();
    for (const struct plugin *const *c = checks.all; *c; c++) {
        char folder[600];
        size_t seen[4] = {0};
        snprintf(folder, sizeof folder, "%s/%s", golden_folder(), (*c)->name);
        DIR *dir = opendir(folder);
        assert_non_null(dir);
        for (const struct dirent *e = readdir(dir); e; e = readdir(dir))
            for (size_t i = 0; i < ARRAY_LEN(firsts); i++)
                seen[i] += strncmp(e->d_name, firsts[i], strlen(firsts[i])) == 0;
        closedir(dir);
        for (size_t i = 0; i < ARRAY_LEN(firsts); i++) {
            printf("%s: %zu cases %s...\n", (*c)->name, seen[i], firsts[i]);
            assert_true(seen[i] > 0);
        }
    }
}

static void an_unknown_check_is_undecided_and_names_those_there_are(void **state)
{
    (void)state;
    char folder[600];
    struct arena arena = {0};
    struct verdict verdict;
    struct budget budget = {.steps_left = UINT64_MAX};
    snprintf(folder, sizeof folder, "%s/set/holds-kept-and-removed", golden_folder());
    struct history *h = import(folder);
    check_run("linearisable", h, 0, &budget, &arena, &verdict);
    assert_int_equal(verdict.value, VERDICT_UNDECIDED);
    assert_string_equal(
        verdict.sentence,
        "there is no check 'linearisable'; there are linearizable, sequential, regular, "
        "bounded-staleness, set or convergence");
    history_free(h);
    arena_done(&arena);
}

/* Every check, given more and more working memory until it can tell. */
static void a_check_past_its_memory_is_undecided(void **state)
{
    (void)state;
    static const struct {
        const char *check, *folder;
    } cases[] = {{"set", "violated-lost"},
                 {"linearizable", "violated-stale-read"},
                 {"convergence", "violated-replicas-differ"}};
    char folder[600];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct verdict verdict;
        snprintf(folder, sizeof folder, "%s/%s/%s", golden_folder(), cases[i].check,
                 cases[i].folder);
        struct history *h = import(folder);
        size_t refused = 0;
        for (size_t limit = 64; limit < (1 << 20); limit += 256) {
            struct arena arena = {0};
            struct memory memory = {.max_bytes = limit};
            struct budget budget = {.steps_left = UINT64_MAX, .memory = &memory};
            check_run(cases[i].check, h, 0, &budget, &arena, &verdict);
            bool told = verdict.value == VERDICT_VIOLATED;
            if (!told) {
                assert_int_equal(verdict.value, VERDICT_UNDECIDED);
                assert_non_null(strstr(verdict.sentence, "its memory was used up"));
                refused++;
            }
            arena_done(&arena);
            if (told)
                break;
        }
        assert_int_equal(verdict.value, VERDICT_VIOLATED);
        assert_true(refused > 0);
        history_free(h);
    }
}

static void a_check_leaves_no_more_than_its_verdict_in_memory(void **state)
{
    (void)state;
    char folder[600];
    struct arena arena = {0};
    struct verdict verdict;
    struct budget budget = {.steps_left = UINT64_MAX};
    snprintf(folder, sizeof folder, "%s/set/violated-lost", golden_folder());
    struct history *h = import(folder);
    check_run("set", h, 0, &budget, &arena, &verdict);
    assert_int_equal(verdict.value, VERDICT_VIOLATED);
    assert_true(arena.used_bytes < strlen(verdict.sentence) + 1 + WITNESS_MAX * 8 + 64);
    history_free(h);
    arena_done(&arena);
}

static void a_check_without_memory_is_undecided(void **state)
{
    (void)state;
    char folder[600];
    struct verdict verdict;
    snprintf(folder, sizeof folder, "%s/set/violated-lost", golden_folder());
    struct history *h = import(folder);
    bool told = false;
    for (size_t limit = 64; !told && limit < (1 << 20); limit += 256) {
        struct arena arena = {.limit_bytes = limit};
        struct budget budget = {.steps_left = UINT64_MAX};
        check_run("set", h, 0, &budget, &arena, &verdict);
        assert_non_null(verdict.sentence);
        assert_int_not_equal(verdict.value, VERDICT_HOLDS);
        assert_int_not_equal(verdict.value, VERDICT_NOT_EXERCISED);
        told = verdict.value == VERDICT_VIOLATED;
        arena_done(&arena);
    }
    assert_true(told);
    history_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_check_judges_its_cases_as_written_down),
        cmocka_unit_test(every_model_judges_its_cases_as_written_down),
        cmocka_unit_test(what_failed_alone_exercises_no_check_of_objects),
        cmocka_unit_test(every_check_has_a_case_of_each_verdict),
        cmocka_unit_test(an_unknown_check_is_undecided_and_names_those_there_are),
        cmocka_unit_test(a_check_without_memory_is_undecided),
        cmocka_unit_test(a_check_past_its_memory_is_undecided),
        cmocka_unit_test(a_check_leaves_no_more_than_its_verdict_in_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
