#include "checker/checker.h"

#include <assert.h>

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

void check_run(const char *check, struct history *history, uint32_t table,
               struct budget *budget, struct arena *arena, struct verdict *out)
{
    assert(table < history_table_count(history));
    struct check_input in = {.history = history,
                             .table = table,
                             .promise = history_promise_get(history, table),
                             .budget = budget};
    struct err err = {0};
    *out = (struct verdict){.value = VERDICT_UNDECIDED};
    if (run(check, &in, arena, out, &err)) {
        *out = (struct verdict){.value = VERDICT_UNDECIDED};
        out->sentence = arena_copy_text(arena, err.msg);
    }
    out->check = check;
    out->table = history_table_name(history, table);
    /* A verdict that cannot even be told is no verdict. */
    if (out->sentence)
        return;
    out->value = VERDICT_UNDECIDED;
    out->witness_count = 0;
    out->sentence = "the check ran out of memory";
}
