/* store: Faultline's own replicated store, in both worlds. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/units.h"
#include "store/client.h"
#include "systems/control.h"
#include "systems/distance.h"
#include "systems/store_nodes.h"
#include "systems/system.h"

struct store_params {
    const char *bugs;
    int64_t election_timeout_ns, heartbeat_ns, snapshot_every, operation_timeout_ns;
};

const struct system_ops system_store;

static const struct param params[] = {
    {.name = "bugs",
     .type = PARAM_TEXT,
     .offset = offsetof(struct store_params, bugs),
     .text_otherwise = "",
     .help = "Bugs to switch on, joined by commas; `faultline list bugs` names them."},
    {.name = "election_timeout",
     .type = PARAM_DURATION,
     .offset = offsetof(struct store_params, election_timeout_ns),
     .min = 50 * NS_PER_MS,
     .max = 60 * NS_PER_S,
     .otherwise = 1 * NS_PER_S,
     .help = "A replica that hears no leader for this long, or up to twice, stands itself."},
    {.name = "heartbeat",
     .type = PARAM_DURATION,
     .offset = offsetof(struct store_params, heartbeat_ns),
     .min = 5 * NS_PER_MS,
     .max = 20 * NS_PER_S,
     .otherwise = 150 * NS_PER_MS,
     .help =
         "How often a leader says that it is there; at most a third of the election_timeout."},
    {.name = "snapshot_every",
     .type = PARAM_COUNT,
     .offset = offsetof(struct store_params, snapshot_every),
     .min = 10,
     .max = 10000000,
     .otherwise = 10000,
     .help = "Entries applied from one snapshot to the next."},
    {.name = "operation_timeout",
     .type = PARAM_DURATION,
     .offset = offsetof(struct store_params, operation_timeout_ns),
     .min = 100 * NS_PER_MS,
     .max = 60 * NS_PER_S,
     .otherwise = 2 * NS_PER_S,
     .help = "A client's operation ends after this, whatever is known by then."},
    {.name = NULL},
};

enum node_state { NODE_DOWN, NODE_UP, NODE_PAUSED };

struct store_system {
    struct system base;
    const struct system_setup *setup;
    const struct store_params *params;
    struct node_config config;
    struct store_nodes *nodes;
    struct control *control;
    enum node_state states[STORE_NODES_MAX];
    struct io *client_doors[REGIONS_MAX]; /* one for all clients of a region */
};

struct client {
    struct store_client *inner;
    struct client_handler handler;
    enum op_level level; /* asked for by the operation under way */
};

static struct store_system *store_of(struct system *s)
{
    return CONTAINER_OF(s, struct store_system, base);
}

/* --- nodes --- */

static enum err_code refuse_state(const struct store_system *s, uint32_t node,
                                  const char *wanted, struct err *err)
{
    static const char *const texts[] = {"down", "up", "paused"};
    return err_set(err, ERR_INVALID, "cannot %s node %s: it is %s", wanted,
                   s->setup->places[node]->name, texts[s->states[node]]);
}

static enum err_code store_start(struct system *base, uint32_t node, struct err *err)
{
    struct store_system *s = store_of(base);
    if (s->states[node] != NODE_DOWN)
        return refuse_state(s, node, "start", err);
    if (s->nodes->ops->start(s->nodes, node, err))
        return err->code;
    s->states[node] = NODE_UP;
    return control_open(s->control, node, err);
}

static enum err_code store_resume(struct system *base, uint32_t node, struct err *err)
{
    struct store_system *s = store_of(base);
    if (s->states[node] != NODE_PAUSED)
        return refuse_state(s, node, "resume", err);
    if (s->nodes->ops->resume(s->nodes, node, err))
        return err->code;
    s->states[node] = NODE_UP;
    return control_open(s->control, node, err);
}

static enum err_code store_stop(struct system *base, uint32_t node, struct err *err)
{
    struct store_system *s = store_of(base);
    if (s->states[node] == NODE_PAUSED && store_resume(base, node, err))
        return err->code;
    if (s->states[node] == NODE_DOWN)
        return ERR_OK;
    control_shut(s->control, node);
    s->states[node] = NODE_DOWN;
    return s->nodes->ops->stop(s->nodes, node, err);
}

static enum err_code store_kill(struct system *base, uint32_t node, struct err *err)
{
    struct store_system *s = store_of(base);
    if (s->states[node] == NODE_DOWN)
        return refuse_state(s, node, "kill", err);
    control_shut(s->control, node);
    s->states[node] = NODE_DOWN;
    return s->nodes->ops->kill(s->nodes, node, err);
}

static enum err_code store_pause(struct system *base, uint32_t node, struct err *err)
{
    struct store_system *s = store_of(base);
    if (s->states[node] != NODE_UP)
        return refuse_state(s, node, "pause", err);
    control_shut(s->control, node);
    s->states[node] = NODE_PAUSED;
    return s->nodes->ops->pause(s->nodes, node, err);
}

static void store_ready(struct system *base, uint32_t node, void (*told)(void *, bool),
                        void *user)
{
    control_ready(store_of(base)->control, node, told, user);
}

static bool store_ended(struct system *base, uint32_t node, char *why, size_t size)
{
    struct store_nodes *nodes = store_of(base)->nodes;
    return nodes->ops->ended(nodes, node, why, size);
}

static void store_role(struct system *base, uint32_t node, uint32_t table,
                       void (*told)(void *, const struct role_told *), void *user)
{
    control_role(store_of(base)->control, node, table, told, user);
}

static void store_final_state(struct system *base, uint32_t node, uint32_t table,
                              void (*told)(void *, enum err_code, const struct final_value *,
                                           size_t),
                              void *user)
{
    control_state(store_of(base)->control, node, table, told, user);
}

/* --- clients --- */

static enum err_code store_client_open(struct system *base, uint32_t region, uint32_t number,
                                       struct client **out, struct err *err)
{
    struct store_system *s = store_of(base);
    struct store_client_config config = store_client_config_default();
    config.cluster = s->config.cluster;
    config.id = (uint64_t)number + 1;
    config.node_count = s->config.node_count;
    memcpy(config.addresses, s->config.addresses, sizeof config.addresses);
    distance_rank(s->setup->topology, region, config.nearest);
    config.operation_timeout_ns = s->params->operation_timeout_ns;
    for (uint32_t t = 0; t < s->setup->spec->table_count; t++)
        config.async[t] = s->setup->spec->tables[t].mode == MODE_ASYNC;
    struct client *c = calloc(1, sizeof *c);
    if (c)
        c->inner = store_client_new(s->client_doors[region], &config);
    if (!c || !c->inner) {
        free(c);
        return err_set(err, ERR_NOMEM, "client %u", number);
    }
    *out = c;
    return ERR_OK;
}

static enum op_outcome outcome_of(enum reply_status status)
{
    static const enum op_outcome outcomes[] = {[REPLY_OK] = OUTCOME_OK,
                                               [REPLY_FAIL] = OUTCOME_FAIL,
                                               [REPLY_UNKNOWN] = OUTCOME_UNKNOWN};
    return outcomes[status];
}

static void on_attempted(void *user, const struct store_attempt *a)
{
    struct client *c = user;
    struct attempt attempt = {
        .number = a->number,
        .node = a->node,
        .sent_at_ns = a->sent_at_ns,
        .ended_at_ns = a->ended_at_ns,
        .outcome = outcome_of(a->status),
        .error = a->error,
    };
    if (c->handler.attempted)
        c->handler.attempted(c->handler.user, &attempt);
}

static void on_answered(void *user, const struct store_answer *a)
{
    struct client *c = user;
    struct answer answer = {
        .outcome = outcome_of(a->status),
        .result = a->value,
        .members = a->members,
        .member_count = a->member_count,
        .is_list = a->is_list,
        .level = c->level,
        .version = a->version ? (int64_t)a->version : OP_NIL,
        .node = a->node,
        .error = a->error,
    };
    c->handler.answered(c->handler.user, &answer);
}

static enum request_kind kind_of(enum op_kind kind)
{
    switch (kind) {
    case OP_READ: return REQUEST_READ;
    case OP_WRITE: return REQUEST_WRITE;
    case OP_CAS: return REQUEST_CAS;
    case OP_ADD: return REQUEST_ADD;
    case OP_REMOVE: return REQUEST_REMOVE;
    case OP_MEMBERS: return REQUEST_MEMBERS;
    default: assert(false && "a workload asks what no client can"); return REQUEST_READ;
    }
}

/* Changes go through the leader whatever is promised; reads of the weaker levels may
 * be answered by whoever is near. */
static enum request_level level_of(const struct operation *op)
{
    bool reads = op->kind == OP_READ || op->kind == OP_MEMBERS;
    bool weak = op->level != LEVEL_LINEARIZABLE && op->level != LEVEL_SEQUENTIAL;
    return reads && weak ? REQUEST_LOCAL : REQUEST_LINEARIZABLE;
}

static void store_invoke(struct client *c, const struct operation *op,
                         const struct client_handler *handler)
{
    struct store_operation asked = {
        .table = op->table,
        .kind = kind_of(op->kind),
        .key = op->key,
        .argument = op->argument,
        .expected = op->expected,
        .level = level_of(op),
    };
    struct store_client_handler inner = {c, on_attempted, on_answered};
    c->handler = *handler;
    c->level = op->level;
    store_client_invoke(c->inner, &asked, &inner);
}

static void store_client_close(struct client *c)
{
    store_client_free(c->inner);
    free(c);
}

/* --- making it --- */

static_assert(STORE_NIL == OP_NIL, "a value that is none is the same in both folders");

/* Two runs on one machine must not take each other's nodes for theirs. */
static uint64_t cluster_of(const struct system_setup *setup)
{
    uint64_t cluster = digest_u64(DIGEST_START, setup->seed);
    if (!setup->world->simulated)
        cluster = digest_bytes(
            cluster, (struct bytes){(const uint8_t *)setup->folder, strlen(setup->folder)});
    return cluster >> 1 | 1; /* JSON, where the nodes read it, has 63 bits */
}

static enum err_code fill_tables(struct store_system *s, struct err *err)
{
    const struct system_spec *spec = s->setup->spec;
    if (spec->table_count > STORE_TABLES_MAX)
        return err_set(err, ERR_LIMIT, "%u tables; the store keeps at most %d",
                       spec->table_count, STORE_TABLES_MAX);
    s->config.table_count = spec->table_count;
    for (uint32_t i = 0; i < spec->table_count; i++) {
        const struct table_spec *from = &spec->tables[i];
        struct store_table *to = &s->config.tables[i];
        if (strlen(from->name) >= sizeof to->name)
            return err_set(err, ERR_LIMIT, "table '%s': a name has at most %zu letters",
                           from->name, sizeof to->name - 1);
        snprintf(to->name, sizeof to->name, "%s", from->name);
        to->type = from->type == TABLE_REGISTER ? STORE_REGISTER : STORE_OR_SET;
        to->mode = from->mode == MODE_CONSENSUS ? STORE_CONSENSUS : STORE_ASYNC;
    }
    return ERR_OK;
}

static enum err_code fill_nodes(struct store_system *s, struct err *err)
{
    uint32_t count = s->setup->topology->node_count;
    if (count > STORE_NODES_MAX)
        return err_set(err, ERR_LIMIT, "%u nodes; the store has at most %d", count,
                       STORE_NODES_MAX);
    s->config.node_count = count;
    for (uint32_t node = 0; node < count; node++) {
        s->config.addresses[node] = s->setup->places[node]->address;
        s->config.addresses[node].port = STORE_PORT;
    }
    return ERR_OK;
}

static enum err_code fill_config(struct store_system *s, struct err *err)
{
    s->config = node_config_default();
    s->config.cluster = cluster_of(s->setup);
    s->config.election_timeout_ns = s->params->election_timeout_ns;
    s->config.heartbeat_ns = s->params->heartbeat_ns;
    s->config.snapshot_every = (uint64_t)s->params->snapshot_every;
    if (store_bugs_parse(s->params->bugs, &s->config.bugs, err) || fill_tables(s, err) ||
        fill_nodes(s, err))
        return err->code;
    return node_config_check(&s->config, err);
}

static enum err_code open_client_doors(struct store_system *s, struct err *err)
{
    struct world *w = s->setup->world;
    const struct topology *t = s->setup->topology;
    for (uint32_t region = 0; region < t->region_count; region++) {
        char name[96];
        snprintf(name, sizeof name, "clients of %s", t->regions[region].name);
        s->client_doors[region] =
            w->ops->open(w, s->setup->places[t->node_count + region], name, err);
        if (!s->client_doors[region])
            return err->code;
    }
    return ERR_OK;
}

static enum err_code open_nodes(struct store_system *s, struct err *err)
{
    struct io *clock = s->client_doors[0]; /* no fault stops a client's place */
    s->control = control_new(s->setup->world, clock, s->setup->places, &s->config);
    if (!s->control)
        return err_set(err, ERR_NOMEM, "control of the nodes");
    if (s->setup->world->simulated)
        return store_nodes_sim(s->setup, &s->config, &s->nodes, err);
    return store_nodes_local(s->setup, &s->config, clock, &s->nodes, err);
}

static void store_destroy(struct system *base)
{
    struct store_system *s = store_of(base);
    struct world *w = s->setup->world;
    control_free(s->control);
    if (s->nodes)
        s->nodes->ops->free(s->nodes);
    for (uint32_t region = 0; region < REGIONS_MAX; region++)
        if (s->client_doors[region])
            w->ops->close(w, s->client_doors[region]);
    free(s);
}

static enum err_code store_create(const struct system_setup *setup, struct system **out,
                                  struct err *err)
{
    struct store_system *s = calloc(1, sizeof *s);
    if (!s)
        return err_set(err, ERR_NOMEM, "the store");
    s->base.ops = &system_store;
    s->setup = setup;
    s->params = setup->spec->config;
    if (fill_config(s, err) || open_client_doors(s, err) || open_nodes(s, err)) {
        store_destroy(&s->base);
        return err->code;
    }
    *out = &s->base;
    return ERR_OK;
}

/* What the loader asks, so that a wrong name is refused before anything runs. */
static enum err_code check(const void *config, struct err *err)
{
    const struct store_params *p = config;
    uint32_t bugs;
    char heartbeat[32], election[32];
    if (store_bugs_parse(p->bugs, &bugs, err))
        return err->code;
    if (p->heartbeat_ns * 3 <= p->election_timeout_ns)
        return ERR_OK;
    return err_set(err, ERR_INVALID,
                   "heartbeat: '%s' is over a third of the election_timeout of %s",
                   units_duration(p->heartbeat_ns, heartbeat, sizeof heartbeat),
                   units_duration(p->election_timeout_ns, election, sizeof election));
}

const struct system_ops system_store = {
    .about = {.name = "store",
              .summary = "Faultline's own replicated store: registers and or-sets.",
              .config_size = sizeof(struct store_params),
              .params = params,
              .flags = SYSTEM_IN_SIM | SYSTEM_IN_LOCAL | SYSTEM_ASYNC | SYSTEM_ROLES |
                       SYSTEM_FINAL_STATE | SYSTEM_PAUSE | SYSTEM_KILL | SYSTEM_REGISTER |
                       SYSTEM_OR_SET,
              .check = check},
    .create = store_create,
    .destroy = store_destroy,
    .start = store_start,
    .stop = store_stop,
    .kill = store_kill,
    .pause = store_pause,
    .resume = store_resume,
    .ready = store_ready,
    .ended = store_ended,
    .role = store_role,
    .final_state = store_final_state,
    .client_open = store_client_open,
    .invoke = store_invoke,
    .client_close = store_client_close,
};
