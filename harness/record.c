#include "harness/record.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/units.h"
#include "io/clock.h"

static void record_names(struct history_writer *w, const struct scenario *s)
{
    for (uint32_t i = 0; i < s->topology.region_count; i++)
        history_region(w, i, s->topology.regions[i].name);
    for (uint32_t i = 0; i < s->topology.node_count; i++)
        history_node(w, i, s->topology.nodes[i].name, s->topology.nodes[i].region);
    for (uint32_t i = 0; i < s->system.table_count; i++)
        history_table(w, i, s->system.tables[i].name);
}

/* "linearizable,convergence" */
static void join(const char *const *names, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (; *names && used < size; names++)
        used += (size_t)snprintf(out + used, size - used, "%s%s", used ? "," : "", *names);
}

static void record_promises(struct history_writer *w, const struct system_spec *system)
{
    for (uint32_t i = 0; i < system->table_count; i++) {
        const struct table_spec *t = &system->tables[i];
        char checks[256];
        join(t->checks, checks, sizeof checks);
        history_promise(w, &(struct promise){.table = i,
                                             .type = table_type_name(t->type),
                                             .mode = table_mode_name(t->mode),
                                             .level = t->reads,
                                             .checks = checks});
    }
}

/* The form that checker/objective.h reads. */
static json_t *objective_json(const struct scenario *s, const struct objective_spec *o)
{
    static const char *const kinds[] = {
        [OBJECTIVE_RTO] = "rto", [OBJECTIVE_RPO] = "rpo", [OBJECTIVE_LATENCY] = "latency"};
    json_t *row = json_pack("{s:s, s:s, s:I}", "name", o->name, "kind", kinds[o->kind],
                            "limit_ns", (json_int_t)o->limit_ns);
    int rc = row ? 0 : -1;
    if (rc == 0 && o->kind != OBJECTIVE_LATENCY)
        rc = json_object_set_new(row, "table", json_integer(o->table));
    if (rc == 0 && o->kind == OBJECTIVE_LATENCY)
        rc = json_object_update_new(row, json_pack("{s:s, s:I, s:b}", "op", o->op,
                                                   "quantile_ppm", (json_int_t)o->quantile_ppm,
                                                   "outside_faults", (int)o->outside_faults));
    if (rc == 0 && o->kind == OBJECTIVE_LATENCY && o->region < s->topology.region_count)
        rc = json_object_set_new(row, "region", json_integer(o->region));
    if (rc == 0)
        return row;
    json_decref(row);
    return NULL;
}

static enum err_code record_json(struct history_writer *w, const char *name, json_t *value,
                                 struct err *err)
{
    char *text = value ? json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    json_decref(value);
    if (!text)
        return err_set(err, ERR_NOMEM, "record %s: no memory", name);
    history_meta(w, name, text);
    free(text);
    return ERR_OK;
}

static enum err_code record_objectives(struct history_writer *w, const struct scenario *s,
                                       struct err *err)
{
    json_t *list = json_array();
    bool whole = list != NULL;
    for (uint32_t i = 0; whole && i < s->objective_count; i++)
        whole = json_array_append_new(list, objective_json(s, &s->objectives[i])) == 0;
    if (whole)
        return record_json(w, "objectives", list, err);
    json_decref(list);
    return err_set(err, ERR_NOMEM, "record objectives: no memory");
}

const char *record_wall_time(int64_t wall_ns, char *out, size_t size)
{
    struct tm parts;
    time_t seconds = (time_t)(wall_ns / NS_PER_S);
    if (!gmtime_r(&seconds, &parts) || strftime(out, size, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
        snprintf(out, size, "?");
    return out;
}

/* What only a run on a machine has. */
static void record_machine(struct history_writer *w, const struct stage *stage)
{
    char started[32];
    if (stage->kind == STAGE_SIM)
        return;
    history_meta(w, "started", record_wall_time(clock_wall_ns(), started, sizeof started));
    history_meta(w, "congestion_control", lab_congestion_control(stage->lab));
}

enum err_code record_header(struct history_writer *w, const struct plan *plan,
                            const struct stage *stage, struct err *err)
{
    const struct scenario *s = plan->scenario;
    char seed[24];
    snprintf(seed, sizeof seed, "%" PRIu64, plan->seed);
    history_meta(w, "scenario", s->name);
    history_meta(w, "seed", seed);
    history_meta(w, "world", stage->kind == STAGE_SIM ? "sim" : "local");
    record_machine(w, stage);
    history_meta(w, "shaper", stage->shaper);
    history_meta(w, "source", s->source);
    record_names(w, s);
    record_promises(w, &s->system);
    if (record_objectives(w, s, err))
        return err->code;
    return record_json(w, "plan", plan_to_json(plan), err);
}

static void on_changed(void *user, const struct planned_fault *fault, const char *state,
                       const char *resolved, const char *measured, const char *detail)
{
    struct fault_recorder *r = user;
    int64_t now_ns = r->world->ops->now_ns(r->world);
    bool not_applied = strcmp(state, "not applied") == 0;
    r->failed_count += not_applied;
    history_fault(r->history, &(struct fault_row){.fault = fault->id,
                                                  .name = fault->plugin->name,
                                                  .state = state,
                                                  .at_ns = now_ns,
                                                  .asked = fault->words,
                                                  .resolved = resolved,
                                                  .measured = not_applied ? detail : measured});
    log_event(not_applied ? LOG_WARN : LOG_INFO, now_ns, "fault", "id=%u name=%s state=%s %s",
              fault->id, fault->plugin->name, state, detail ? detail : "");
}

struct fault_listener record_faults(struct fault_recorder *r)
{
    return (struct fault_listener){.user = r, .changed = on_changed};
}
