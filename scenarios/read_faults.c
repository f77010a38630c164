/* Faults: when, how long, what, and on whom; and none that cannot be. */
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "scenarios/nearest.h"
#include "scenarios/reader.h"
#include "scenarios/target.h"

/* The key that is not one of every fault's own: what kind it is. */
static const char *find_kind(struct reading *r, const struct spot *s)
{
    const char *key, *kind = NULL;
    json_t *value;
    char names[240];
    json_object_foreach(s->value, key, value)
    {
        if (param_find(fault_section.params, key))
            continue;
        bool known = catalogue_find(&r->vocabulary->faults, key) != NULL;
        bool found = kind && catalogue_find(&r->vocabulary->faults, kind);
        if (known && found) {
            struct spot at = spot_member(s, key);
            refuse(r, &at, "'%s' beside '%s': one fault does one thing; write another fault",
                   key, kind);
            return NULL;
        }
        if (found)
            continue; /* read_section refuses the other key */
        kind = key;
    }
    if (!kind)
        refuse(r, s, "it does not say what happens; add one of %s",
               catalogue_names(&r->vocabulary->faults, names, sizeof names));
    return kind;
}

static const struct plugin *find_fault(struct reading *r, const struct spot *s,
                                       const char *kind)
{
    const struct plugin *found = catalogue_find(&r->vocabulary->faults, kind);
    if (found)
        return found;
    struct spot at = spot_member(s, kind);
    struct nearest n = {.written = kind};
    char hint[80], names[240];
    for (const struct plugin *const *p = r->vocabulary->faults.all; *p; p++)
        nearest_offer(&n, (*p)->name);
    for (const struct param *p = fault_section.params; p->name; p++)
        nearest_offer(&n, p->name);
    refuse(r, &at, "'%s' is no fault%s; allowed is %s, besides at, for, restart_after and wait",
           kind, nearest_hint(&n, hint, sizeof hint),
           catalogue_names(&r->vocabulary->faults, names, sizeof names));
    return NULL;
}

/* `for` and `restart_after` where they mean something, and only there. */
static enum err_code check_length(struct reading *r, const struct spot *s,
                                  const struct fault_spec *f)
{
    const struct plugin *fault = f->plugin;
    struct spot lasts = spot_member(s, "for"), restart = spot_member(s, "restart_after");
    if ((fault->flags & FAULT_HEALS) && !lasts.value)
        return refuse(r, s, "'for' is missing; %s lasts, so write for: DURATION", fault->name);
    if (!(fault->flags & FAULT_HEALS) && lasts.value)
        return refuse(r, &lasts, "%s happens in a moment; leave 'for' out%s", fault->name,
                      fault->flags & FAULT_RESTARTS ? ", or write restart_after" : "");
    if (!(fault->flags & FAULT_RESTARTS) && restart.value)
        return refuse(r, &restart, "%s ends nothing that could be started again; leave it out",
                      fault->name);
    return ERR_OK;
}

static int64_t end_of(const struct fault_spec *f)
{
    return f->at_ns + f->for_ns + (f->restart_after_ns > 0 ? f->restart_after_ns : 0);
}

static enum err_code check_times(struct reading *r, const struct spot *s,
                                 const struct fault_spec *f)
{
    int64_t duration_ns = r->scenario->duration_ns;
    struct spot at = spot_member(s, "at");
    char said[32], end[32], duration[32];
    units_duration(f->at_ns, said, sizeof said);
    units_duration(end_of(f), end, sizeof end);
    units_duration(duration_ns, duration, sizeof duration);
    if (f->at_ns >= duration_ns)
        return refuse(r, &at, "'%s' is after the end; the duration is %s", said, duration);
    if (end_of(f) > duration_ns)
        return refuse(r, &at, "'%s': it would end at %s; the duration is %s", said, end,
                      duration);
    return ERR_OK;
}

static enum err_code check_ability(struct reading *r, const struct spot *s,
                                   const struct plugin *fault)
{
    const struct plugin *system = r->scenario->system.plugin;
    if (system_can_take(system, fault))
        return ERR_OK;
    return refuse(r, s, "'%s': nodes of the system '%s' cannot be hit by it; use another fault",
                  fault->name, system->name);
}

/* Is one of its targets a role? They have been understood before. */
static bool asks_role(const struct reading *r, const struct fault_spec *f)
{
    const struct scenario *s = r->scenario;
    for (const struct param *p = f->plugin->params; p->name; p++) {
        struct target target;
        struct err ignored;
        if (p->type != PARAM_TARGET)
            continue;
        const char *text = param_text(p, f->config);
        if (text &&
            !target_parse(text, &s->topology, s->system.tables, s->system.table_count, &target,
                          &ignored) &&
            target_asks_role(&target))
            return true;
    }
    return false;
}

static enum err_code check_wait(struct reading *r, const struct spot *s,
                                const struct fault_spec *f)
{
    struct spot wait = spot_member(s, "wait");
    if (wait.value && !asks_role(r, f))
        return refuse(r, &wait,
                      "no target of this %s is a role, so there is nothing to wait "
                      "for; leave it out",
                      f->plugin->name);
    return ERR_OK;
}

static enum err_code check_possible(struct reading *r, const struct spot *s,
                                    const struct fault_spec *f)
{
    const struct scenario *scenario = r->scenario;
    if (f->plugin->check && f->plugin->check(f->config, r->err))
        return blame(r, s);
    if (r->vocabulary->fault_possible &&
        r->vocabulary->fault_possible(f->plugin, f->config, &scenario->topology,
                                      &scenario->system, r->err))
        return blame(r, s);
    return ERR_OK;
}

static bool same_config(const struct plugin *plugin, const void *a, const void *b)
{
    for (const struct param *p = plugin->params; p->name; p++) {
        char left[256], right[256];
        param_format(p, a, left, sizeof left);
        param_format(p, b, right, sizeof right);
        if (strcmp(left, right) != 0)
            return false;
    }
    return true;
}

/* The same thing, done while it is being done already, is a slip of the pen. */
static enum err_code check_twice(struct reading *r, const struct spot *s,
                                 const struct fault_spec *f, const struct fault_spec *others,
                                 size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct fault_spec *o = &others[i];
        bool apart = end_of(o) < f->at_ns || end_of(f) < o->at_ns;
        if (o->plugin == f->plugin && !apart && same_config(f->plugin, o->config, f->config))
            return refuse(r, s, "it does the same as %s at the same time; change one of them",
                          o->path);
    }
    return ERR_OK;
}

static enum err_code read_what(struct reading *r, const struct spot *s, struct fault_spec *f)
{
    void *config = new_config(r, f->plugin);
    if (!config)
        return r->err->code;
    f->config = config;
    const struct section what = {f->plugin->name, f->plugin->params, fault_section.parts};
    return read_section(r, s, &what, config, NULL, NULL);
}

static enum err_code read_fault(struct reading *r, const struct spot *s, struct fault_spec *out)
{
    if (expect_mapping(r, s, 8))
        return r->err->code;
    const char *kind = find_kind(r, s);
    const struct plugin *plugin = kind ? find_fault(r, s, kind) : NULL;
    if (!plugin)
        return r->err->code;
    const char *const also[] = {kind, NULL};
    struct spot what = spot_member(s, kind);
    if (read_section(r, s, &fault_section, out, NULL, also))
        return r->err->code;
    out->plugin = plugin;
    out->path = arena_format(r->arena, "faults[%zu]", s->index);
    if (!out->path)
        return no_memory(r);
    if (read_what(r, &what, out) || check_length(r, s, out) || check_times(r, s, out) ||
        check_ability(r, &what, plugin) || check_possible(r, &what, out))
        return r->err->code;
    return check_wait(r, s, out);
}

enum err_code read_faults(struct reading *r, const struct spot *s)
{
    if (!s->value)
        return ERR_OK;
    /* An empty list is a quiet run that says so. */
    if (json_is_array(s->value) && json_array_size(s->value) == 0)
        return ERR_OK;
    if (expect_list(r, s, FAULTS_MAX))
        return r->err->code;
    size_t count = json_array_size(s->value);
    struct fault_spec *faults = arena_array(r->arena, count, sizeof *faults);
    if (!faults)
        return no_memory(r);
    for (size_t i = 0; i < count; i++) {
        struct spot item = spot_item(s, i);
        if (read_fault(r, &item, &faults[i]) || check_twice(r, &item, &faults[i], faults, i))
            return r->err->code;
    }
    r->scenario->faults = faults;
    r->scenario->fault_count = (uint32_t)count;
    return ERR_OK;
}
