#include "reports/told.h"

#include <string.h>

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
    char text[48];
    return or_unknown(
        arena_copy_text(&e->arena, units_instant(at_ns, e->digits, text, sizeof text)));
}

const char *told_length(struct evidence *e, int64_t length_ns)
{
    char text[64];
    if (length_ns == INT64_MAX)
        return "never";
    return or_unknown(
        arena_copy_text(&e->arena, units_duration_short(length_ns, text, sizeof text)));
}

/* --- verdicts --- */

const char *told_prefix(struct evidence *e, const struct verdict *v)
{
    if (!v->prefix.is_known)
        return NULL;
    bool from_start = v->prefix.well_until_ns == INT64_MIN;
    const char *until = from_start ? "" : told_instant(e, v->prefix.well_until_ns);
    const char *well = or_unknown(arena_format(
        &e->arena, from_start ? "%s" : "all is well until %s", from_start ? "" : until));
    if (v->prefix.is_exact && v->prefix.is_another)
        return or_unknown(arena_format(
            &e->arena,
            "%s%sthe first return that no order explains is that of operation %lld at %s", well,
            from_start ? "" : "; ", (long long)v->prefix.broken_by,
            told_instant(e, v->prefix.broken_at_ns)));
    if (v->prefix.is_exact)
        return or_unknown(
            arena_format(&e->arena, "%s%sno order explains that operation %lld returned at %s",
                         well, from_start ? "" : "; ", (long long)v->prefix.broken_by,
                         told_instant(e, v->prefix.broken_at_ns)));
    return or_unknown(arena_format(
        &e->arena,
        "%s%sno order explains what had returned by %s (when exactly it broke was "
        "not found in the steps there were)",
        well, from_start ? "" : " at least; ", told_instant(e, v->prefix.broken_at_ns)));
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

/* What is counted: the simulator moves whole frames of the protocol. */
static const char *unit(const struct evidence *e, long long count)
{
    bool simulated = e->j->world && strcmp(e->j->world, "sim") == 0;
    if (simulated)
        return count == 1 ? "frame" : "frames";
    return count == 1 ? "packet" : "packets";
}

static bool is_cut(const struct fault_window *w)
{
    json_t *facts = w->resolved ? json_loads(w->resolved, 0, NULL) : NULL;
    bool cut = json_is_array(json_object_get(facts, "cut"));
    json_decref(facts);
    return cut;
}

/* Where whole links between regions are counted, others use them, too. */
static const char *why_passed(const struct evidence *e)
{
    const char *shaper = history_meta_get(e->j->history, "shaper");
    if (shaper && strcmp(shaper, "netem") == 0)
        return "on the same links passed: under way when it began, or of others";
    return "passed, under way when it began";
}

static const char *links_measured(struct evidence *e, const struct fault_window *w,
                                  long long carried, long long dropped)
{
    if (!is_cut(w))
        return or_unknown(arena_format(&e->arena, "%lld %s carried, %lld dropped", carried,
                                       unit(e, carried), dropped));
    if (carried == 0)
        return or_unknown(arena_format(&e->arena, "%lld %s dropped by the cut, none passed",
                                       dropped, unit(e, dropped)));
    return or_unknown(arena_format(&e->arena, "%lld %s dropped by the cut; %lld %s", dropped,
                                   unit(e, dropped), carried, why_passed(e)));
}

const char *told_measured(struct evidence *e, const struct fault_window *w)
{
    json_t *all = json_loads(w->measured, 0, NULL);
    const json_t *carried = json_object_get(all, "carried");
    const json_t *dropped = json_object_get(all, "dropped");
    const json_t *nodes = json_object_get(all, "nodes");
    const char *told;
    if (json_is_integer(carried) && json_is_integer(dropped))
        told = links_measured(e, w, (long long)json_integer_value(carried),
                              (long long)json_integer_value(dropped));
    else if (json_is_integer(nodes))
        told = or_unknown(arena_format(&e->arena, "%lld node%s hit",
                                       (long long)json_integer_value(nodes),
                                       json_integer_value(nodes) == 1 ? "" : "s"));
    else
        told = facts(e, w->measured, ", ");
    json_decref(all);
    return told;
}
