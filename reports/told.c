#include "reports/told.h"

#include "base/document.h"
#include "base/units.h"

static const char *or_unknown(const char *made)
{
    return made ? made : "?";
}

const char *told_instant(struct evidence *e, int64_t at_ns)
{
    if (at_ns == INT64_MAX)
        return "never";
    int64_t us = at_ns / NS_PER_US;
    return or_unknown(arena_format(&e->arena, "%s%lld.%03llds", us < 0 ? "-" : "",
                                   (long long)(us < 0 ? -us : us) / 1000000,
                                   (long long)(us < 0 ? -us : us) / 1000 % 1000));
}

const char *told_length(struct evidence *e, int64_t length_ns)
{
    char text[64];
    if (length_ns == INT64_MAX)
        return "never";
    return or_unknown(
        arena_copy_text(&e->arena, units_duration_short(length_ns, text, sizeof text)));
}

/* --- faults --- */

static const char *join(struct evidence *e, const char *told, const char *by, const char *more)
{
    return or_unknown(arena_format(&e->arena, "%s%s%s", told, *told ? by : "", more));
}

static const char *nodes_down(struct evidence *e, const json_t *nodes)
{
    const char *told = "";
    const json_t *node;
    size_t i;
    json_array_foreach(nodes, i, node)
    {
        told = join(e, told, ", ", evidence_node(e, (int)json_integer_value(node)));
    }
    return or_unknown(arena_format(&e->arena, "hits %s", *told ? told : "no node"));
}

static const char *one_fact(struct evidence *e, const char *name, const json_t *value)
{
    if (json_is_string(value))
        return or_unknown(arena_format(&e->arena, "%s: %s", name, json_string_value(value)));
    if (json_is_integer(value))
        return or_unknown(
            arena_format(&e->arena, "%s %lld", name, (long long)json_integer_value(value)));
    if (json_is_array(value) && name[0] == 'n')
        return nodes_down(e, value);
    if (json_is_array(value))
        return or_unknown(
            arena_format(&e->arena, "cuts %zu directed links", json_array_size(value)));
    return name;
}

/* Texts that are no JSON object are told as they are. */
static const char *facts(struct evidence *e, const char *text, const char *by)
{
    json_t *all = json_loads(text, 0, NULL);
    if (!json_is_object(all)) {
        json_decref(all);
        return evidence_clean(e, text);
    }
    const char *told = "", *name;
    json_t *value;
    json_object_foreach(all, name, value)
    {
        told = join(e, told, by, one_fact(e, name, value));
    }
    told = evidence_clean(e, told);
    json_decref(all);
    return told;
}

const char *told_resolved(struct evidence *e, const char *resolved_json)
{
    return facts(e, resolved_json, "; ");
}

const char *told_measured(struct evidence *e, const char *measured_json)
{
    return facts(e, measured_json, ", ");
}
