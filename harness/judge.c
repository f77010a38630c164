/* Contents: checks · what is asked · exit code · all of it · files */
#include "harness/judge.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/units.h"
#include "base/work.h"
#include "checker/checker.h"
#include "harness/initial.h"
#include "harness/open.h"
#include "harness/witness.h"
#include "io/clock.h"

#define CHECK_WITHIN_NS (60 * NS_PER_S)
#define CHECK_BYTES_MAX (UINT64_C(2) << 30)
#define READ_BYTES_MAX  (UINT64_C(4) << 30) /* of a text, where nobody says */

/* --- checks -------------------------------------------------------------- */

/* What is asked, understood. */
struct asked {
    struct judged *j;
    const struct judge_options *options;
    struct check_options check;
    struct verdict *verdicts;
    size_t count;
    int64_t until_ns; /* all checks together; INT64_MAX: each has its own time */
    bool is_named;    /* the error at hand says what it is about: a path or an option */
};

struct deadline {
    int64_t at_ns;
};

static bool is_past(void *user)
{
    const struct deadline *d = user;
    return clock_monotonic_ns() >= d->at_ns;
}

/* Columns of all tables are those of the only one. */
static const struct columns *columns_of_table(const struct judged *j)
{
    return j->has_columns && history_table_count(j->history) == 1 ? &j->columns : NULL;
}

static void run_check(struct asked *a, const char *check, uint32_t table)
{
    struct judged *j = a->j;
    int64_t own_ns = clock_monotonic_ns() + CHECK_WITHIN_NS;
    struct deadline deadline = {a->until_ns == INT64_MAX ? own_ns : a->until_ns};
    struct memory each = {.max_bytes = CHECK_BYTES_MAX};
    struct budget budget = {.steps_left = UINT64_MAX,
                            .memory = a->options->memory_bytes ? &j->memory : &each,
                            .expired = is_past,
                            .user = &deadline};
    struct check_request request = {.check = check,
                                    .history = j->history,
                                    .table = table,
                                    .columns = columns_of_table(j),
                                    .options = a->check};
    check_run_as(&request, &budget, &j->arena, &a->verdicts[a->count++]);
}

enum { CHECKS_MAX = 256 };

static enum err_code refuse_more(struct err *err)
{
    return err_set(err, ERR_INVALID,
                   "its tables promise more than %d checks, which is all that one history may",
                   CHECKS_MAX);
}

/* Every check that the promise of `table` names. None is left out silently: what was
 * not checked must not look as if it held. */
static enum err_code run_promised(struct asked *a, const struct promise *p, uint32_t table,
                                  struct err *err)
{
    char *names = arena_copy_text(&a->j->arena, p->checks ? p->checks : ""), *rest = NULL;
    if (!names)
        return err_set(err, ERR_NOMEM, "judge: no memory");
    for (char *name = strtok_r(names, ", ", &rest); name; name = strtok_r(NULL, ", ", &rest)) {
        if (a->count == CHECKS_MAX)
            return refuse_more(err);
        run_check(a, name, table);
    }
    return ERR_OK;
}

/* Who names a model or a level wants to know, whatever the tables promise. */
static const char *check_for_all(const struct judge_options *o)
{
    return o->level ? o->level : o->model ? "linearizable" : NULL;
}

static enum err_code run_checks(struct asked *a, struct err *err)
{
    const char *for_all = check_for_all(a->options);
    struct judged *j = a->j;
    a->verdicts = arena_array(&j->arena, CHECKS_MAX, sizeof *a->verdicts);
    if (!a->verdicts)
        return err_set(err, ERR_NOMEM, "judge: no memory");
    for (uint32_t t = 0; t < history_table_count(j->history); t++) {
        const struct promise *p = history_promise_get(j->history, t);
        if (for_all && a->count == CHECKS_MAX)
            return refuse_more(err);
        if (for_all)
            run_check(a, for_all, t);
        else if (p && run_promised(a, p, t, err))
            return err->code;
    }
    j->judgement.verdicts = a->verdicts;
    j->judgement.verdict_count = a->count;
    return ERR_OK;
}

/* --- what is asked ------------------------------------------------------- */

static enum err_code find_model(struct asked *a, struct err *err)
{
    const char *asked = a->options->model, *name = asked ? asked : a->j->reading.model;
    char known[400];
    struct catalogue all = model_catalogue();
    if (!name)
        return ERR_OK;
    a->check.model = model_find(name);
    if (a->check.model)
        return ERR_OK;
    return err_set(err, ERR_INVALID, "%s: '%s' is no model; allowed: %s",
                   asked ? "--model" : a->j->reading.reader->about.name, name,
                   catalogue_names(&all, known, sizeof known));
}

/* Only registers, one or many, hold something that files of a format agree about. */
static bool is_register(const struct model_ops *model)
{
    return model && (model->is_register || model->kinds >> OP_TXN & 1);
}

/* What the file says that its registers hold at first, or what its format means. */
static void take_initial_of_file(struct asked *a)
{
    const struct reader_ops *reader = a->j->reading.reader;
    if (!reader || !is_register(a->check.model))
        return;
    a->check.has_initial = reader->initial != OP_NIL;
    a->check.initial = reader->initial;
}

static enum err_code refuse_initial(const struct model_ops *m, const char *text,
                                    struct err *err)
{
    if (!m->takes_initial)
        return err_set(err, ERR_INVALID, "--initial: '%s', but a %s always begins empty", text,
                       m->about.name);
    if (m->initial_max == INT64_MAX)
        return err_set(err, ERR_INVALID, "--initial: '%s', but a %s begins with %lld or more",
                       text, m->about.name, (long long)m->initial_min);
    return err_set(err, ERR_INVALID, "--initial: '%s', but a %s begins with %lld to %lld", text,
                   m->about.name, (long long)m->initial_min, (long long)m->initial_max);
}

static bool may_begin_with(const struct model_ops *m, int64_t value)
{
    return m->takes_initial &&
           (value == OP_NIL || (value >= m->initial_min && value <= m->initial_max));
}

/* What nobody would heed must not look as if it had been. */
static enum err_code check_initial(const struct asked *a, int64_t value, struct err *err)
{
    const char *text = a->options->initial;
    struct history *h = a->j->history;
    struct catalogue checks = checker_catalogue();
    const struct plugin *check =
        a->options->level ? catalogue_find(&checks, a->options->level) : NULL;
    if (check && !checker_of(check)->of_objects)
        return err_set(err, ERR_INVALID,
                       "--initial: '%s', but the check %s does not ask for it", text,
                       check->name);
    for (uint32_t t = 0; !a->check.model && t < history_table_count(h); t++) {
        const struct promise *p = history_promise_get(h, t);
        const struct model_ops *own = p && p->type ? model_find(p->type) : NULL;
        if (own && !may_begin_with(own, value))
            return refuse_initial(own, text, err);
    }
    if (a->check.model && !may_begin_with(a->check.model, value))
        return refuse_initial(a->check.model, text, err);
    return ERR_OK;
}

static enum err_code find_initial(struct asked *a, struct err *err)
{
    const char *text = a->options->initial;
    if (!text) {
        take_initial_of_file(a);
        return ERR_OK;
    }
    int64_t value;
    if (initial_parse(text, "--initial", &value, err) || check_initial(a, value, err))
        return err->code;
    a->check.has_initial = true;
    a->check.initial = value;
    return ERR_OK;
}

static enum err_code find_level(const struct judge_options *o, struct err *err)
{
    char known[400];
    struct catalogue all = checker_catalogue();
    if (!o->level || catalogue_find(&all, o->level))
        return ERR_OK;
    return err_set(err, ERR_INVALID, "--level: '%s' is no check; allowed: %s", o->level,
                   catalogue_names(&all, known, sizeof known));
}

static enum err_code understand(struct asked *a, struct err *err)
{
    const struct judge_options *o = a->options;
    if (find_model(a, err) || find_initial(a, err) || find_level(o, err))
        return err->code;
    a->check.jobs = o->jobs ? o->jobs : work_jobs();
    a->check.stop_at_once = o->stop_at_once;
    a->check.wants_orders = o->wants_orders;
    a->until_ns = o->within_ns ? clock_monotonic_ns() + o->within_ns : INT64_MAX;
    return ERR_OK;
}

/* --- exit code ----------------------------------------------------------- */

static enum exit_code of_verdicts(const struct judgement *j)
{
    /* Nothing promised is nothing proved. */
    enum exit_code worst = j->verdict_count > 0 ? EXIT_ALL_HOLD : EXIT_UNDECIDED;
    for (size_t i = 0; i < j->verdict_count; i++) {
        enum verdict_value v = j->verdicts[i].value;
        if (j->verdicts[i].is_our_fault)
            worst = exit_code_worst(worst, EXIT_OUR_FAULT);
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
    else if (named && history_promise_get(j->history, 0))
        g->trouble = arena_format(&j->arena,
                                  "the promise of '%s' names no checks: add \"checks\": "
                                  "\"linearizable\" to it",
                                  table ? table : "TABLE");
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

/* Once, for checks, measures and reports: a million operations take a while. Where
 * they do not fit, checks are undecided and nothing is measured. */
static enum err_code load(struct judged *j, bool is_capped, struct err *err)
{
    j->loaded.memory = is_capped ? &j->memory : NULL;
    if (is_capped)
        history_count_in(j->history, &j->memory);
    enum err_code code =
        history_columns(j->history, HISTORY_ALL_TABLES, &j->loaded, &j->columns, err);
    j->has_columns = code == ERR_OK;
    if (code != ERR_NOMEM)
        return code;
    arena_done(&j->loaded);
    j->columns = (struct columns){0};
    j->judgement.trouble = "its operations do not fit into the memory that it may take";
    return ERR_OK;
}

static enum err_code judge(struct asked *a, struct err *err)
{
    struct judged *j = a->j;
    struct judgement *g = &j->judgement;
    a->is_named = true; /* by the options, and by the history */
    if (understand(a, err) || load(j, a->options->memory_bytes != 0, err))
        return err->code;
    a->is_named = false;
    if (run_checks(a, err))
        return err->code;
    a->is_named = true;
    if (measures_take_from(j->history, &j->columns, &j->arena, &j->measures, err))
        return err->code;
    a->is_named = false;
    g->measures = &j->measures;
    g->columns = &j->columns;
    return objectives_judge(j->history, &j->measures, &j->arena, &g->objectives,
                            &g->objective_count, err);
}

/* A history that does not fit into memory is one of which nothing can be told. */
static enum err_code open_nothing(const struct asked *a, struct err *err)
{
    struct judged *j = a->j;
    const char *for_all = check_for_all(a->options);
    struct verdict *nothing = arena_alloc(&j->arena, sizeof *nothing);
    if (!nothing)
        return err_set(err, ERR_NOMEM, "judge: no memory");
    *nothing = (struct verdict){
        .value = VERDICT_UNDECIDED,
        .check = for_all ? for_all : "all",
        .table = "all",
        .sentence = "the history alone does not fit into the memory that it may take",
    };
    struct builder *b = builder_new(NULL);
    j->judgement.verdicts = nothing;
    j->judgement.verdict_count = 1;
    if (!b || builder_finish(b, &j->history, err))
        return err_set(err, ERR_NOMEM, "judge: no memory");
    j->judgement.measures = &j->measures;
    j->judgement.columns = &j->columns;
    return measures_take_from(j->history, &j->columns, &j->arena, &j->measures, err);
}

static enum err_code open_and_judge(const char *path, struct asked *a, struct err *err)
{
    struct judged *j = a->j;
    struct opened opened;
    bool is_capped = a->options->memory_bytes != 0;
    j->memory.max_bytes = is_capped ? (size_t)a->options->memory_bytes : READ_BYTES_MAX;
    enum err_code code = open_history(path, a->options->format, &j->memory, &opened, err);
    if (code == ERR_NOMEM)
        return open_nothing(a, err);
    a->is_named = code != ERR_OK;
    if (code)
        return code;
    j->history = opened.history;
    j->reading = opened.reading;
    return judge(a, err);
}

enum err_code judge_open_as(const char *path, const struct judge_options *options,
                            struct judged *out, struct err *err)
{
    struct asked asked = {.j = out, .options = options};
    *out = (struct judged){0};
    if (open_and_judge(path, &asked, err)) {
        judged_done(out);
        return asked.is_named ? err->code : err_wrap(err, "judge '%s'", path);
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

enum err_code judge_open(const char *path, struct judged *out, struct err *err)
{
    struct judge_options none = {0};
    return judge_open_as(path, &none, out, err);
}

void judged_done(struct judged *j)
{
    measures_done(&j->measures);
    arena_done(&j->loaded);
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

/* --- files --------------------------------------------------------------- */

struct document_to_write {
    const struct judged *j;
    const char *format; /* NULL: the witness */
};

static enum err_code write_document(const struct document_to_write *d, FILE *out,
                                    struct err *err)
{
    return d->format ? judge_write(d->j, d->format, out, err)
                     : witness_write(&d->j->judgement, out, err);
}

static enum err_code cannot_write(const char *path, struct err *err)
{
    return err_set(err, ERR_IO, "cannot write '%s': %s", path, strerror(errno));
}

/* What is no file, such as a pipe or a device, is written to and stays what it is. */
static bool is_no_file(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

static enum err_code write_into(const struct document_to_write *d, const char *path,
                                struct err *err)
{
    FILE *out = fopen(path, "wbe");
    if (!out)
        return cannot_write(path, err);
    enum err_code code = write_document(d, out, err);
    if (code)
        err_wrap(err, "'%s'", path);
    if (fclose(out) != 0 && code == ERR_OK)
        code = cannot_write(path, err);
    return code;
}

static enum err_code write_beside(const struct document_to_write *d, const char *path,
                                  const char *beside, struct err *err)
{
    FILE *out = fopen(beside, "wbe");
    if (!out)
        return cannot_write(path, err);
    enum err_code code = write_document(d, out, err);
    if (fclose(out) != 0 && code == ERR_OK)
        code = cannot_write(path, err);
    if (code == ERR_OK && rename(beside, path) != 0)
        code = cannot_write(path, err);
    if (code)
        unlink(beside);
    return code;
}

/* Beside it first: a document is whole or not there. */
static enum err_code write_file(const struct document_to_write *d, const char *path,
                                struct err *err)
{
    char *beside;
    if (is_no_file(path))
        return write_into(d, path, err);
    if (asprintf(&beside, "%s.part", path) < 0)
        return err_set(err, ERR_NOMEM, "cannot write '%s': no memory", path);
    enum err_code code = write_beside(d, path, beside, err);
    free(beside);
    return code;
}

enum err_code judge_write_file(const struct judged *j, const char *format, const char *path,
                               struct err *err)
{
    return write_file(&(struct document_to_write){j, format}, path, err);
}

enum err_code judge_write_witness(const struct judged *j, const char *path, struct err *err)
{
    return write_file(&(struct document_to_write){j, NULL}, path, err);
}
