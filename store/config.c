#include "store/config.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"

const char *store_type_name(enum store_type type)
{
    return type == STORE_OR_SET ? "or-set" : "register";
}

const char *store_mode_name(enum store_mode mode)
{
    return mode == STORE_ASYNC ? "async" : "consensus";
}

struct node_config node_config_default(void)
{
    return (struct node_config){.election_timeout_ns = NS_PER_S,
                                .heartbeat_ns = 150 * NS_PER_MS,
                                .snapshot_every = 10000};
}

/* --- checking -------------------------------------------------------------- */

static enum err_code check_count(const char *what, uint64_t value, uint64_t most,
                                 struct err *err)
{
    if (value >= 1 && value <= most)
        return ERR_OK;
    return err_set(err, ERR_INVALID, "%s: %llu is outside 1 to %llu", what,
                   (unsigned long long)value, (unsigned long long)most);
}

static bool same_address(const struct io_address *a, const struct io_address *b)
{
    return a->family == b->family && a->port == b->port &&
           memcmp(a->ip, b->ip, sizeof a->ip) == 0;
}

static enum err_code check_nodes(const struct node_config *c, struct err *err)
{
    if (check_count("nodes", c->node_count, STORE_NODES_MAX, err))
        return err->code;
    if (c->node_id >= c->node_count)
        return err_set(err, ERR_INVALID, "node: %u is outside 0 to %u", c->node_id,
                       c->node_count - 1);
    for (uint32_t i = 0; i < c->node_count; i++)
        for (uint32_t j = 0; j < i; j++)
            if (same_address(&c->addresses[i], &c->addresses[j]))
                return err_set(err, ERR_INVALID, "nodes[%u]: has the address of nodes[%u]", i,
                               j);
    return ERR_OK;
}

static enum err_code check_tables(const struct node_config *c, struct err *err)
{
    if (check_count("tables", c->table_count, STORE_TABLES_MAX, err))
        return err->code;
    for (uint32_t i = 0; i < c->table_count; i++) {
        const struct store_table *t = &c->tables[i];
        if (!t->name[0])
            return err_set(err, ERR_INVALID, "tables[%u].name: is empty", i);
        for (uint32_t j = 0; j < i; j++)
            if (strcmp(t->name, c->tables[j].name) == 0)
                return err_set(err, ERR_INVALID, "tables[%u].name: '%s' is taken by tables[%u]",
                               i, t->name, j);
    }
    return ERR_OK;
}

static enum err_code check_times(const struct node_config *c, struct err *err)
{
    if (c->heartbeat_ns < NS_PER_MS || c->heartbeat_ns > 60 * NS_PER_S)
        return err_set(err, ERR_INVALID, "heartbeat_ns: %lld is outside 1 ms to 60 s",
                       (long long)c->heartbeat_ns);
    if (c->election_timeout_ns < 3 * c->heartbeat_ns ||
        c->election_timeout_ns > 3600 * NS_PER_S)
        return err_set(err, ERR_INVALID,
                       "election_timeout_ns: %lld is outside three heartbeats to 1 h",
                       (long long)c->election_timeout_ns);
    return ERR_OK;
}

enum err_code node_config_check(const struct node_config *c, struct err *err)
{
    if (c->cluster == 0 || c->cluster > INT64_MAX)
        return err_set(err, ERR_INVALID, "cluster: %llu is not from 1 to %lld",
                       (unsigned long long)c->cluster, (long long)INT64_MAX);
    if (check_nodes(c, err) || check_tables(c, err) || check_times(c, err))
        return err->code;
    if (check_count("snapshot_every", c->snapshot_every, INT64_MAX, err))
        return err->code;
    if (c->bugs >> BUG_COUNT)
        return err_set(err, ERR_INVALID, "bugs: %#x names bugs that are not there", c->bugs);
    return ERR_OK;
}

/* --- reading --------------------------------------------------------------- */

static enum err_code read_integer(const json_t *root, const char *key, int64_t *out,
                                  struct err *err)
{
    const json_t *value = json_object_get(root, key);
    if (!value)
        return ERR_OK; /* the default stays */
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return err_set(err, ERR_INVALID, "%s: is not a whole number from 0", key);
    *out = (int64_t)json_integer_value(value);
    return ERR_OK;
}

static enum err_code read_nodes(const json_t *root, struct node_config *c, struct err *err)
{
    const json_t *nodes = json_object_get(root, "nodes");
    if (!json_is_array(nodes))
        return err_set(err, ERR_INVALID, "nodes: is not a list of addresses");
    if (check_count("nodes", json_array_size(nodes), STORE_NODES_MAX, err))
        return err->code;
    c->node_count = (uint32_t)json_array_size(nodes);
    for (uint32_t i = 0; i < c->node_count; i++) {
        const char *text = json_string_value(json_array_get(nodes, i));
        if (!text)
            return err_set(err, ERR_INVALID, "nodes[%u]: is not text", i);
        if (io_address_parse(text, &c->addresses[i], err))
            return err_wrap(err, "nodes[%u]", i);
    }
    return ERR_OK;
}

/* The number of the choice called `text`, or `count`. */
static unsigned choose(const char *text, unsigned count, const char *(*name)(unsigned))
{
    unsigned i = 0;
    while (text && i < count && strcmp(text, name(i)) != 0)
        i++;
    return text ? i : count;
}

static const char *type_at(unsigned i)
{
    return store_type_name((enum store_type)i);
}

static const char *mode_at(unsigned i)
{
    return store_mode_name((enum store_mode)i);
}

static enum err_code read_table(const json_t *table, struct store_table *out, struct err *err)
{
    const char *name = json_string_value(json_object_get(table, "name"));
    if (!name || strlen(name) >= sizeof out->name)
        return err_set(err, ERR_INVALID, "name: is not text of less than %zu bytes",
                       sizeof out->name);
    unsigned type =
        choose(json_string_value(json_object_get(table, "type")), STORE_TYPE_COUNT, type_at);
    if (type == STORE_TYPE_COUNT)
        return err_set(err, ERR_INVALID, "type: is not register or or-set");
    unsigned mode =
        choose(json_string_value(json_object_get(table, "mode")), STORE_MODE_COUNT, mode_at);
    if (mode == STORE_MODE_COUNT)
        return err_set(err, ERR_INVALID, "mode: is not consensus or async");
    *out = (struct store_table){.type = (enum store_type)type, .mode = (enum store_mode)mode};
    memcpy(out->name, name, strlen(name) + 1);
    return ERR_OK;
}

static enum err_code read_tables(const json_t *root, struct node_config *c, struct err *err)
{
    const json_t *tables = json_object_get(root, "tables");
    if (!json_is_array(tables))
        return err_set(err, ERR_INVALID, "tables: is not a list");
    if (check_count("tables", json_array_size(tables), STORE_TABLES_MAX, err))
        return err->code;
    c->table_count = (uint32_t)json_array_size(tables);
    for (uint32_t i = 0; i < c->table_count; i++)
        if (read_table(json_array_get(tables, i), &c->tables[i], err))
            return err_wrap(err, "tables[%u]", i);
    return ERR_OK;
}

static enum err_code refuse_unknown(json_t *root, struct err *err)
{
    static const char *const known[] = {
        "cluster",      "nodes",          "tables", "election_timeout_ns",
        "heartbeat_ns", "snapshot_every", "bugs"};
    const char *key;
    json_t *value;
    json_object_foreach(root, key, value)
    {
        size_t i = 0;
        while (i < ARRAY_LEN(known) && strcmp(key, known[i]) != 0)
            i++;
        if (i == ARRAY_LEN(known))
            return err_set(err, ERR_INVALID, "%s: is not known here", key);
    }
    return ERR_OK;
}

static enum err_code read_all(json_t *root, struct node_config *c, struct err *err)
{
    int64_t cluster = 0, snapshot_every = (int64_t)c->snapshot_every;
    if (!json_is_object(root))
        return err_set(err, ERR_INVALID, "is not an object");
    if (refuse_unknown(root, err) || read_integer(root, "cluster", &cluster, err) ||
        read_integer(root, "snapshot_every", &snapshot_every, err) ||
        read_integer(root, "election_timeout_ns", &c->election_timeout_ns, err) ||
        read_integer(root, "heartbeat_ns", &c->heartbeat_ns, err) || read_nodes(root, c, err) ||
        read_tables(root, c, err))
        return err->code;
    c->cluster = (uint64_t)cluster;
    c->snapshot_every = (uint64_t)snapshot_every;
    const json_t *bugs = json_object_get(root, "bugs");
    if (bugs && !json_is_string(bugs))
        return err_set(err, ERR_INVALID, "bugs: is not text such as \"a,b\"");
    if (bugs && store_bugs_parse(json_string_value(bugs), &c->bugs, err))
        return err->code;
    return node_config_check(c, err);
}

enum err_code node_config_load(const char *path, struct node_config *out, struct err *err)
{
    json_error_t why;
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
    if (!root && json_error_code(&why) == json_error_cannot_open_file)
        return err_set(err, ERR_INVALID, "%s", why.text); /* names it */
    if (!root)
        return err_set(err, ERR_INVALID, "%s:%d: %s", path, why.line, why.text);
    struct node_config c = node_config_default();
    enum err_code code = read_all(root, &c, err);
    json_decref(root);
    if (code)
        return err_wrap(err, "%s", path);
    *out = c;
    return ERR_OK;
}

/* --- writing --------------------------------------------------------------- */

static json_t *nodes_of(const struct node_config *c)
{
    json_t *nodes = json_array();
    for (uint32_t i = 0; i < c->node_count; i++) {
        char text[80];
        io_address_format(&c->addresses[i], text, sizeof text);
        json_array_append_new(nodes, json_string(text));
    }
    return nodes;
}

static json_t *tables_of(const struct node_config *c)
{
    json_t *tables = json_array();
    for (uint32_t i = 0; i < c->table_count; i++) {
        const struct store_table *t = &c->tables[i];
        json_array_append_new(tables, json_pack("{s:s, s:s, s:s}", "name", t->name, "type",
                                                store_type_name(t->type), "mode",
                                                store_mode_name(t->mode)));
    }
    return tables;
}

static json_t *bugs_of(const struct node_config *c)
{
    char text[512] = "";
    size_t used = 0;
    for (unsigned i = 0; i < BUG_COUNT; i++)
        if (store_has_bug(c->bugs, (enum store_bug)i))
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", used ? "," : "",
                                     store_bug_name(i));
    return json_string(text);
}

enum err_code node_config_save(const struct node_config *c, const char *path, struct err *err)
{
    json_t *root = json_pack(
        "{s:I, s:o, s:o, s:I, s:I, s:I, s:o}", "cluster", (json_int_t)c->cluster, "nodes",
        nodes_of(c), "tables", tables_of(c), "election_timeout_ns",
        (json_int_t)c->election_timeout_ns, "heartbeat_ns", (json_int_t)c->heartbeat_ns,
        "snapshot_every", (json_int_t)c->snapshot_every, "bugs", bugs_of(c));
    if (!root)
        return err_set(err, ERR_NOMEM, "no memory for the store's configuration");
    int rc = json_dump_file(root, path, JSON_INDENT(2));
    json_decref(root);
    return rc ? err_set(err, ERR_IO, "cannot write %s", path) : ERR_OK;
}
