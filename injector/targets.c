#include "injector/targets.h"

#include <string.h>

/* A bit for each place: nodes come first, then the clients of each region. */
static uint64_t places_of(const struct topology *t, struct resolved r)
{
    return (uint64_t)r.nodes | (uint64_t)r.clients << t->node_count;
}

static void add_links(uint64_t from, uint64_t to, struct link_set *out)
{
    for (uint32_t a = 0; a < PLACES_MAX; a++)
        for (uint32_t b = 0; b < PLACES_MAX; b++)
            if (a != b && (from >> a & 1) && (to >> b & 1))
                out->on[a][b] = true;
}

static bool is_empty(const struct link_set *links)
{
    return memchr(links, true, sizeof *links) == NULL;
}

/* The places one parameter names, and with them everybody else. */
static enum err_code find_side(const char *text, const struct fault_targets *targets,
                               uint64_t *chosen, uint64_t *others, struct err *err)
{
    struct resolved r, a, b;
    if (targets->resolve(targets, text, &r, err))
        return err->code;
    target_sides(targets->topology, r, &a, &b);
    *chosen = places_of(targets->topology, a);
    *others = places_of(targets->topology, b);
    return ERR_OK;
}

enum err_code link_targets_check(const struct link_targets *t, struct err *err)
{
    bool paired = !t->from == !t->to && !t->between == !t->and;
    int ways = !!t->isolate + !!t->from + !!t->between;
    if (paired && ways == 1)
        return ERR_OK;
    return err_set(err, ERR_INVALID,
                   "%s; say exactly one of isolate, from with to, or between with and",
                   !paired     ? "one half of a pair of targets is missing"
                   : ways == 0 ? "no links are named"
                               : "links are named in more than one way");
}

static enum err_code find_isolated(const char *text, const struct fault_targets *targets,
                                   struct link_set *out, struct err *err)
{
    uint64_t chosen, others;
    if (find_side(text, targets, &chosen, &others, err))
        return err->code;
    if (others == 0)
        return err_set(err, ERR_NOTFOUND,
                       "isolate: '%s' is everybody, so nobody is left to be cut off from",
                       text);
    add_links(chosen, others, out);
    add_links(others, chosen, out);
    return ERR_OK;
}

static enum err_code find_pair(const char *a_text, const char *b_text, bool both_ways,
                               const struct fault_targets *targets, struct link_set *out,
                               struct err *err)
{
    uint64_t a, b, others;
    if (find_side(a_text, targets, &a, &others, err) ||
        find_side(b_text, targets, &b, &others, err))
        return err->code;
    add_links(a, b, out);
    if (both_ways)
        add_links(b, a, out);
    if (is_empty(out))
        return err_set(err, ERR_NOTFOUND, "there is no link from '%s' to '%s'", a_text, b_text);
    return ERR_OK;
}

enum err_code link_targets_find(const struct link_targets *t,
                                const struct fault_targets *targets, struct link_set *out,
                                struct err *err)
{
    *out = (struct link_set){0};
    if (link_targets_check(t, err))
        return err->code;
    if (t->isolate)
        return find_isolated(t->isolate, targets, out, err);
    return t->from ? find_pair(t->from, t->to, false, targets, out, err)
                   : find_pair(t->between, t->and, true, targets, out, err);
}

enum err_code node_target_find(const char *text, const struct fault_targets *targets,
                               uint32_t *out, struct err *err)
{
    struct resolved r;
    if (targets->resolve(targets, text, &r, err))
        return err->code;
    if (r.clients)
        return err_set(err, ERR_INVALID, "node: '%s' names clients; name nodes or a role",
                       text);
    *out = r.nodes;
    return ERR_OK;
}
