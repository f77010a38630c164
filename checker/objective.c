#include "checker/objective.h"

#include "base/document.h"
#include "base/units.h"

#define OBJECTIVE(name) extern const struct objective_ops objective_##name;
#include "checker/objectives.def"
#undef OBJECTIVE

static const struct plugin *const plugins[] = {
#define OBJECTIVE(name) &objective_##name.about,
#include "checker/objectives.def"
#undef OBJECTIVE
    NULL};

struct catalogue objective_catalogue(void)
{
    return (struct catalogue){.kind = "objective", .all = plugins};
}

static uint32_t index_in(const json_t *row, const char *name)
{
    const json_t *value = json_object_get(row, name);
    json_int_t number = json_integer_value(value);
    return json_is_integer(value) && number >= 0 && number < UINT32_MAX ? (uint32_t)number
                                                                        : UINT32_MAX;
}

/* One row of the meta. The kind's own needs are checked by what it finds. */
static enum err_code read_row(const json_t *row, struct objective *out,
                              const struct objective_ops **ops, struct err *err)
{
    struct catalogue all = objective_catalogue();
    const char *name = json_string_value(json_object_get(row, "name"));
    const char *kind = json_string_value(json_object_get(row, "kind"));
    const char *op = json_string_value(json_object_get(row, "op"));
    const json_t *limit = json_object_get(row, "limit_ns");
    const struct plugin *found = kind ? catalogue_find(&all, kind) : NULL;
    int op_kind = op ? op_kind_find(op) : OP_READ;
    if (!name || !found || !json_is_integer(limit) || op_kind < 0)
        return err_set(err, ERR_INVALID,
                       "objectives: '%s' needs a name, a kind, a limit_ns and known words",
                       name ? name : "one of them");
    *out = (struct objective){
        .name = name,
        .table = index_in(row, "table"),
        .region = index_in(row, "region"),
        .op = (enum op_kind)op_kind,
        .quantile_ppm = json_integer_value(json_object_get(row, "quantile_ppm")),
        .limit_ns = json_integer_value(limit),
        .outside_faults = json_is_true(json_object_get(row, "outside_faults"))};
    *ops = CONTAINER_OF(found, const struct objective_ops, about);
    return ERR_OK;
}

static enum err_code judge_row(const json_t *row, const struct measures *m, struct arena *arena,
                               struct objective_result *out, struct err *err)
{
    struct objective o;
    const struct objective_ops *ops = NULL;
    if (read_row(row, &o, &ops, err))
        return err->code;
    char limit[64], value[64];
    int64_t value_ns = 0;
    const char *why = ops->measure(&o, m, &value_ns);
    out->state = why                     ? OBJECTIVE_NO_DATA
                 : value_ns > o.limit_ns ? OBJECTIVE_MISSED
                                         : OBJECTIVE_MET;
    if (!why)
        why = value_ns == INT64_MAX ? "never again"
                                    : units_duration_short(value_ns, value, sizeof value);
    out->name = arena_copy_text(arena, o.name);
    out->limit = arena_copy_text(arena, units_duration(o.limit_ns, limit, sizeof limit));
    out->value = arena_copy_text(arena, why);
    return out->name && out->limit && out->value
               ? ERR_OK
               : err_set(err, ERR_NOMEM, "objectives: out of memory");
}

static enum err_code judge_rows(const json_t *rows, const struct measures *m,
                                struct arena *arena, const struct objective_result **out,
                                size_t *count, struct err *err)
{
    if (!json_is_array(rows))
        return err_set(err, ERR_DAMAGED, "objectives: the history's are no JSON list");
    size_t rows_count = json_array_size(rows);
    struct objective_result *results = arena_array(arena, rows_count, sizeof *results);
    if (!results)
        return err_set(err, ERR_NOMEM, "objectives: out of memory");
    for (size_t i = 0; i < rows_count; i++)
        if (judge_row(json_array_get(rows, i), m, arena, &results[i], err))
            return err->code;
    *out = results;
    *count = rows_count;
    return ERR_OK;
}

enum err_code objectives_judge(struct history *history, const struct measures *m,
                               struct arena *arena, const struct objective_result **out,
                               size_t *count, struct err *err)
{
    *out = NULL;
    *count = 0;
    const char *text = history_meta_get(history, "objectives");
    if (!text)
        return ERR_OK;
    json_t *rows = json_loads(text, 0, NULL);
    enum err_code code = judge_rows(rows, m, arena, out, count, err);
    json_decref(rows);
    return code;
}
