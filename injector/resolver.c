#include "injector/resolver.h"

#include <string.h>

static const struct resolver *resolver_of(const struct fault_targets *t)
{
    return CONTAINER_OF(t, const struct resolver, targets);
}

static enum err_code parse(const struct resolver *r, const char *text, struct target *out,
                           struct err *err)
{
    return target_parse(text, r->targets.topology, r->tables, r->table_count, out, err);
}

/* "us-east-1, clients of eu-west": a target that names exactly these. */
static char *names_of(const struct topology *t, struct resolved who)
{
    struct buffer text = {0};
    bool fits = true;
    for (uint32_t i = 0; i < t->node_count + t->region_count; i++) {
        bool is_node = i < t->node_count;
        uint32_t bit = is_node ? i : i - t->node_count;
        if (!((is_node ? who.nodes : who.clients) >> bit & 1))
            continue;
        const char *name = is_node ? t->nodes[bit].name : t->regions[bit].name;
        const char *parts[] = {text.size ? ", " : "", is_node ? "" : "clients of ", name};
        for (size_t p = 0; p < ARRAY_LEN(parts); p++)
            fits = fits && buffer_append(&text, (struct bytes){(const uint8_t *)parts[p],
                                                               strlen(parts[p])});
    }
    if (fits && buffer_append(&text, (struct bytes){(const uint8_t *)"", 1}))
        return (char *)text.at;
    buffer_done(&text);
    return NULL;
}

static enum err_code keep_answer(const struct resolver *r, const char *text,
                                 struct resolved who, struct err *err)
{
    if (!r->answers)
        return ERR_OK;
    struct buffer names = {.at = (uint8_t *)names_of(r->targets.topology, who)};
    json_t *value = names.at ? json_string((const char *)names.at) : NULL;
    buffer_done(&names);
    if (!value || json_object_set_new(r->answers, text, value))
        return err_set(err, ERR_NOMEM, "no memory to remember the targets");
    return ERR_OK;
}

static enum err_code resolve(const struct fault_targets *t, const char *text,
                             struct resolved *out, struct err *err)
{
    const struct resolver *r = resolver_of(t);
    const char *forced = json_string_value(json_object_get(r->forced, text));
    struct target target;
    if (parse(r, forced ? forced : text, &target, err))
        return err->code;
    int leader = target_asks_role(&target) ? r->leaders[target.table] : -1;
    if (target_resolve(&target, t->topology, leader, r->order, out, err))
        return err_wrap(err, "'%s'", text);
    return keep_answer(r, text, *out, err);
}

void resolver_init(struct resolver *r, const struct topology *topology,
                   const struct system_spec *system)
{
    *r = (struct resolver){.targets = {topology, resolve},
                           .tables = system->tables,
                           .table_count = system->table_count};
    for (uint32_t i = 0; i < TABLES_MAX; i++)
        r->leaders[i] = -1;
    for (uint8_t i = 0; i < NODES_MAX; i++)
        r->order[i] = i;
}

void resolver_pretend(struct resolver *r, const struct topology *topology,
                      const struct system_spec *system, uint32_t leader)
{
    resolver_init(r, topology, system);
    for (uint32_t i = 0; i < TABLES_MAX; i++)
        r->leaders[i] = (int)leader;
}

enum err_code resolver_tables(const struct resolver *r, const struct plugin *fault,
                              const void *config, uint32_t *tables, struct err *err)
{
    *tables = 0;
    for (const struct param *p = fault->params; p->name; p++) {
        if (p->type != PARAM_TARGET)
            continue;
        const char *text = param_text(p, config);
        if (!text || json_object_get(r->forced, text))
            continue;
        struct target target;
        if (parse(r, text, &target, err))
            return err_wrap(err, "%s", p->name);
        if (target_asks_role(&target))
            *tables |= UINT32_C(1) << target.table;
    }
    return ERR_OK;
}

enum err_code resolver_begin(struct resolver *r, const char *forced, struct err *err)
{
    r->answers = json_object();
    r->forced = forced ? json_loads(forced, 0, NULL) : NULL;
    if (!r->answers)
        return err_set(err, ERR_NOMEM, "no memory to remember the targets");
    if (forced && !json_is_object(r->forced))
        return err_set(err, ERR_INVALID, "'%s' are no resolved targets of an earlier run",
                       forced);
    return ERR_OK;
}

void resolver_done(struct resolver *r)
{
    json_decref(r->forced);
    json_decref(r->answers);
    r->forced = r->answers = NULL;
}
