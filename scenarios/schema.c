/* The schema is made from the same tables the loader reads by. What it cannot say
 * (that a link exists, that a fault ends in time) stays the loader's. */
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "scenarios/grammar.h"
#include "scenarios/json_parts.h"

#define DURATION_PATTERN "^(0|[1-9][0-9]*)([.][0-9]+)?(ns|us|ms|s|m|h)$"
#define PERCENT_PATTERN  "^(0|[1-9][0-9]*)([.][0-9]+)?(%|ppm)$"
#define SIZE_PATTERN     "^(0|[1-9][0-9]*)([.][0-9]+)?[BKMGT]$"
#define COUNT_PATTERN    "^(0|[1-9][0-9]*) +per region$"
#define RATE_PATTERN     "^(0|[1-9][0-9]*)([.][0-9]+)?/(s|min) +per region$"
#define LINK_PATTERN     "^[a-z][a-z0-9-]* *<?-> *[a-z][a-z0-9-]*$"
#define LATENCY_PATTERN  "^(read|write|cas|add|remove|members)_p[0-9]{2,4}$"
#define ANY_TEXT_PATTERN "[^ ]"

/* --- building blocks: each returns NULL without memory, and takes what it is given --- */

static json_t *pattern(const char *regex)
{
    return json_pack("{s:s, s:s}", "type", "string", "pattern", regex);
}

static json_t *name_schema(void)
{
    return pattern(NAME_PATTERN);
}

static json_t *names_enum(const char *const *names)
{
    json_t *all = json_array();
    bool whole = all != NULL;
    for (; whole && *names; names++)
        whole = append(all, json_string(*names));
    return json_pack("{s:o}", "enum", only_if(whole, all));
}

static json_t *plugins_enum(const struct catalogue *c)
{
    json_t *all = json_array();
    bool whole = all != NULL;
    for (const struct plugin *const *p = c->all; whole && *p; p++)
        whole = append(all, json_string((*p)->name));
    return json_pack("{s:o}", "enum", only_if(whole, all));
}

static json_t *type_schema(const struct param *p)
{
    switch (p->type) {
    case PARAM_DURATION: return pattern(DURATION_PATTERN);
    case PARAM_PERCENT: return pattern(PERCENT_PATTERN);
    case PARAM_SIZE: return pattern(SIZE_PATTERN);
    case PARAM_COUNT:
        return json_pack("{s:s, s:I, s:I}", "type", "integer", "minimum", (json_int_t)p->min,
                         "maximum", (json_int_t)p->max);
    case PARAM_COUNT_PER_REGION: return pattern(COUNT_PATTERN);
    case PARAM_RATE_PER_REGION: return pattern(RATE_PATTERN);
    case PARAM_FLAG: return json_pack("{s:s}", "type", "boolean");
    case PARAM_CHOICE: return names_enum(p->choices);
    case PARAM_TEXT: return json_pack("{s:[s,s,s]}", "type", "string", "number", "boolean");
    case PARAM_TARGET: return pattern(ANY_TEXT_PATTERN);
    }
    return NULL;
}

static json_t *param_schema(const struct param *p)
{
    json_t *schema = type_schema(p);
    return only_if(put(schema, "description", json_string(p->help)), schema);
}

/* A mapping: keys are added, and nothing else is allowed in it. */
struct mapping {
    json_t *properties, *required;
    bool whole;
};

static struct mapping mapping_begin(void)
{
    struct mapping m = {json_object(), json_array(), true};
    m.whole = m.properties && m.required;
    return m;
}

static void mapping_key(struct mapping *m, const char *name, bool required, json_t *schema)
{
    m->whole = put(m->properties, name, schema) && m->whole;
    if (required)
        m->whole = append(m->required, json_string(name)) && m->whole;
}

static void mapping_params(struct mapping *m, const struct param *params)
{
    for (const struct param *p = params; p->name; p++)
        mapping_key(m, p->name, p->required, param_schema(p));
}

static json_t *mapping_end(struct mapping *m)
{
    json_t *schema =
        json_pack("{s:s, s:o, s:o, s:b}", "type", "object", "properties", m->properties,
                  "required", m->required, "additionalProperties", 0);
    return only_if(m->whole, schema);
}

/* A mapping from names that match to values of one sort. */
static json_t *map_of(const char *names, json_t *values, int max)
{
    return json_pack("{s:s, s:{s:o}, s:b, s:i, s:i}", "type", "object", "patternProperties",
                     names, values, "additionalProperties", 0, "minProperties", 1,
                     "maxProperties", max);
}

static json_t *list_of(json_t *items, int min, int max)
{
    return json_pack("{s:s, s:o, s:i, s:i}", "type", "array", "items", items, "minItems", min,
                     "maxItems", max);
}

static json_t *one_of_keys(const char *a, const char *b)
{
    return json_pack("[{s:[s]}, {s:[s]}]", "required", a, "required", b);
}

/* --- the parts of a scenario --- */

static json_t *section_schema(const struct section *section)
{
    struct mapping m = mapping_begin();
    mapping_params(&m, section->params);
    return mapping_end(&m);
}

static json_t *link_schema(void)
{
    json_t *schema = section_schema(&link_section);
    return only_if(put(schema, "oneOf", one_of_keys("one_way", "rtt")), schema);
}

static json_t *topology_schema(void)
{
    struct mapping m = mapping_begin();
    mapping_key(&m, "regions", true,
                map_of(NAME_PATTERN, section_schema(&region_section), REGIONS_MAX));
    mapping_key(&m, "links", false,
                map_of(LINK_PATTERN, link_schema(), REGIONS_MAX * REGIONS_MAX));
    return mapping_end(&m);
}

static json_t *table_schema(const struct vocabulary *v)
{
    struct mapping m = mapping_begin();
    mapping_params(&m, table_section.params);
    json_t *checks = list_of(plugins_enum(&v->checks), 1, CHECKS_MAX);
    bool whole = put(checks, "uniqueItems", json_true());
    mapping_key(&m, "checks", true, only_if(whole, checks));
    return mapping_end(&m);
}

static json_t *kind_schema(const struct plugin *p)
{
    return json_pack("{s:s, s:s}", "const", p->name, "description", p->summary);
}

/* One alternative for each plug-in of the catalogue. */
static json_t *any_of(const struct catalogue *c, const struct vocabulary *v,
                      json_t *(*alternative)(const struct plugin *p,
                                             const struct vocabulary *v))
{
    json_t *all = json_array();
    bool whole = all != NULL;
    for (const struct plugin *const *p = c->all; whole && *p; p++)
        whole = append(all, alternative(*p, v));
    return json_pack("{s:o}", "oneOf", only_if(whole, all));
}

static json_t *system_schema(const struct plugin *p, const struct vocabulary *v)
{
    struct mapping m = mapping_begin();
    mapping_key(&m, "kind", true, kind_schema(p));
    mapping_params(&m, p->params);
    mapping_key(&m, "tables", true, map_of(NAME_PATTERN, table_schema(v), TABLES_MAX));
    return mapping_end(&m);
}

static json_t *workload_schema(const struct plugin *p, const struct vocabulary *v)
{
    (void)v;
    struct mapping m = mapping_begin();
    mapping_key(&m, "kind", true, kind_schema(p));
    mapping_key(&m, "table", true, name_schema());
    mapping_params(&m, p->params);
    return mapping_end(&m);
}

static json_t *fault_params_schema(const struct plugin *p)
{
    struct mapping m = mapping_begin();
    mapping_params(&m, p->params);
    json_t *schema = mapping_end(&m);
    return only_if(put(schema, "description", json_string(p->summary)), schema);
}

static json_t *fault_schema(const struct plugin *p, const struct vocabulary *v)
{
    (void)v;
    bool lasts = p->flags & FAULT_HEALS, restarts = p->flags & FAULT_RESTARTS;
    struct mapping m = mapping_begin();
    for (const struct param *own = fault_section.params; own->name; own++) {
        bool is_for = strcmp(own->name, "for") == 0;
        bool is_restart = strcmp(own->name, "restart_after") == 0;
        if ((is_for && !lasts) || (is_restart && !restarts))
            continue;
        mapping_key(&m, own->name, own->required || is_for, param_schema(own));
    }
    mapping_key(&m, p->name, true, fault_params_schema(p));
    return mapping_end(&m);
}

static json_t *latency_schema(void)
{
    struct mapping m = mapping_begin();
    mapping_params(&m, latency_section.params);
    mapping_key(&m, "regions", false,
                map_of(NAME_PATTERN, param_schema(&latency_limit), REGIONS_MAX));
    json_t *mapping = mapping_end(&m);
    bool whole = put(mapping, "anyOf", one_of_keys("limit", "regions"));
    return json_pack("{s:[o, o]}", "anyOf", param_schema(&latency_limit),
                     only_if(whole, mapping));
}

static json_t *objectives_schema(void)
{
    json_t *limits = section_schema(&table_limits_section);
    bool whole = put(limits, "minProperties", json_integer(1));
    json_t *by_name = json_pack("{s:o, s:o}", LATENCY_PATTERN, latency_schema(), NAME_PATTERN,
                                only_if(whole, limits));
    return json_pack("{s:s, s:o, s:b, s:i, s:i}", "type", "object", "patternProperties",
                     by_name, "additionalProperties", 0, "minProperties", 1, "maxProperties",
                     OBJECTIVES_MAX);
}

json_t *scenario_schema(const struct vocabulary *v)
{
    struct mapping m = mapping_begin();
    mapping_params(&m, scenario_section.params);
    m.whole = json_object_set_new(m.properties, "name", name_schema()) == 0 && m.whole;
    mapping_key(&m, "topology", true, topology_schema());
    mapping_key(&m, "system", true, any_of(&v->systems, v, system_schema));
    mapping_key(&m, "workloads", true,
                list_of(any_of(&v->workloads, v, workload_schema), 1, WORKLOADS_MAX));
    mapping_key(&m, "faults", false,
                list_of(any_of(&v->faults, v, fault_schema), 0, FAULTS_MAX));
    mapping_key(&m, "objectives", false, objectives_schema());
    mapping_key(&m, "random_faults", false, section_schema(&random_faults_section));
    json_t *schema = mapping_end(&m);
    bool whole =
        put(schema, "$schema", json_string("https://json-schema.org/draft/2020-12/schema")) &&
        put(schema, "title", json_string("Faultline scenario"));
    return only_if(whole, schema);
}
