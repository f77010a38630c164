#include "harness/judge.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/units.h"
#include "checker/checker.h"
#include "history/reader.h"
#include "io/clock.h"

#define CHECK_WITHIN_NS (60 * NS_PER_S)
#define CHECK_BYTES_MAX (UINT64_C(2) << 30)
#define READ_BYTES_MAX  (UINT64_C(4) << 30) /* of a history that is no file of ours */

/* --- opening ------------------------------------------------------------- */

static bool is_sqlite(FILE *in)
{
    char head[16] = {0};
    size_t count = fread(head, 1, sizeof head, in);
    rewind(in);
    return count == sizeof head && memcmp(head, "SQLite format 3", 16) == 0;
}

static enum err_code open_history(const char *path, struct judged *j, struct err *err)
{
    struct stat st;
    struct reading reading;
    if (stat(path, &st) != 0)
        return err_set(err, ERR_NOTFOUND, "'%s': %s", path, strerror(errno));
    if (S_ISDIR(st.st_mode))
        return history_open(path, &j->history, err);
    FILE *in = fopen(path, "rbe");
    if (!in)
        return err_set(err, ERR_IO, "cannot open '%s': %s", path, strerror(errno));
    j->memory.max_bytes = READ_BYTES_MAX;
    enum err_code code =
        is_sqlite(in) ? history_open(path, &j->history, err)
                      : history_read(in, path, NULL, &j->memory, &j->history, &reading, err);
    fclose(in);
    return code;
}

/* --- checks -------------------------------------------------------------- */

struct deadline {
    int64_t at_ns;
};

static bool is_past(void *user)
{
    const struct deadline *d = user;
    return clock_monotonic_ns() >= d->at_ns;
}

static void run_check(struct judged *j, const char *check, uint32_t table, struct verdict *out)
{
    struct deadline deadline = {clock_monotonic_ns() + CHECK_WITHIN_NS};
    struct memory memory = {.max_bytes = CHECK_BYTES_MAX};
    struct budget budget = {
        .steps_left = UINT64_MAX, .memory = &memory, .expired = is_past, .user = &deadline};
    check_run(check, j->history, table, &budget, &j->arena, out);
}

enum { CHECKS_MAX = 256 };

/* Every check that the promise of `table` names. None is left out silently: what was
 * not checked must not look as if it held. */
static enum err_code run_promised(struct judged *j, const struct promise *p, uint32_t table,
                                  struct verdict *verdicts, size_t *count, struct err *err)
{
    char *names = arena_copy_text(&j->arena, p->checks), *rest = NULL;
    if (!names)
        return err_set(err, ERR_NOMEM, "judge: no memory");
    for (char *name = strtok_r(names, ", ", &rest); name; name = strtok_r(NULL, ", ", &rest)) {
        if (*count == CHECKS_MAX)
            return err_set(err, ERR_INVALID,
                           "its tables promise more than %d checks, which is all that one "
                           "history may",
                           CHECKS_MAX);
        run_check(j, name, table, &verdicts[(*count)++]);
    }
    return ERR_OK;
}

/* The same for every table. */
static enum err_code run_checks(struct judged *j, struct err *err)
{
    struct verdict *verdicts = arena_array(&j->arena, CHECKS_MAX, sizeof *verdicts);
    size_t count = 0;
    if (!verdicts)
        return err_set(err, ERR_NOMEM, "judge: no memory");
    for (uint32_t t = 0; t < history_table_count(j->history); t++) {
        const struct promise *p = history_promise_get(j->history, t);
        if (p && run_promised(j, p, t, verdicts, &count, err))
            return err->code;
    }
    j->judgement.verdicts = verdicts;
    j->judgement.verdict_count = count;
    return ERR_OK;
}

/* --- exit code ----------------------------------------------------------- */

static enum exit_code of_verdicts(const struct judgement *j)
{
    /* Nothing promised is nothing proved. */
    enum exit_code worst = j->verdict_count > 0 ? EXIT_ALL_HOLD : EXIT_UNDECIDED;
    for (size_t i = 0; i < j->verdict_count; i++) {
        enum verdict_value v = j->verdicts[i].value;
        if (v == VERDICT_VIOLATED)
            worst = exit_code_worst(worst, EXIT_VIOLATED);
        else if (v != VERDICT_HOLDS)
            worst = exit_code_worst(worst, EXIT_UNDECIDED);
    }
    return worst;
}

static enum exit_code of_objectives(const struct judgement *j)
{
    enum exit_code worst = EXIT_ALL_HOLD;
    for (size_t i = 0; i < j->objective_count; i++) {
        if (j->objectives[i].state == OBJECTIVE_MISSED)
            worst = exit_code_worst(worst, EXIT_OBJECTIVE);
        if (j->objectives[i].state == OBJECTIVE_NO_DATA)
            worst = exit_code_worst(worst, EXIT_UNDECIDED);
    }
    return worst;
}

static enum exit_code of_faults(const struct judgement *j)
{
    for (size_t i = 0; i < j->measures->window_count; i++) {
        const struct fault_window *w = &j->measures->windows[i];
        if (!w->applied || w->without_effect)
            return EXIT_COULD_NOT;
    }
    return EXIT_ALL_HOLD;
}

/* How the run itself ended; histories from elsewhere have nothing to say here. */
static enum exit_code of_end(struct judged *j)
{
    if (!history_meta_get(j->history, "world"))
        return EXIT_ALL_HOLD;
    const char *ended = history_meta_get(j->history, "ended");
    j->judgement.trouble = history_meta_get(j->history, "trouble");
    if (!ended) {
        j->judgement.ending = "the run was cut short";
        j->judgement.trouble = "the run was cut short: its history ends without an end";
        return EXIT_COULD_NOT;
    }
    if (strcmp(ended, "interrupted") == 0) {
        j->judgement.ending = "the run was aborted";
        j->judgement.trouble = "aborted by the operator; every fault was healed first";
        return EXIT_ABORTED;
    }
    if (strcmp(ended, "not healed") == 0) {
        j->judgement.ending = "the network was not healed";
        return EXIT_NOT_HEALED;
    }
    if (strcmp(ended, "complete") == 0)
        return EXIT_ALL_HOLD;
    j->judgement.ending = "the run failed";
    return EXIT_COULD_NOT;
}

/* What somebody with a history of their own can do about it. */
static enum err_code explain_nothing_checked(struct judged *j, struct err *err)
{
    struct judgement *g = &j->judgement;
    if (g->verdict_count > 0 || g->trouble)
        return ERR_OK;
    bool named = history_table_count(j->history) > 0;
    const char *table = named ? history_table_name(j->history, 0) : "TABLE";
    if (history_row_count(j->history) == 0)
        g->trouble = "it holds no rows, so there is nothing to check";
    else
        g->trouble =
            arena_format(&j->arena,
                         "no table promises anything: add a line {\"promise\": \"%s\", "
                         "\"checks\": \"linearizable\"}",
                         table ? table : "TABLE");
    return g->trouble ? ERR_OK : err_set(err, ERR_NOMEM, "judge: no memory");
}

static void decide_exit_code(struct judged *j)
{
    enum exit_code worst = of_verdicts(&j->judgement);
    worst = exit_code_worst(worst, of_objectives(&j->judgement));
    worst = exit_code_worst(worst, of_faults(&j->judgement));
    worst = exit_code_worst(worst, of_end(j));
    j->judgement.exit_code = (int)worst;
}

/* --- all of it ----------------------------------------------------------- */

static enum err_code judge(struct judged *j, struct err *err)
{
    struct judgement *g = &j->judgement;
    if (run_checks(j, err) || measures_take(j->history, &j->arena, &j->measures, err))
        return err->code;
    g->measures = &j->measures;
    return objectives_judge(j->history, &j->measures, &j->arena, &g->objectives,
                            &g->objective_count, err);
}

enum err_code judge_open(const char *path, struct judged *out, struct err *err)
{
    *out = (struct judged){0};
    if (open_history(path, out, err))
        return err->code;
    if (judge(out, err)) {
        judged_done(out);
        bool is_named = strstr(err->msg, path) != NULL;
        return is_named ? err->code : err_wrap(err, "judge '%s'", path);
    }
    struct judgement *g = &out->judgement;
    g->history = out->history;
    g->scenario = history_meta_get(out->history, "scenario");
    g->world = history_meta_get(out->history, "world");
    g->folder = arena_copy_text(&out->arena, path);
    g->repeat = history_meta_get(out->history, "command");
    decide_exit_code(out);
    if (explain_nothing_checked(out, err) == ERR_OK)
        return ERR_OK;
    judged_done(out);
    return err->code;
}

void judged_done(struct judged *j)
{
    measures_done(&j->measures);
    history_free(j->history);
    arena_done(&j->arena);
    *j = (struct judged){0};
}

enum err_code judge_write(const struct judged *j, const char *format, FILE *out,
                          struct err *err)
{
    const struct format_ops *ops = format_find(format);
    if (!ops)
        return err_set(err, ERR_INVALID, "'%s' is no format; see 'faultline list'", format);
    if (ops->write(&j->judgement, out, err))
        return err->code;
    if (fflush(out) == 0 && !ferror(out))
        return ERR_OK;
    if (errno != EPIPE)
        return err_set(err, ERR_IO, "cannot write the %s report: %s", format, strerror(errno));
    clearerr(out); /* who stops reading has seen enough */
    return ERR_OK;
}

enum err_code judge_write_file(const struct judged *j, const char *format, const char *path,
                               struct err *err)
{
    /* Beside it first: a report is whole or not there. */
    char beside[1024];
    snprintf(beside, sizeof beside, "%s.part", path);
    FILE *out = fopen(beside, "wbe");
    if (!out)
        return err_set(err, ERR_IO, "cannot write '%s': %s", path, strerror(errno));
    enum err_code code = judge_write(j, format, out, err);
    if (fclose(out) != 0 && code == ERR_OK)
        code = err_set(err, ERR_IO, "cannot write '%s': %s", path, strerror(errno));
    if (code == ERR_OK && rename(beside, path) != 0)
        code = err_set(err, ERR_IO, "cannot write '%s': %s", path, strerror(errno));
    if (code)
        unlink(beside);
    return code;
}
