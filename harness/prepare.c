/* From a scenario's file to a plan, touching nothing. */
#include <string.h>

#include "harness/run.h"
#include "harness/vocabulary.h"
#include "history/history.h"

static enum err_code read_scenario(const struct run_options *o, struct prepared *p,
                                   struct err *err)
{
    if (document_load(o->scenario, &p->document, err))
        return err->code;
    for (size_t i = 0; i < o->override_count; i++)
        if (document_set(p->document, o->overrides[i].path, o->overrides[i].value, err))
            return err->code;
    struct vocabulary v = harness_vocabulary();
    return scenario_read(p->document, &v, &p->arena, &p->scenario, err);
}

/* Whom each fault of an earlier run hit: its first row that says so. */
static enum err_code read_targets(const struct run_options *o, struct prepared *p,
                                  struct err *err)
{
    struct history *h;
    if (history_open(o->targets, &h, err))
        return err_wrap(err, "--targets");
    const struct fault_row *rows;
    size_t count;
    const char *scenario = history_meta_get(h, "scenario");
    enum err_code code = ERR_OK;
    if (!scenario || strcmp(scenario, p->scenario->name) != 0)
        code = err_set(err, ERR_INVALID, "--targets: '%s' is a run of '%s', not of '%s'",
                       o->targets, scenario ? scenario : "no scenario", p->scenario->name);
    if (code == ERR_OK)
        code = history_faults(h, &p->arena, &rows, &count, err);
    p->forced = code ? NULL : arena_array(&p->arena, p->plan->fault_count + 1, sizeof(char *));
    if (code == ERR_OK && !p->forced)
        code = err_set(err, ERR_NOMEM, "--targets: no memory");
    for (size_t i = 0; code == ERR_OK && i < count; i++) {
        uint32_t fault = rows[i].fault - 1;
        if (fault >= p->plan->fault_count || !rows[i].resolved || p->forced[fault])
            continue;
        p->forced[fault] = arena_copy_text(&p->arena, rows[i].resolved);
        if (!p->forced[fault])
            code = err_set(err, ERR_NOMEM, "--targets: no memory");
    }
    history_free(h);
    return code;
}

enum err_code run_prepare(const struct run_options *o, struct prepared *p, struct err *err)
{
    *p = (struct prepared){0};
    struct catalogue faults = harness_vocabulary().faults;
    enum err_code code = read_scenario(o, p, err);
    if (code == ERR_OK)
        code = plan_make(p->scenario, o->seed, &faults, &p->arena, &p->plan, err);
    if (code == ERR_OK && o->targets)
        code = read_targets(o, p, err);
    if (code)
        prepared_done(p);
    return code;
}

void prepared_done(struct prepared *p)
{
    document_free(p->document);
    arena_done(&p->arena);
    *p = (struct prepared){0};
}
