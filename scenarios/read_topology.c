/* Regions with their nodes, and a link in both directions between any two of them. */
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "scenarios/nearest.h"
#include "scenarios/reader.h"

static bool node_exists(const struct topology *t, const char *name)
{
    for (uint32_t i = 0; i < t->node_count; i++)
        if (strcmp(t->nodes[i].name, name) == 0)
            return true;
    return false;
}

static enum err_code add_nodes(struct reading *r, const struct spot *s, uint32_t region)
{
    struct topology *t = &r->scenario->topology;
    struct region *added = &t->regions[region];
    if (t->node_count + added->node_count > NODES_MAX)
        return refuse(r, s, "that makes %u nodes; at most %d are allowed",
                      t->node_count + added->node_count, NODES_MAX);
    for (uint32_t n = 1; n <= added->node_count; n++) {
        const char *name = arena_format(r->arena, "%s-%u", added->name, n);
        if (!name)
            return no_memory(r);
        if (node_exists(t, name) || find_region_named(t, name) >= 0)
            return refuse(r, s, "its node '%s' is called as something else is; rename one",
                          name);
        t->nodes[t->node_count++] = (struct node_spec){name, region};
    }
    return ERR_OK;
}

static enum err_code read_region(struct reading *r, const struct spot *s)
{
    struct topology *t = &r->scenario->topology;
    struct scenario_count nodes;
    if (check_name(r, s, s->key) || read_section(r, s, &region_section, &nodes, NULL, NULL))
        return r->err->code;
    if (node_exists(t, s->key))
        return refuse(r, s, "'%s' is the name of a node already; rename one", s->key);
    const char *name = arena_copy_text(r->arena, s->key);
    if (!name)
        return no_memory(r);
    t->regions[t->region_count++] = (struct region){name, (uint32_t)nodes.count};
    return add_nodes(r, s, t->region_count - 1);
}

/* --- links --- */

enum { UNSET = -1 }; /* as delay_ns: no link yet */

/* "A <-> B" or "A -> B". */
struct ends {
    uint32_t from, to;
    bool both_ways;
};

static enum err_code find_end(struct reading *r, const struct spot *s, const char *text,
                              size_t length, uint32_t *out)
{
    const struct topology *t = &r->scenario->topology;
    char name[NAME_BYTES_MAX + 1], hint[80];
    snprintf(name, sizeof name, "%.*s", (int)length, text);
    int found = length < sizeof name ? find_region_named(t, name) : -1;
    struct nearest n = {.written = name};
    for (uint32_t i = 0; i < t->region_count; i++)
        nearest_offer(&n, t->regions[i].name);
    if (found < 0)
        return refuse(r, s, "'%.*s' is no region%s; name two regions, as '%s <-> %s'",
                      (int)length, text, nearest_hint(&n, hint, sizeof hint),
                      t->regions[0].name, t->regions[t->region_count - 1].name);
    *out = (uint32_t)found;
    return ERR_OK;
}

static enum err_code parse_ends(struct reading *r, const struct spot *s, struct ends *out)
{
    const char *arrow = strstr(s->key, "<->");
    out->both_ways = arrow != NULL;
    if (!arrow)
        arrow = strstr(s->key, "->");
    if (!arrow)
        return refuse(r, s,
                      "'%s' names no link; write 'REGION <-> REGION' or 'REGION -> REGION'",
                      s->key);
    const char *to = arrow + (out->both_ways ? 3 : 2);
    size_t from_length = (size_t)(arrow - s->key);
    while (from_length > 0 && s->key[from_length - 1] == ' ')
        from_length--;
    to += strspn(to, " ");
    if (find_end(r, s, s->key, from_length, &out->from) ||
        find_end(r, s, to, strlen(to), &out->to))
        return r->err->code;
    if (out->from == out->to)
        return refuse(r, s, "'%s' leads nowhere; name two regions", s->key);
    return ERR_OK;
}

static enum err_code check_delays(struct reading *r, const struct spot *s,
                                  const struct link_words *w, bool both_ways)
{
    if ((w->one_way_ns < 0) == (w->rtt_ns < 0))
        return refuse(r, s, "%s; write one_way: DELAY or rtt: DELAY, not both",
                      w->one_way_ns < 0 ? "it has no delay" : "it has two delays");
    if (w->rtt_ns >= 0 && !both_ways)
        return refuse(r, s, "one direction has no rtt; write one_way: DELAY");
    int64_t delay_ns = w->one_way_ns >= 0 ? w->one_way_ns : w->rtt_ns / 2;
    struct spot jitter = spot_member(s, "jitter");
    char said[32], most[32];
    if (w->jitter_ns > delay_ns)
        return refuse(r, &jitter, "'%s' is more than the one-way delay; at most %s is allowed",
                      units_duration(w->jitter_ns, said, sizeof said),
                      units_duration(delay_ns, most, sizeof most));
    return ERR_OK;
}

static enum err_code set_link(struct reading *r, const struct spot *s, uint32_t from,
                              uint32_t to, struct region_link link)
{
    struct topology *t = &r->scenario->topology;
    if (t->links[from][to].delay_ns != UNSET)
        return refuse(r, s, "the link from %s to %s is given twice; give it once",
                      t->regions[from].name, t->regions[to].name);
    t->links[from][to] = link;
    return ERR_OK;
}

static enum err_code read_link(struct reading *r, const struct spot *s)
{
    struct ends ends;
    struct link_words w;
    if (parse_ends(r, s, &ends) || read_section(r, s, &link_section, &w, NULL, NULL) ||
        check_delays(r, s, &w, ends.both_ways))
        return r->err->code;
    struct region_link link = {w.one_way_ns >= 0 ? w.one_way_ns : w.rtt_ns / 2, w.jitter_ns,
                               w.loss_ppm};
    if (set_link(r, s, ends.from, ends.to, link))
        return r->err->code;
    return ends.both_ways ? set_link(r, s, ends.to, ends.from, link) : ERR_OK;
}

static enum err_code expect_all_links(struct reading *r, const struct spot *s)
{
    const struct topology *t = &r->scenario->topology;
    for (uint32_t a = 0; a < t->region_count; a++)
        for (uint32_t b = 0; b < t->region_count; b++)
            if (a != b && t->links[a][b].delay_ns == UNSET)
                return refuse(
                    r, s, "there is no link from %s to %s; write '%s <-> %s: {one_way: 40ms}'",
                    t->regions[a].name, t->regions[b].name, t->regions[a].name,
                    t->regions[b].name);
    return ERR_OK;
}

static enum err_code read_links(struct reading *r, const struct spot *topology)
{
    struct topology *t = &r->scenario->topology;
    for (uint32_t a = 0; a < t->region_count; a++)
        for (uint32_t b = 0; b < t->region_count; b++)
            t->links[a][b].delay_ns = a == b ? 0 : UNSET;
    struct spot links = spot_member(topology, "links");
    if (!links.value)
        return expect_all_links(r, topology);
    if (expect_mapping(r, &links, (size_t)REGIONS_MAX * REGIONS_MAX))
        return r->err->code;
    const char *key;
    json_t *value;
    json_object_foreach(links.value, key, value)
    {
        struct spot link = spot_member(&links, key);
        if (read_link(r, &link))
            return r->err->code;
    }
    return expect_all_links(r, &links);
}

enum err_code read_topology(struct reading *r, const struct spot *s)
{
    char nothing;
    if (read_section(r, s, &topology_section, &nothing, NULL, NULL))
        return r->err->code;
    struct spot regions = spot_member(s, "regions");
    if (expect_mapping(r, &regions, REGIONS_MAX))
        return r->err->code;
    const char *key;
    json_t *value;
    json_object_foreach(regions.value, key, value)
    {
        struct spot region = spot_member(&regions, key);
        if (read_region(r, &region))
            return r->err->code;
    }
    return read_links(r, s);
}
