/* The plan as a document: absolute times, names for numbers, nothing left out. Seeds
 * are text, because JSON's readers keep 53 bits of a number. */
#include <inttypes.h>
#include <stdio.h>

#include "scenarios/json_parts.h"
#include "scenarios/plan.h"

static json_t *seed_text(uint64_t seed)
{
    char text[32];
    snprintf(text, sizeof text, "%" PRIu64, seed);
    return json_string(text);
}

static json_t *params_json(const struct plugin *plugin, const void *config)
{
    json_t *all = json_object();
    bool whole = all != NULL;
    for (const struct param *p = plugin->params; whole && p->name; p++) {
        char text[256];
        param_format(p, config, text, sizeof text);
        if (*text)
            whole = put(all, p->name, json_string(text));
    }
    return only_if(whole, all);
}

static json_t *regions_json(const struct topology *t)
{
    json_t *all = json_object();
    bool whole = all != NULL;
    for (uint32_t r = 0; whole && r < t->region_count; r++) {
        json_t *nodes = json_array();
        whole = nodes != NULL;
        for (uint32_t n = 0; whole && n < t->node_count; n++)
            if (t->nodes[n].region == r)
                whole = append(nodes, json_string(t->nodes[n].name));
        whole = put(all, t->regions[r].name, only_if(whole, nodes));
    }
    return only_if(whole, all);
}

static json_t *links_json(const struct topology *t)
{
    json_t *all = json_array();
    bool whole = all != NULL;
    for (uint32_t a = 0; a < t->region_count; a++)
        for (uint32_t b = 0; whole && b < t->region_count; b++) {
            const struct region_link *l = &t->links[a][b];
            if (a == b)
                continue;
            whole = append(all, json_pack("{s:s, s:s, s:I, s:I, s:I}", "from",
                                          t->regions[a].name, "to", t->regions[b].name,
                                          "delay_ns", (json_int_t)l->delay_ns, "jitter_ns",
                                          (json_int_t)l->jitter_ns, "loss_ppm",
                                          (json_int_t)l->loss_ppm));
        }
    return only_if(whole, all);
}

static json_t *table_json(const struct table_spec *t)
{
    json_t *checks = json_array();
    bool whole = checks != NULL;
    for (const char *const *c = t->checks; whole && *c; c++)
        whole = append(checks, json_string(*c));
    return json_pack("{s:s, s:s, s:s, s:s, s:o}", "name", t->name, "type",
                     table_type_name(t->type), "mode", table_mode_name(t->mode), "reads",
                     t->reads, "checks", only_if(whole, checks));
}

static json_t *system_json(const struct system_spec *s)
{
    json_t *tables = json_array();
    bool whole = tables != NULL;
    for (uint32_t i = 0; whole && i < s->table_count; i++)
        whole = append(tables, table_json(&s->tables[i]));
    return json_pack("{s:s, s:o, s:o}", "kind", s->plugin->name, "params",
                     params_json(s->plugin, s->config), "tables", only_if(whole, tables));
}

static json_t *workloads_json(const struct plan *plan)
{
    const struct scenario *s = plan->scenario;
    json_t *all = json_array();
    bool whole = all != NULL;
    for (uint32_t i = 0; whole && i < s->workload_count; i++) {
        const struct workload_spec *w = &s->workloads[i];
        whole = append(all, json_pack("{s:s, s:s, s:o, s:o}", "kind", w->plugin->name, "table",
                                      s->system.tables[w->table].name, "seed",
                                      seed_text(plan->workload_seeds[i]), "params",
                                      params_json(w->plugin, w->config)));
    }
    return only_if(whole, all);
}

static json_t *order_json(const struct planned_fault *f, const struct topology *t)
{
    json_t *all = json_array();
    bool whole = all != NULL;
    for (uint32_t i = 0; whole && i < t->node_count; i++)
        whole = append(all, json_string(t->nodes[f->order[i]].name));
    return only_if(whole, all);
}

static json_t *fault_json(const struct planned_fault *f, const struct topology *t)
{
    return json_pack("{s:i, s:I, s:I, s:I, s:I, s:s, s:o, s:s, s:o, s:o}", "id", (int)f->id,
                     "at_ns", (json_int_t)f->at_ns, "for_ns", (json_int_t)f->for_ns,
                     "restart_after_ns", (json_int_t)f->restart_after_ns, "wait_ns",
                     (json_int_t)f->wait_ns, "kind", f->plugin->name, "params",
                     params_json(f->plugin, f->config), "words", f->words, "order",
                     order_json(f, t), "seed", seed_text(f->seed));
}

static json_t *faults_json(const struct plan *plan)
{
    json_t *all = json_array();
    bool whole = all != NULL;
    for (uint32_t i = 0; whole && i < plan->fault_count; i++)
        whole = append(all, fault_json(&plan->faults[i], &plan->scenario->topology));
    return only_if(whole, all);
}

static json_t *objectives_json(const struct scenario *s)
{
    json_t *all = json_array();
    bool whole = all != NULL;
    for (uint32_t i = 0; whole && i < s->objective_count; i++)
        whole = append(all, json_pack("{s:s, s:I, s:b}", "name", s->objectives[i].name,
                                      "limit_ns", (json_int_t)s->objectives[i].limit_ns,
                                      "outside_faults", (int)s->objectives[i].outside_faults));
    return only_if(whole, all);
}

json_t *plan_to_json(const struct plan *plan)
{
    const struct scenario *s = plan->scenario;
    json_t *all = json_object();
    bool whole = all && put(all, "scenario", json_string(s->name)) &&
                 put(all, "seed", seed_text(plan->seed)) &&
                 put(all, "world_seed", seed_text(plan->world_seed)) &&
                 put(all, "duration_ns", json_integer(s->duration_ns)) &&
                 put(all, "settle_ns", json_integer(s->settle_ns)) &&
                 put(all, "regions", regions_json(&s->topology)) &&
                 put(all, "links", links_json(&s->topology)) &&
                 put(all, "system", system_json(&s->system)) &&
                 put(all, "workloads", workloads_json(plan)) &&
                 put(all, "faults", faults_json(plan)) &&
                 put(all, "objectives", objectives_json(s));
    return only_if(whole, all);
}
