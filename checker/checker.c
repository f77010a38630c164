/* Contents: the catalogue · running · what stays · all of it */
#include "checker/checker.h"

#include <assert.h>
#include <string.h>

#include "checker/problem.h"

/* --- the catalogue --- */

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

/* --- running --- */

static enum err_code load(struct check_input *in, struct arena *arena, struct err *err)
{
    struct columns *columns = arena_alloc(arena, sizeof *columns);
    if (!columns)
        return err_set(err, ERR_NOMEM, "out of memory");
    in->columns = columns;
    return history_columns(in->history, (int)in->table, arena, columns, err);
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
    if (!in->columns && load(in, arena, err))
        return err->code;
    return checker_of(found)->check(in, arena, out, err);
}

/* --- what stays --- */

static bool keep_text(const char **text, struct arena *arena)
{
    if (*text)
        *text = arena_copy_text(arena, *text);
    return *text != NULL;
}

static bool keep_ids(const int64_t **ids, size_t count, struct arena *arena)
{
    int64_t *copy = arena_array(arena, count, sizeof *copy);
    if (copy && count > 0)
        memcpy(copy, *ids, count * sizeof *copy);
    *ids = copy;
    return copy != NULL;
}

static bool keep_orders(struct verdict *v, struct arena *arena)
{
    struct witness_order *orders = arena_array(arena, v->order_count, sizeof *orders);
    for (size_t i = 0; orders && i < v->order_count; i++) {
        orders[i] = v->orders[i];
        if (!keep_ids(&orders[i].ids, orders[i].count, arena))
            return false;
    }
    v->orders = orders;
    return orders && keep_ids(&v->proof.ids, v->proof.count, arena) &&
           (!v->undecided_keys || keep_ids(&v->undecided_keys, v->undecided_count, arena));
}

/* Take what is told out of the check's own memory, which goes. */
static bool keep(struct verdict *v, bool with_orders, struct arena *arena)
{
    if (v->note && !keep_text(&v->note, arena))
        return false;
    if (v->decided_by && !keep_text(&v->decided_by, arena))
        return false;
    return keep_text(&v->sentence, arena) && keep_ids(&v->witness, v->witness_count, arena) &&
           (!with_orders || keep_orders(v, arena));
}

static struct verdict undecided(const char *why)
{
    return (struct verdict){.value = VERDICT_UNDECIDED, .sentence = why};
}

/* --- all of it --- */

static struct check_options completed(struct check_options o)
{
    o.initial = o.has_initial ? o.initial : OP_NIL;
    o.jobs = o.jobs ? o.jobs : 1;
    return o;
}

void check_run_as(const struct check_request *request, struct budget *budget,
                  struct arena *arena, struct verdict *out)
{
    assert(request->table < history_table_count(request->history));
    struct arena work = {.memory = budget->memory};
    struct check_options options = completed(request->options);
    struct check_input in = {.history = request->history,
                             .columns = request->columns,
                             .table = request->table,
                             .promise = history_promise_get(request->history, request->table),
                             .options = &options,
                             .budget = budget};
    struct err err = {0};
    *out = undecided(NULL);
    enum err_code code = run(request->check, &in, &work, out, &err);
    if (code)
        *out = undecided(code == ERR_NOMEM ? NO_MEMORY_LEFT : err.msg);
    /* A verdict that cannot even be told is no verdict. */
    if (!keep(out, options.wants_orders, arena))
        *out = undecided(NO_MEMORY_LEFT);
    out->check = request->check;
    out->table = history_table_name(request->history, request->table);
    arena_done(&work);
}

void check_run(const char *check, struct history *history, uint32_t table,
               struct budget *budget, struct arena *arena, struct verdict *out)
{
    struct check_request request = {.check = check, .history = history, .table = table};
    check_run_as(&request, budget, arena, out);
}
