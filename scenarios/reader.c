/* Contents: where · refusing · shapes · sections · plug-ins and names */
#include "scenarios/reader.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "scenarios/nearest.h"
#include "scenarios/target.h"

/* --- where --- */

const char *spot_path(const struct spot *s, char *out, size_t size)
{
    if (!s || !s->up) {
        out[0] = '\0';
        return out;
    }
    spot_path(s->up, out, size);
    size_t used = strlen(out);
    if (s->key)
        snprintf(out + used, size - used, "%s%s", used ? "." : "", s->key);
    else
        snprintf(out + used, size - used, "[%zu]", s->index);
    return out;
}

struct spot spot_member(const struct spot *up, const char *key)
{
    return (struct spot){.up = up, .key = key, .value = json_object_get(up->value, key)};
}

struct spot spot_item(const struct spot *up, size_t index)
{
    return (struct spot){.up = up, .index = index, .value = json_array_get(up->value, index)};
}

/* --- refusing --- */

enum err_code refuse(struct reading *r, const struct spot *s, const char *fmt, ...)
{
    char path[PATH_BYTES], sentence[ERR_MSG_SIZE];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(sentence, sizeof sentence, fmt, ap);
    va_end(ap);
    return document_refuse(r->document, s->value, spot_path(s, path, sizeof path), r->err, "%s",
                           sentence);
}

enum err_code blame_member(struct reading *r, const struct spot *s, const char *key)
{
    char path[PATH_BYTES];
    return document_blame(r->document, json_object_get(s->value, key),
                          spot_path(s, path, sizeof path), r->err);
}

enum err_code blame(struct reading *r, const struct spot *s)
{
    if (r->err->code == ERR_NOMEM)
        return ERR_NOMEM;
    char said[ERR_MSG_SIZE], key[64];
    memcpy(said, r->err->msg, sizeof said);
    snprintf(key, sizeof key, "%.*s", (int)strcspn(said, ":"), said);
    r->err->code = ERR_INVALID; /* whatever it was below: the file is wrong */
    if (json_object_get(s->value, key))
        return blame_member(r, s, key);
    return refuse(r, s, "%s", said);
}

enum err_code no_memory(struct reading *r)
{
    return err_set(r->err, ERR_NOMEM, "%s: no memory to read it", document_name(r->document));
}

/* --- shapes --- */

static const char *shape_of(const json_t *value)
{
    return json_is_object(value) ? "a mapping" : json_is_array(value) ? "a list" : "one value";
}

static enum err_code expect_count(struct reading *r, const struct spot *s, size_t count,
                                  size_t max)
{
    if (count == 0)
        return refuse(r, s, "it is empty; 1 to %zu are allowed", max);
    if (count > max)
        return refuse(r, s, "there are %zu; at most %zu are allowed", count, max);
    return ERR_OK;
}

enum err_code expect_mapping(struct reading *r, const struct spot *s, size_t max)
{
    if (!json_is_object(s->value))
        return refuse(r, s, "this is %s; write a mapping (KEY: VALUE)", shape_of(s->value));
    return expect_count(r, s, json_object_size(s->value), max);
}

enum err_code expect_list(struct reading *r, const struct spot *s, size_t max)
{
    if (!json_is_array(s->value))
        return refuse(r, s, "this is %s; write a list ([A, B] or lines that start with '-')",
                      shape_of(s->value));
    return expect_count(r, s, json_array_size(s->value), max);
}

const char *scalar_text(struct reading *r, const struct spot *s)
{
    const char *text = document_text(r->document, s->value);
    if (!text)
        refuse(r, s, "this is %s; write one value", shape_of(s->value));
    return text;
}

/* --- sections --- */

static bool is_part(const struct section *section, const char *key)
{
    for (const struct part *p = section->parts; p->name; p++)
        if (strcmp(p->name, key) == 0)
            return true;
    return false;
}

static bool is_listed(const char *const *list, const char *key)
{
    for (; list && *list; list++)
        if (strcmp(*list, key) == 0)
            return true;
    return false;
}

static void offer_params(struct nearest *n, const struct param *p)
{
    for (; p && p->name; p++)
        nearest_offer(n, p->name);
}

struct joined {
    char text[240];
    size_t used;
};

static void join(struct joined *j, const char *name)
{
    int n = snprintf(j->text + j->used, sizeof j->text - j->used, "%s%s", j->used ? ", " : "",
                     name);
    j->used += n > 0 ? (size_t)n : 0;
    if (j->used >= sizeof j->text)
        j->used = sizeof j->text - 1;
}

static enum err_code refuse_key(struct reading *r, const struct spot *s, const char *key,
                                const struct section *section, const struct fill *more,
                                const char *const *also)
{
    struct spot at = spot_member(s, key);
    struct nearest n = {.written = key};
    struct joined known = {.used = 0};
    char hint[80];
    const struct param *const tables[] = {section->params, more ? more->params : NULL};
    for (size_t t = 0; t < ARRAY_LEN(tables); t++) {
        offer_params(&n, tables[t]);
        for (const struct param *p = tables[t]; p && p->name; p++)
            join(&known, p->name);
    }
    for (const struct part *p = section->parts; p->name; p++) {
        nearest_offer(&n, p->name);
        join(&known, p->name);
    }
    for (; also && *also; also++) {
        nearest_offer(&n, *also);
        join(&known, *also);
    }
    return refuse(r, &at, "'%s' is no key of %s%s; allowed are %s", key, section->noun,
                  nearest_hint(&n, hint, sizeof hint), known.text);
}

static enum err_code check_target(struct reading *r, const char *text)
{
    const struct scenario *s = r->scenario;
    struct target target;
    if (target_parse(text, &s->topology, s->system.tables, s->system.table_count, &target,
                     r->err))
        return r->err->code;
    if (target_asks_role(&target) && !(s->system.plugin->flags & SYSTEM_ROLES))
        return err_set(
            r->err, ERR_INVALID,
            "'%s' is a role, and the system '%s' does not tell who leads; name regions "
            "or nodes",
            text, s->system.plugin->name);
    return ERR_OK;
}

static enum err_code read_scalar(struct reading *r, const struct spot *s, const struct param *p,
                                 void *target)
{
    struct spot at = spot_member(s, p->name);
    const char *text = scalar_text(r, &at);
    if (!text)
        return r->err->code;
    if (param_parse(p, text, target, r->arena, r->err))
        return blame_member(r, s, p->name);
    if (p->type == PARAM_TARGET && check_target(r, text))
        return blame(r, &at);
    return ERR_OK;
}

static enum err_code expect_required(struct reading *r, const struct spot *s,
                                     const struct param *params)
{
    char allowed[160];
    for (const struct param *p = params; p && p->name; p++)
        if (p->required && !json_object_get(s->value, p->name))
            return refuse(r, s, "'%s' is missing; allowed is %s", p->name,
                          param_allowed(p, allowed, sizeof allowed));
    return ERR_OK;
}

static enum err_code expect_parts(struct reading *r, const struct spot *s,
                                  const struct section *section)
{
    for (const struct part *p = section->parts; p->name; p++)
        if (p->required && !json_object_get(s->value, p->name))
            return refuse(r, s, "'%s' is missing; %s must have it", p->name, section->noun);
    return ERR_OK;
}

static enum err_code read_key(struct reading *r, const struct spot *s, const char *key,
                              const struct section *section, void *own, const struct fill *more,
                              const char *const *also)
{
    const struct param *p = param_find(section->params, key);
    if (p)
        return read_scalar(r, s, p, own);
    p = more ? param_find(more->params, key) : NULL;
    if (p)
        return read_scalar(r, s, p, more->target);
    if (is_part(section, key) || is_listed(also, key))
        return ERR_OK;
    return refuse_key(r, s, key, section, more, also);
}

enum err_code read_section(struct reading *r, const struct spot *s,
                           const struct section *section, void *own, const struct fill *more,
                           const char *const *also)
{
    if (!json_is_object(s->value))
        return refuse(r, s, "this is %s; %s is a mapping (KEY: VALUE)", shape_of(s->value),
                      section->noun);
    param_defaults(section->params, own);
    if (more)
        param_defaults(more->params, more->target);
    const char *key;
    json_t *value;
    json_object_foreach(s->value, key, value)
    {
        if (read_key(r, s, key, section, own, more, also))
            return r->err->code;
    }
    if (expect_required(r, s, section->params) || (more && expect_required(r, s, more->params)))
        return r->err->code;
    return expect_parts(r, s, section);
}

/* --- plug-ins and names --- */

const struct plugin *read_plugin(struct reading *r, const struct spot *s,
                                 const struct catalogue *catalogue)
{
    if (!s->value) {
        char names[240];
        refuse(r, s->up, "'%s' is missing; allowed is %s", s->key,
               catalogue_names(catalogue, names, sizeof names));
        return NULL;
    }
    const char *name = scalar_text(r, s);
    const struct plugin *found = name ? catalogue_find(catalogue, name) : NULL;
    if (!name || found)
        return found;
    struct nearest n = {.written = name};
    char hint[80], names[240];
    for (const struct plugin *const *p = catalogue->all; *p; p++)
        nearest_offer(&n, (*p)->name);
    refuse(r, s, "'%s' is no %s%s; allowed is %s", name, catalogue->kind,
           nearest_hint(&n, hint, sizeof hint),
           catalogue_names(catalogue, names, sizeof names));
    return NULL;
}

void *new_config(struct reading *r, const struct plugin *plugin)
{
    void *config = arena_alloc(r->arena, plugin->config_size ? plugin->config_size : 1);
    if (!config)
        no_memory(r);
    return config;
}

enum err_code check_name(struct reading *r, const struct spot *s, const char *name)
{
    if (!is_name(name))
        return refuse(r, s,
                      "'%s' is no name; use 1 to %d lower-case letters, digits and dashes, a "
                      "letter first",
                      name, NAME_BYTES_MAX);
    if (is_role_word(name))
        return refuse(r, s, "'%s' is a word for targets; choose another name", name);
    return ERR_OK;
}

int find_region_named(const struct topology *t, const char *name)
{
    for (uint32_t i = 0; i < t->region_count; i++)
        if (strcmp(t->regions[i].name, name) == 0)
            return (int)i;
    return -1;
}

int find_table_named(const struct system_spec *system, const char *name)
{
    for (uint32_t i = 0; i < system->table_count; i++)
        if (strcmp(system->tables[i].name, name) == 0)
            return (int)i;
    return -1;
}
