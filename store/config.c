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

/* What may stand where; docs/store-protocol.md says more. */
struct field {
    const char *name, *allowed;
};

static const struct field cluster_field = {
    "cluster", "a whole number from 1, the same for every node and client"};
static const struct field nodes_field = {
    "nodes", "a list of 1 to 7 addresses like [\"127.0.0.1:7001\"]"};
static const struct field tables_field = {
    "tables", "a list of 1 to 16 like [{\"name\": \"accounts\", \"type\": \"register\", "
              "\"mode\": \"consensus\"}]"};
static const struct field election_field = {
    "election_timeout_ns", "nanoseconds, from three heartbeats to 3600000000000 (1 h)"};
static const struct field heartbeat_field = {
    "heartbeat_ns", "nanoseconds, from 1000000 (1 ms) to 60000000000 (60 s)"};
static const struct field snapshot_field = {"snapshot_every",
                                            "a whole number of entries, from 1"};
static const struct field bugs_field = {
    "bugs", "a text of names joined by commas; `faultline list bugs` has them"};
static const struct field name_field = {"name", "a text of 1 to 63 bytes"};
static const struct field type_field = {"type", "\"register\" or \"or-set\""};
static const struct field mode_field = {"mode", "\"consensus\" or \"async\""};

static const struct field *const root_fields[] = {
    &cluster_field,   &nodes_field,    &tables_field, &election_field,
    &heartbeat_field, &snapshot_field, &bugs_field,   NULL};
static const struct field *const table_fields[] = {&name_field, &type_field, &mode_field, NULL};

/* `value` as it stands in the file, or that it does not. */
static enum err_code refuse_value(const json_t *value, const struct field *field,
                                  struct err *err)
{
    char *text = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    if (!value)
        err_set(err, ERR_INVALID, "%s: is missing; allowed: %s", field->name, field->allowed);
    else
        err_set(err, ERR_INVALID, "%s: %.60s is not allowed; allowed: %s", field->name,
                text ? text : "its value", field->allowed);
    free(text);
    return ERR_INVALID;
}

static bool is_known(const struct field *const *known, const char *key)
{
    while (*known && strcmp((*known)->name, key) != 0)
        known++;
    return *known != NULL;
}

static enum err_code check_keys(json_t *object, const struct field *const *known,
                                struct err *err)
{
    char names[160] = "";
    size_t used = 0;
    const char *key;
    json_t *value;
    for (const struct field *const *f = known; *f && used < sizeof names; f++)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "",
                                 (*f)->name);
    if (!json_is_object(object))
        return err_set(err, ERR_INVALID, "is not an object; allowed: one with %s", names);
    json_object_foreach(object, key, value)
    {
        if (!is_known(known, key))
            return err_set(err, ERR_INVALID, "'%.40s' is not known here; allowed: %s", key,
                           names);
    }
    return ERR_OK;
}

static enum err_code read_integer(const json_t *root, const struct field *field, int64_t *out,
                                  struct err *err)
{
    const json_t *value = json_object_get(root, field->name);
    if (!value)
        return ERR_OK; /* the default stays */
    if (!json_is_integer(value) || json_integer_value(value) < 1)
        return refuse_value(value, field, err);
    *out = (int64_t)json_integer_value(value);
    return ERR_OK;
}

static enum err_code read_cluster(const json_t *root, struct node_config *c, struct err *err)
{
    int64_t cluster = 0;
    if (read_integer(root, &cluster_field, &cluster, err))
        return err->code;
    if (cluster == 0)
        return refuse_value(NULL, &cluster_field, err);
    c->cluster = (uint64_t)cluster;
    return ERR_OK;
}

/* Its items are read by the caller. */
static enum err_code read_list(const json_t *root, const struct field *field, size_t most,
                               const json_t **out, struct err *err)
{
    *out = json_object_get(root, field->name);
    size_t count = json_array_size(*out); /* 0 of what is no list */
    return count >= 1 && count <= most ? ERR_OK : refuse_value(*out, field, err);
}

static enum err_code read_nodes(const json_t *root, struct node_config *c, struct err *err)
{
    const json_t *nodes;
    if (read_list(root, &nodes_field, STORE_NODES_MAX, &nodes, err))
        return err->code;
    c->node_count = (uint32_t)json_array_size(nodes);
    for (uint32_t i = 0; i < c->node_count; i++) {
        const json_t *value = json_array_get(nodes, i);
        const char *text = json_string_value(value);
        char name[16];
        snprintf(name, sizeof name, "nodes[%u]", i);
        const struct field field = {
            name, "an address of numbers like \"127.0.0.1:7001\" or \"[::1]:7001\""};
        if (!text || io_address_parse(text, &c->addresses[i], err) || c->addresses[i].port == 0)
            return refuse_value(value, &field, err);
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

static enum err_code read_table(json_t *table, struct store_table *out, struct err *err)
{
    if (check_keys(table, table_fields, err))
        return err->code;
    const json_t *name = json_object_get(table, "name");
    const json_t *type = json_object_get(table, "type");
    const json_t *mode = json_object_get(table, "mode");
    const char *text = json_string_value(name);
    unsigned type_number = choose(json_string_value(type), STORE_TYPE_COUNT, type_at);
    unsigned mode_number = choose(json_string_value(mode), STORE_MODE_COUNT, mode_at);
    if (!text || !text[0] || strlen(text) >= sizeof out->name)
        return refuse_value(name, &name_field, err);
    if (type_number == STORE_TYPE_COUNT)
        return refuse_value(type, &type_field, err);
    if (mode_number == STORE_MODE_COUNT)
        return refuse_value(mode, &mode_field, err);
    *out = (struct store_table){.type = (enum store_type)type_number,
                                .mode = (enum store_mode)mode_number};
    memcpy(out->name, text, strlen(text) + 1);
    return ERR_OK;
}

static enum err_code read_tables(const json_t *root, struct node_config *c, struct err *err)
{
    const json_t *tables;
    if (read_list(root, &tables_field, STORE_TABLES_MAX, &tables, err))
        return err->code;
    c->table_count = (uint32_t)json_array_size(tables);
    for (uint32_t i = 0; i < c->table_count; i++)
        if (read_table(json_array_get(tables, i), &c->tables[i], err))
            return err_wrap(err, "tables[%u]", i);
    return ERR_OK;
}

static enum err_code read_bugs(const json_t *root, struct node_config *c, struct err *err)
{
    const json_t *bugs = json_object_get(root, "bugs");
    if (!bugs)
        return ERR_OK;
    if (!json_is_string(bugs))
        return refuse_value(bugs, &bugs_field, err);
    return store_bugs_parse(json_string_value(bugs), &c->bugs, err);
}

static enum err_code read_all(json_t *root, struct node_config *c, struct err *err)
{
    int64_t snapshot_every = (int64_t)c->snapshot_every;
    if (check_keys(root, root_fields, err) || read_cluster(root, c, err) ||
        read_nodes(root, c, err) || read_tables(root, c, err) ||
        read_integer(root, &snapshot_field, &snapshot_every, err) ||
        read_integer(root, &election_field, &c->election_timeout_ns, err) ||
        read_integer(root, &heartbeat_field, &c->heartbeat_ns, err) || read_bugs(root, c, err))
        return err->code;
    c->snapshot_every = (uint64_t)snapshot_every;
    return node_config_check(c, err);
}

/* NULL and `err` unless it is a file with JSON. */
static json_t *parse_file(const char *path, struct err *err)
{
    json_error_t why;
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
    if (root)
        return root;
    if (json_error_code(&why) == json_error_cannot_open_file)
        err_set(err, ERR_INVALID, "%s", why.text); /* names it */
    else if (why.position == 0)
        err_set(err, ERR_INVALID, "%s: is a folder or an empty file; allowed: a JSON file",
                path);
    else
        err_set(err, ERR_INVALID, "%s:%d: is not JSON: %s", path, why.line, why.text);
    return NULL;
}

enum err_code node_config_load(const char *path, struct node_config *out, struct err *err)
{
    json_t *root = parse_file(path, err);
    if (!root)
        return err->code;
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
