#include "scenarios/scenario.h"

#include <stdlib.h>

#include "scenarios/reader.h"

bool system_can_take(const struct plugin *system, const struct plugin *fault)
{
    return (!(fault->flags & FAULT_KILLS) || (system->flags & SYSTEM_KILL)) &&
           (!(fault->flags & FAULT_PAUSES) || (system->flags & SYSTEM_PAUSE));
}

static enum err_code read_random_faults(struct reading *r, const struct spot *s)
{
    struct random_faults *random = &r->scenario->random_faults;
    if (!s->value)
        return ERR_OK;
    struct spot min = spot_member(s, "min");
    if (read_section(r, s, &random_faults_section, random, NULL, NULL))
        return r->err->code;
    if (random->min > random->max)
        return refuse(r, &min, "'%d' is more than max; at most %d is allowed", (int)random->min,
                      (int)random->max);
    return ERR_OK;
}

static enum err_code read_parts(struct reading *r, const struct spot *root)
{
    static const struct {
        const char *key;
        enum err_code (*read)(struct reading *r, const struct spot *s);
    } parts[] = {
        {"topology", read_topology},     {"system", read_system},
        {"workloads", read_workloads},   {"faults", read_faults},
        {"objectives", read_objectives}, {"random_faults", read_random_faults},
    };
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        struct spot part = spot_member(root, parts[i].key);
        if (parts[i].read(r, &part))
            return r->err->code;
    }
    return ERR_OK;
}

static enum err_code keep_source(struct reading *r)
{
    char *text = json_dumps(document_root(r->document), JSON_COMPACT);
    r->scenario->source = text ? arena_copy_text(r->arena, text) : NULL;
    free(text);
    return r->scenario->source ? ERR_OK : no_memory(r);
}

enum err_code scenario_read(const struct document *document, const struct vocabulary *v,
                            struct arena *arena, struct scenario **out, struct err *err)
{
    struct reading r = {document, v, arena, arena_alloc(arena, sizeof *r.scenario), err};
    if (!r.scenario)
        return no_memory(&r);
    struct spot root = {.value = document_root(document)};
    struct spot name = spot_member(&root, "name");
    if (read_section(&r, &root, &scenario_section, r.scenario, NULL, NULL) ||
        check_name(&r, &name, r.scenario->name) || read_parts(&r, &root) || keep_source(&r))
        return err->code;
    *out = r.scenario;
    return ERR_OK;
}
