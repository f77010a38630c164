/* Objectives: of a table (rto, rpo), or of an operation's latency (write_p99). */
#include <string.h>

#include "scenarios/nearest.h"
#include "scenarios/reader.h"

static enum err_code add(struct reading *r, const struct spot *s, struct objective_spec o)
{
    struct scenario *scenario = r->scenario;
    struct objective_spec *all = (struct objective_spec *)scenario->objectives;
    if (scenario->objective_count == OBJECTIVES_MAX)
        return refuse(r, s, "there are too many; at most %d are allowed", OBJECTIVES_MAX);
    if (!o.name)
        return no_memory(r);
    all[scenario->objective_count++] = o;
    return ERR_OK;
}

static enum err_code read_of_table(struct reading *r, const struct spot *s, uint32_t table)
{
    struct table_limits w;
    if (read_section(r, s, &table_limits_section, &w, NULL, NULL))
        return r->err->code;
    if (w.rto_ns < 0 && w.rpo_ns < 0)
        return refuse(r, s, "it limits nothing; write rto: DURATION or rpo: DURATION");
    struct objective_spec o = {.table = table, .region = REGIONS_MAX};
    if (w.rto_ns >= 0) {
        o.kind = OBJECTIVE_RTO;
        o.limit_ns = w.rto_ns;
        o.name = arena_format(r->arena, "%s.rto", s->key);
        if (add(r, s, o))
            return r->err->code;
    }
    if (w.rpo_ns < 0)
        return ERR_OK;
    o.kind = OBJECTIVE_RPO;
    o.limit_ns = w.rpo_ns;
    o.name = arena_format(r->arena, "%s.rpo", s->key);
    return add(r, s, o);
}

/* "99" is 990000, "999" is 999000: digits after "0." */
static bool parse_quantile(const char *digits, int64_t *ppm)
{
    size_t length = strlen(digits);
    if (length < 2 || length > 4 || strspn(digits, "0123456789") != length)
        return false;
    *ppm = 0;
    for (size_t i = 0; i < 6; i++)
        *ppm = *ppm * 10 + (i < length ? digits[i] - '0' : 0);
    return *ppm > 0;
}

/* "write_p99" into its operation and its share. */
static bool parse_latency_name(const char *key, struct objective_spec *out)
{
    const char *p = strstr(key, "_p");
    for (const char *const *op = objective_ops; p && *op; op++)
        if (strlen(*op) == (size_t)(p - key) && strncmp(*op, key, (size_t)(p - key)) == 0)
            out->op = *op;
    return out->op && parse_quantile(p + 2, &out->quantile_ppm);
}

static enum err_code read_regions(struct reading *r, const struct spot *s,
                                  struct objective_spec o)
{
    const struct topology *t = &r->scenario->topology;
    if (expect_mapping(r, s, REGIONS_MAX))
        return r->err->code;
    const char *key;
    json_t *value;
    json_object_foreach(s->value, key, value)
    {
        struct spot at = spot_member(s, key);
        struct nearest n = {.written = key};
        char hint[80];
        int region = find_region_named(t, key);
        for (uint32_t i = 0; i < t->region_count; i++)
            nearest_offer(&n, t->regions[i].name);
        if (region < 0)
            return refuse(r, &at, "'%s' is no region%s; one of topology.regions is allowed",
                          key, nearest_hint(&n, hint, sizeof hint));
        struct latency_words w;
        struct param limit = latency_limit;
        limit.name = t->regions[region].name;
        const char *text = scalar_text(r, &at);
        if (!text)
            return r->err->code;
        if (param_parse(&limit, text, &w, r->arena, r->err))
            return blame_member(r, s, key);
        o.region = (uint32_t)region;
        o.limit_ns = w.limit_ns;
        o.name = arena_format(r->arena, "%s.%s", s->up->key, key);
        if (add(r, s, o))
            return r->err->code;
    }
    return ERR_OK;
}

static enum err_code read_latency(struct reading *r, const struct spot *s,
                                  struct objective_spec o)
{
    struct latency_words w;
    struct spot regions = spot_member(s, "regions");
    o.name = arena_copy_text(r->arena, s->key);
    if (!json_is_object(s->value)) {
        const char *text = scalar_text(r, s);
        struct param limit = latency_limit;
        limit.name = s->key;
        if (!text)
            return r->err->code;
        if (param_parse(&limit, text, &w, r->arena, r->err))
            return blame_member(r, s->up, s->key);
        o.limit_ns = w.limit_ns;
        return add(r, s, o);
    }
    if (read_section(r, s, &latency_section, &w, NULL, NULL))
        return r->err->code;
    if (w.limit_ns < 0 && !regions.value)
        return refuse(r, s,
                      "it limits nothing; write limit: DURATION or regions: {REGION: "
                      "DURATION}");
    o.outside_faults = w.outside_faults;
    o.limit_ns = w.limit_ns;
    if (w.limit_ns >= 0 && add(r, s, o))
        return r->err->code;
    return regions.value ? read_regions(r, &regions, o) : ERR_OK;
}

static enum err_code read_objective(struct reading *r, const struct spot *s)
{
    const struct system_spec *system = &r->scenario->system;
    struct objective_spec latency = {.kind = OBJECTIVE_LATENCY, .region = REGIONS_MAX};
    int table = find_table_named(system, s->key);
    if (table >= 0)
        return read_of_table(r, s, (uint32_t)table);
    if (parse_latency_name(s->key, &latency))
        return read_latency(r, s, latency);
    struct nearest n = {.written = s->key};
    char hint[80];
    for (uint32_t i = 0; i < system->table_count; i++)
        nearest_offer(&n, system->tables[i].name);
    return refuse(r, s,
                  "'%s' is no table and no latency%s; name a table, or write as read_p50 or "
                  "write_p99",
                  s->key, nearest_hint(&n, hint, sizeof hint));
}

enum err_code read_objectives(struct reading *r, const struct spot *s)
{
    if (!s->value)
        return ERR_OK;
    struct scenario *scenario = r->scenario;
    scenario->objectives = arena_array(r->arena, OBJECTIVES_MAX, sizeof *scenario->objectives);
    if (!scenario->objectives)
        return no_memory(r);
    if (expect_mapping(r, s, OBJECTIVES_MAX))
        return r->err->code;
    const char *key;
    json_t *value;
    json_object_foreach(s->value, key, value)
    {
        struct spot objective = spot_member(s, key);
        if (read_objective(r, &objective))
            return r->err->code;
    }
    return ERR_OK;
}
