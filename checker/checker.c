#include "checker/checker.h"

#include <assert.h>
#include <string.h>

#define CHECKER(name) extern const struct checker_ops checker_##name;
#include "checker/checkers.def"
#undef CHECKER

static const struct plugin *const plugins[] = {
#define CHECKER(name) &checker_##name.about,
#include "checker/checkers.def"
#undef CHECKER
    NULL};

struct catalogue checker_catalogue(void)
{
    return (struct catalogue){.kind = "check", .all = plugins};
}

const struct checker_ops *checker_of(const struct plugin *plugin)
{
    return CONTAINER_OF(plugin, const struct checker_ops, about);
}

bool check_is_async(const struct check_input *in)
{
    return in->promise && in->promise->mode && strcmp(in->promise->mode, "async") == 0;
}

static enum err_code run(const char *check, struct check_input *in, struct arena *arena,
                         struct verdict *out, struct err *err)
{
    struct catalogue all = checker_catalogue();
    const struct plugin *found = catalogue_find(&all, check);
    char known[200];
    if (!found)
        return err_set(err, ERR_NOTFOUND, "there is no check '%s'; there are %s", check,
                       catalogue_names(&all, known, sizeof known));
    struct columns *columns = arena_alloc(arena, sizeof *columns);
    if (!columns)
        return err_set(err, ERR_NOMEM, "out of memory");
    if (history_columns(in->history, (int)in->table, arena, columns, err))
        return err->code;
    in->columns = columns;
    return checker_of(found)->check(in, arena, out, err);
}

/* Take what is told out of the check's own memory, which goes. */
static bool keep(struct verdict *v, struct arena *arena)
{
    int64_t *witness = arena_array(arena, v->witness_count, sizeof *witness);
    v->sentence = v->sentence ? arena_copy_text(arena, v->sentence) : NULL;
    if (!witness || !v->sentence)
        return false;
    if (v->witness_count > 0)
        memcpy(witness, v->witness, v->witness_count * sizeof *witness);
    v->witness = witness;
    return true;
}

static struct verdict undecided(const char *why)
{
    return (struct verdict){.value = VERDICT_UNDECIDED, .sentence = why};
}

void check_run(const char *check, struct history *history, uint32_t table,
               struct budget *budget, struct arena *arena, struct verdict *out)
{
    assert(table < history_table_count(history));
    struct arena work = {.memory = budget->memory};
    struct check_input in = {.history = history,
                             .table = table,
                             .promise = history_promise_get(history, table),
                             .budget = budget};
    struct err err = {0};
    *out = undecided(NULL);
    enum err_code code = run(check, &in, &work, out, &err);
    if (code)
        *out = undecided(code == ERR_NOMEM ? "its memory was used up" : err.msg);
    /* A verdict that cannot even be told is no verdict. */
    if (!keep(out, arena))
        *out = undecided("its memory was used up");
    out->check = check;
    out->table = history_table_name(history, table);
    arena_done(&work);
}
