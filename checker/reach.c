#include "checker/reach.h"

#include "base/document.h"

static bool place_of(const json_t *value, uint32_t *out)
{
    json_int_t number = json_integer_value(value);
    if (!json_is_integer(value) || number < 0 || number >= REACH_PLACES_MAX)
        return false;
    *out = (uint32_t)number;
    return true;
}

void reach_add_fault(struct reach *r, const char *resolved)
{
    json_t *facts = resolved ? json_loads(resolved, 0, NULL) : NULL;
    const json_t *value;
    size_t i;
    json_array_foreach(json_object_get(facts, "nodes"), i, value)
    {
        uint32_t node;
        if (place_of(value, &node))
            r->down[node] = true;
    }
    json_array_foreach(json_object_get(facts, "cut"), i, value)
    {
        uint32_t from, to;
        if (place_of(json_array_get(value, 0), &from) &&
            place_of(json_array_get(value, 1), &to))
            r->cut[from][to] = true;
    }
    json_decref(facts);
}

/* A question needs its answer: both directions. */
static bool linked(const struct reach *r, uint32_t a, uint32_t b)
{
    return !r->down[a] && !r->down[b] && !r->cut[a][b] && !r->cut[b][a];
}

bool reach_majority(const struct reach *r, uint32_t node_count, uint32_t region)
{
    uint32_t clients = node_count + region;
    if (clients >= REACH_PLACES_MAX || node_count == 0)
        return true; /* nothing is known of the nodes: nothing excuses them */
    for (uint32_t node = 0; node < node_count; node++) {
        uint32_t peers = 0;
        for (uint32_t other = 0; other < node_count; other++)
            peers += linked(r, node, other);
        if (linked(r, clients, node) && peers > node_count / 2)
            return true;
    }
    return false;
}
