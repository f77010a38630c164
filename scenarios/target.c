/* The words of a target are read one by one; a comma and a plus are words as well. */
#include "scenarios/target.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "scenarios/nearest.h"

struct word {
    const char *at;
    size_t length;
};

struct parse {
    const char *text, *rest;
    const struct topology *topology;
    const struct table_spec *tables;
    uint32_t table_count;
    struct err *err;
};

static struct word next_word(struct parse *p)
{
    p->rest += strspn(p->rest, " ");
    size_t length = strcspn(p->rest, " ,+");
    if (length == 0 && *p->rest != '\0')
        length = 1; /* the comma or the plus itself */
    struct word w = {p->rest, length};
    p->rest += length;
    return w;
}

static struct word peek_word(const struct parse *p)
{
    struct parse copy = *p;
    return next_word(&copy);
}

static bool is_word(struct word w, const char *text)
{
    return strlen(text) == w.length && memcmp(w.at, text, w.length) == 0;
}

static bool take(struct parse *p, const char *text)
{
    if (!is_word(peek_word(p), text))
        return false;
    next_word(p);
    return true;
}

/* --- names --- */

static int find_region(const struct topology *t, struct word w)
{
    for (uint32_t r = 0; r < t->region_count; r++)
        if (is_word(w, t->regions[r].name))
            return (int)r;
    return -1;
}

static int find_node(const struct topology *t, struct word w)
{
    for (uint32_t n = 0; n < t->node_count; n++)
        if (is_word(w, t->nodes[n].name))
            return (int)n;
    return -1;
}

static int find_table(const struct parse *p, struct word w)
{
    for (uint32_t t = 0; t < p->table_count; t++)
        if (is_word(w, p->tables[t].name))
            return (int)t;
    return -1;
}

static uint32_t nodes_of_region(const struct topology *t, uint32_t region)
{
    uint32_t nodes = 0;
    for (uint32_t n = 0; n < t->node_count; n++)
        if (t->nodes[n].region == region)
            nodes |= UINT32_C(1) << n;
    return nodes;
}

static uint32_t all_nodes(const struct topology *t)
{
    assert(t->node_count > 0 && t->node_count <= NODES_MAX);
    return UINT32_MAX >> (NODES_MAX - t->node_count);
}

/* "us-east, eu-west or ap-south", cut to fit. */
static const char *region_names(const struct topology *t, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (uint32_t r = 0; r < t->region_count && used < size; r++) {
        const char *between = r == 0 ? "" : r + 1 == t->region_count ? " or " : ", ";
        int n = snprintf(out + used, size - used, "%s%s", between, t->regions[r].name);
        used += n > 0 ? (size_t)n : 0;
    }
    return out;
}

static const char *const roles[] = {"leader",   "leader-region", "any-follower", "all",
                                    "majority", "minority",      "clients"};

static enum err_code refuse_name(struct parse *p, struct word w)
{
    char word[64], hint[80], known[160];
    snprintf(word, sizeof word, "%.*s", (int)w.length, w.at);
    struct nearest n = {.written = word};
    for (uint32_t r = 0; r < p->topology->region_count; r++)
        nearest_offer(&n, p->topology->regions[r].name);
    for (uint32_t i = 0; i < p->topology->node_count; i++)
        nearest_offer(&n, p->topology->nodes[i].name);
    for (size_t i = 0; i < ARRAY_LEN(roles); i++)
        nearest_offer(&n, roles[i]);
    return err_set(p->err, ERR_INVALID,
                   "'%s' is no region, node or role here%s; name a region (%s), a node (%s), "
                   "'clients of REGION', or a role as 'leader of TABLE'",
                   word, nearest_hint(&n, hint, sizeof hint),
                   region_names(p->topology, known, sizeof known), p->topology->nodes[0].name);
}

static enum err_code parse_clients(struct parse *p, struct target *t)
{
    if (!take(p, "of"))
        return err_set(p->err, ERR_INVALID,
                       "'%s' does not say whose clients; write 'clients of REGION'", p->text);
    struct word w = next_word(p);
    int region = find_region(p->topology, w);
    char known[160];
    if (region < 0)
        return err_set(p->err, ERR_INVALID, "'%.*s' is no region; the regions are %s",
                       (int)w.length, w.at, region_names(p->topology, known, sizeof known));
    t->clients |= UINT32_C(1) << region;
    return ERR_OK;
}

static enum err_code parse_name(struct parse *p, struct target *t)
{
    if (take(p, "clients"))
        return parse_clients(p, t);
    struct word w = next_word(p);
    if (w.length == 0)
        return err_set(p->err, ERR_INVALID, "'%s' ends where a name is missing", p->text);
    int region = find_region(p->topology, w), node = find_node(p->topology, w);
    if (region >= 0)
        t->nodes |= nodes_of_region(p->topology, (uint32_t)region);
    else if (node >= 0)
        t->nodes |= UINT32_C(1) << node;
    else
        return refuse_name(p, w);
    return ERR_OK;
}

static enum err_code parse_names(struct parse *p, struct target *t)
{
    do {
        if (parse_name(p, t))
            return p->err->code;
    } while (take(p, ","));
    return ERR_OK;
}

/* --- roles --- */

static enum err_code refuse_table(struct parse *p, struct word w)
{
    char word[64], hint[80];
    snprintf(word, sizeof word, "%.*s", (int)w.length, w.at);
    struct nearest n = {.written = word};
    for (uint32_t t = 0; t < p->table_count; t++)
        nearest_offer(&n, p->tables[t].name);
    return err_set(p->err, ERR_INVALID, "'%s': there is no table '%s'%s", p->text, word,
                   nearest_hint(&n, hint, sizeof hint));
}

/* "of TABLE", which may be left out where there is one table, or none is needed. */
static enum err_code parse_table(struct parse *p, bool needed, struct target *t)
{
    t->table = p->table_count == 1 ? 0 : TABLES_MAX;
    if (take(p, "of")) {
        struct word w = next_word(p);
        int table = find_table(p, w);
        if (table < 0)
            return refuse_table(p, w);
        t->table = (uint32_t)table;
    }
    if (needed && t->table == TABLES_MAX)
        return err_set(p->err, ERR_INVALID,
                       "'%s' does not say of which table; write '%s of %s'", p->text, p->text,
                       p->table_count ? p->tables[0].name : "TABLE");
    return ERR_OK;
}

/* "one" or a number; 0 when it is neither. More than any topology has is as good as all. */
static uint32_t count_in(struct word w)
{
    uint32_t count = is_word(w, "one") ? 1 : 0;
    size_t digits = strspn(w.at, "0123456789");
    for (size_t i = 0; digits >= w.length && count < NODES_MAX && i < w.length; i++)
        count = count * 10 + (uint32_t)(w.at[i] - '0');
    return count;
}

/* "1 follower", "2 followers". */
static enum err_code parse_followers(struct parse *p, struct target *t)
{
    t->count = count_in(next_word(p));
    if (t->count == 0 || !(take(p, "follower") || take(p, "followers")))
        return err_set(
            p->err, ERR_INVALID,
            "'%s' does not say how many followers; write '1 follower' or '2 followers'",
            p->text);
    if (t->count >= p->topology->node_count)
        return err_set(p->err, ERR_INVALID,
                       "'%s': too many followers; at most %u, all nodes but the leader",
                       p->text, p->topology->node_count - 1);
    return ERR_OK;
}

static enum err_code parse_leader(struct parse *p, struct target *t)
{
    t->kind = TARGET_LEADER;
    if (take(p, "+")) {
        t->kind = TARGET_LEADER_AND_FOLLOWERS;
        if (parse_followers(p, t))
            return p->err->code;
    }
    return parse_table(p, true, t);
}

static enum err_code parse_all(struct parse *p, struct target *t)
{
    t->kind = TARGET_ALL;
    if (!take(p, "but"))
        return ERR_OK;
    t->kind = TARGET_ALL_BUT_FOLLOWERS;
    if (parse_followers(p, t))
        return p->err->code;
    return parse_table(p, true, t);
}

static enum err_code parse_follower(struct parse *p, struct target *t)
{
    t->kind = TARGET_ANY_FOLLOWER;
    if (p->topology->node_count < 2)
        return err_set(p->err, ERR_INVALID, "'%s': a single node has no followers", p->text);
    return parse_table(p, true, t);
}

static enum err_code parse_minority(struct parse *p, struct target *t)
{
    t->kind = TARGET_MINORITY;
    if (p->topology->node_count < 3)
        return err_set(p->err, ERR_INVALID, "'%s': fewer than 3 nodes have no minority",
                       p->text);
    return parse_table(p, false, t);
}

static enum err_code parse_any(struct parse *p, struct target *t)
{
    if (take(p, "leader"))
        return parse_leader(p, t);
    if (take(p, "leader-region")) {
        t->kind = TARGET_LEADER_REGION;
        return parse_table(p, true, t);
    }
    if (take(p, "any-follower"))
        return parse_follower(p, t);
    if (take(p, "majority")) {
        t->kind = TARGET_MAJORITY;
        return parse_table(p, false, t);
    }
    if (take(p, "minority"))
        return parse_minority(p, t);
    if (take(p, "all"))
        return parse_all(p, t);
    return parse_names(p, t);
}

enum err_code target_parse(const char *text, const struct topology *topology,
                           const struct table_spec *tables, uint32_t table_count,
                           struct target *out, struct err *err)
{
    struct parse p = {text, text, topology, tables, table_count, err};
    struct target t = {.kind = TARGET_NAMED, .table = TABLES_MAX};
    if (peek_word(&p).length == 0)
        return err_set(err, ERR_INVALID, "'' names nobody; name a region, a node or a role");
    if (parse_any(&p, &t))
        return err->code;
    struct word extra = next_word(&p);
    if (extra.length > 0)
        return err_set(
            err, ERR_INVALID, "'%s': '%.*s' is not understood%s", text, (int)extra.length,
            extra.at, t.kind == TARGET_NAMED ? "; put a comma between names" : " after a role");
    *out = t;
    return ERR_OK;
}

bool target_asks_role(const struct target *t)
{
    switch (t->kind) {
    case TARGET_LEADER:
    case TARGET_LEADER_REGION:
    case TARGET_ANY_FOLLOWER:
    case TARGET_LEADER_AND_FOLLOWERS:
    case TARGET_ALL_BUT_FOLLOWERS: return true;
    case TARGET_NAMED:
    case TARGET_MAJORITY:
    case TARGET_MINORITY:
    case TARGET_ALL: return false;
    }
    return false;
}

/* --- who that is --- */

/* The first `count` nodes of the drawn order, leaving out `except` (-1: none). */
static uint32_t first_of(const struct topology *t, const uint8_t *order, uint32_t count,
                         int except)
{
    uint32_t nodes = 0;
    for (uint32_t i = 0; i < t->node_count && count > 0; i++) {
        assert(order[i] < t->node_count);
        if ((int)order[i] == except)
            continue;
        nodes |= UINT32_C(1) << order[i];
        count--;
    }
    return nodes;
}

static uint32_t nodes_meant(const struct target *t, const struct topology *topology, int leader,
                            const uint8_t *order)
{
    uint32_t nodes = topology->node_count;
    switch (t->kind) {
    case TARGET_NAMED: return t->nodes;
    case TARGET_ALL: return all_nodes(topology);
    case TARGET_MAJORITY: return first_of(topology, order, nodes / 2 + 1, -1);
    case TARGET_MINORITY: return first_of(topology, order, (nodes - 1) / 2, -1);
    case TARGET_LEADER: return UINT32_C(1) << leader;
    case TARGET_LEADER_REGION: return nodes_of_region(topology, topology->nodes[leader].region);
    case TARGET_ANY_FOLLOWER: return first_of(topology, order, 1, leader);
    case TARGET_LEADER_AND_FOLLOWERS:
        return UINT32_C(1) << leader | first_of(topology, order, t->count, leader);
    case TARGET_ALL_BUT_FOLLOWERS:
        return all_nodes(topology) & ~first_of(topology, order, t->count, leader);
    }
    return 0;
}

enum err_code target_resolve(const struct target *t, const struct topology *topology,
                             int leader, const uint8_t *order, struct resolved *out,
                             struct err *err)
{
    assert(leader < (int)topology->node_count);
    if (target_asks_role(t) && leader < 0)
        return err_set(err, ERR_NOTFOUND, "nobody leads the table");
    struct resolved found = {nodes_meant(t, topology, leader, order), t->clients};
    if (found.nodes == 0 && found.clients == 0)
        return err_set(err, ERR_NOTFOUND, "the target is nobody");
    *out = found;
    return ERR_OK;
}

void target_sides(const struct topology *topology, struct resolved chosen, struct resolved *a,
                  struct resolved *b)
{
    *a = chosen;
    for (uint32_t r = 0; r < topology->region_count; r++) {
        uint32_t nodes = nodes_of_region(topology, r);
        if (nodes != 0 && (chosen.nodes & nodes) == nodes)
            a->clients |= UINT32_C(1) << r;
    }
    uint32_t regions = UINT32_MAX >> (32 - topology->region_count);
    *b = (struct resolved){all_nodes(topology) & ~a->nodes, regions & ~a->clients};
}
