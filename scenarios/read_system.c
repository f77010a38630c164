/* The system under test with its tables, and the workloads that drive them. */
#include <string.h>

#include "scenarios/nearest.h"
#include "scenarios/reader.h"

/* Is a plug-in with these flags for tables of that type? */
static bool fits(const struct plugin *plugin, enum table_type type)
{
    unsigned all = PLUGIN_REGISTER | PLUGIN_OR_SET;
    unsigned wanted = type == TABLE_REGISTER ? PLUGIN_REGISTER : PLUGIN_OR_SET;
    return (plugin->flags & all) == 0 || (plugin->flags & wanted) != 0;
}

static const char *types_of(const struct plugin *plugin)
{
    return fits(plugin, TABLE_REGISTER) ? "register" : "or-set";
}

static enum err_code read_check(struct reading *r, const struct spot *s,
                                const struct table_spec *table, const char **known,
                                size_t known_count)
{
    const struct plugin *check = read_plugin(r, s, &r->vocabulary->checks);
    if (!check)
        return r->err->code;
    for (size_t i = 0; i < known_count; i++)
        if (strcmp(known[i], check->name) == 0)
            return refuse(r, s, "'%s' is listed twice; list it once", check->name);
    if (!fits(check, table->type))
        return refuse(r, s, "'%s' cannot judge a table of type %s; it is for %s", check->name,
                      table_type_name(table->type), types_of(check));
    known[known_count] = check->name;
    return ERR_OK;
}

static enum err_code read_checks(struct reading *r, const struct spot *s,
                                 struct table_spec *table)
{
    if (expect_list(r, s, CHECKS_MAX))
        return r->err->code;
    size_t count = json_array_size(s->value);
    const char **names = arena_array(r->arena, count + 1, sizeof *names);
    if (!names)
        return no_memory(r);
    for (size_t i = 0; i < count; i++) {
        struct spot item = spot_item(s, i);
        if (read_check(r, &item, table, names, i))
            return r->err->code;
    }
    table->checks = names;
    return ERR_OK;
}

/* Can the system keep such a table? */
static enum err_code check_table(struct reading *r, const struct spot *s,
                                 const struct table_spec *table)
{
    const struct plugin *system = r->scenario->system.plugin;
    struct spot type = spot_member(s, "type"), mode = spot_member(s, "mode");
    if (!fits(system, table->type))
        return refuse(r, &type, "'%s': the system '%s' has no such tables; it has %s",
                      table_type_name(table->type), system->name, types_of(system));
    if (table->mode == MODE_ASYNC && !(system->flags & SYSTEM_ASYNC))
        return refuse(r, &mode, "'async': the system '%s' cannot do that; write consensus",
                      system->name);
    return ERR_OK;
}

static enum err_code read_table(struct reading *r, const struct spot *s)
{
    struct system_spec *system = &r->scenario->system;
    struct table_words w;
    if (check_name(r, s, s->key) || read_section(r, s, &table_section, &w, NULL, NULL))
        return r->err->code;
    struct table_spec table = {.name = arena_copy_text(r->arena, s->key),
                               .type = (enum table_type)w.type,
                               .mode = (enum table_mode)w.mode};
    if (!table.name)
        return no_memory(r);
    table.reads = w.reads >= 0                   ? read_levels[w.reads]
                  : table.mode == MODE_CONSENSUS ? "linearizable"
                                                 : "eventual";
    struct spot checks = spot_member(s, "checks");
    if (check_table(r, s, &table) || read_checks(r, &checks, &table))
        return r->err->code;
    system->tables[system->table_count++] = table;
    return ERR_OK;
}

/* Do the parameters go together? */
static enum err_code check_config(struct reading *r, const struct spot *s,
                                  const struct plugin *plugin, const void *config)
{
    if (plugin->check && plugin->check(config, r->err))
        return blame(r, s);
    return ERR_OK;
}

enum err_code read_system(struct reading *r, const struct spot *s)
{
    struct system_spec *system = &r->scenario->system;
    if (expect_mapping(r, s, 64))
        return r->err->code;
    struct spot kind = spot_member(s, "kind"), tables = spot_member(s, "tables");
    system->plugin = read_plugin(r, &kind, &r->vocabulary->systems);
    void *config = system->plugin ? new_config(r, system->plugin) : NULL;
    if (!config)
        return r->err->code;
    system->config = config;
    struct kind_words words;
    struct fill own = {system->plugin->params, config};
    if (read_section(r, s, &system_section, &words, &own, NULL) ||
        check_config(r, s, system->plugin, config) || expect_mapping(r, &tables, TABLES_MAX))
        return r->err->code;
    const char *key;
    json_t *value;
    json_object_foreach(tables.value, key, value)
    {
        struct spot table = spot_member(&tables, key);
        if (read_table(r, &table))
            return r->err->code;
    }
    return ERR_OK;
}

/* --- workloads --- */

static enum err_code find_table(struct reading *r, const struct spot *s, const char *name,
                                const struct plugin *workload, uint32_t *out)
{
    const struct system_spec *system = &r->scenario->system;
    struct spot at = spot_member(s, "table");
    int found = find_table_named(system, name);
    struct nearest n = {.written = name};
    char hint[80];
    for (uint32_t i = 0; i < system->table_count; i++)
        nearest_offer(&n, system->tables[i].name);
    if (found < 0)
        return refuse(r, &at, "there is no table '%s'%s; one of system.tables is allowed", name,
                      nearest_hint(&n, hint, sizeof hint));
    const struct table_spec *table = &system->tables[found];
    if (!fits(workload, table->type))
        return refuse(r, &at,
                      "'%s' is of type %s, which the workload '%s' cannot drive; it is "
                      "for %s",
                      name, table_type_name(table->type), workload->name, types_of(workload));
    *out = (uint32_t)found;
    return ERR_OK;
}

static enum err_code read_workload(struct reading *r, const struct spot *s,
                                   struct workload_spec *out)
{
    if (expect_mapping(r, s, 64))
        return r->err->code;
    struct spot kind = spot_member(s, "kind");
    out->plugin = read_plugin(r, &kind, &r->vocabulary->workloads);
    void *config = out->plugin ? new_config(r, out->plugin) : NULL;
    if (!config)
        return r->err->code;
    out->config = config;
    struct kind_words words;
    struct fill own = {out->plugin->params, config};
    if (read_section(r, s, &workload_section, &words, &own, NULL) ||
        check_config(r, s, out->plugin, config) ||
        find_table(r, s, words.table, out->plugin, &out->table))
        return r->err->code;
    out->name = arena_format(r->arena, "workloads[%zu]", s->index);
    return out->name ? ERR_OK : no_memory(r);
}

/* Allowed, because a table may be there to be left alone; but worth a word. */
static enum err_code note_idle_tables(struct reading *r)
{
    struct scenario *s = r->scenario;
    for (uint32_t t = 0; t < s->system.table_count; t++) {
        bool driven = false;
        for (uint32_t w = 0; w < s->workload_count; w++)
            driven |= s->workloads[w].table == t;
        if (driven)
            continue;
        s->note = arena_format(r->arena,
                               "table %s is driven by no workload; its checks will not be "
                               "exercised",
                               s->system.tables[t].name);
        return s->note ? ERR_OK : no_memory(r);
    }
    return ERR_OK;
}

enum err_code read_workloads(struct reading *r, const struct spot *s)
{
    if (expect_list(r, s, WORKLOADS_MAX))
        return r->err->code;
    size_t count = json_array_size(s->value);
    struct workload_spec *workloads = arena_array(r->arena, count, sizeof *workloads);
    if (!workloads)
        return no_memory(r);
    for (size_t i = 0; i < count; i++) {
        struct spot item = spot_item(s, i);
        if (read_workload(r, &item, &workloads[i]))
            return r->err->code;
    }
    r->scenario->workloads = workloads;
    r->scenario->workload_count = (uint32_t)count;
    return note_idle_tables(r);
}
