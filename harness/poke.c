#include "harness/poke.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "io/live.h"
#include "store/config.h"

struct asking {
    const struct node_config *config;
    const struct store_client *client;
    enum request_kind kind;
    struct buffer *out;
    struct err *err;
    uint32_t tried; /* bit set of nodes */
    bool answered;
    enum poke_end end;
    enum err_code code;
};

static bool append_text(struct buffer *out, const char *text)
{
    return buffer_append(out, (struct bytes){(const uint8_t *)text, strlen(text)});
}

static bool append_number(struct buffer *out, int64_t number)
{
    char text[32];
    if (number == STORE_NIL)
        return append_text(out, "nil");
    snprintf(text, sizeof text, "%" PRId64, number);
    return append_text(out, text);
}

static bool is_change(enum request_kind kind)
{
    return kind != REQUEST_READ && kind != REQUEST_MEMBERS;
}

static bool append_answer(struct buffer *out, enum request_kind kind,
                          const struct store_answer *answer)
{
    if (is_change(kind))
        return append_text(out, "ok");
    if (!answer->is_list)
        return append_number(out, answer->value);
    bool whole = true;
    for (uint32_t i = 0; whole && i < answer->member_count; i++)
        whole = (i == 0 || append_text(out, " ")) && append_number(out, answer->members[i]);
    return whole;
}

/* --- when it went wrong --------------------------------------------------- */

/* The addresses of the nodes that were tried. */
static const char *tried_text(const struct asking *a, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (uint32_t node = 0; node < a->config->node_count && used < size; node++) {
        char address[80];
        if (a->tried >> node & 1)
            used += (size_t)snprintf(
                out + used, size - used, "%s%s", used ? ", " : "",
                io_address_format(&a->config->addresses[node], address, sizeof address));
    }
    return out;
}

static void describe(const struct asking *a, const struct store_answer *answer, char *out,
                     size_t size)
{
    char tried[400], value[32];
    tried_text(a, tried, sizeof tried);
    if (answer->node >= 0 && a->end == POKE_MISMATCH && answer->value == STORE_NIL)
        snprintf(out, size, "the key was never written");
    else if (answer->node >= 0 && a->end == POKE_MISMATCH)
        snprintf(out, size, "the value is %s",
                 (snprintf(value, sizeof value, "%" PRId64, answer->value), value));
    else if (answer->node < 0 && strcmp(answer->error, "connection lost") == 0 &&
             !store_client_was_greeted(a->client))
        snprintf(out, size,
                 "%s hung up and said no hello: it belongs to another cluster than %" PRIu64
                 ", or is no node of the store",
                 tried, a->config->cluster);
    else if (answer->node < 0)
        snprintf(out, size, "%s (asked: %s)", answer->error, tried);
    else
        snprintf(out, size, "%s", answer->error);
}

static void note_failure(struct asking *a, const struct store_answer *answer)
{
    char why[480];
    bool mismatch = answer->status == REPLY_FAIL && a->kind == REQUEST_CAS &&
                    strcmp(answer->error, reply_reason_text(REASON_MISMATCH)) == 0;
    a->end = mismatch                                                ? POKE_MISMATCH
             : answer->status == REPLY_UNKNOWN && is_change(a->kind) ? POKE_UNKNOWN
                                                                     : POKE_NOT_DONE;
    describe(a, answer, why, sizeof why);
    if (a->end == POKE_UNKNOWN)
        a->code = err_set(a->err, ERR_TIMEOUT, "what became of it is unknown: %s", why);
    else if (is_change(a->kind))
        a->code = err_set(a->err, ERR_IO, "it did not happen: %s", why);
    else
        a->code = err_set(a->err, ERR_IO, "nothing was read: %s", why);
}

static void on_attempted(void *user, const struct store_attempt *attempt)
{
    struct asking *a = user;
    a->tried |= UINT32_C(1) << attempt->node;
}

static void on_answered(void *user, const struct store_answer *answer)
{
    struct asking *a = user;
    a->answered = true;
    if (answer->status != REPLY_OK)
        note_failure(a, answer);
    else if (!append_answer(a->out, a->kind, answer))
        a->code = err_set(a->err, ERR_NOMEM, "no memory for the answer");
}

/* --- asking --------------------------------------------------------------- */

static bool suits(enum store_type type, enum request_kind kind)
{
    bool of_register = kind == REQUEST_READ || kind == REQUEST_WRITE || kind == REQUEST_CAS;
    return of_register == (type == STORE_REGISTER);
}

/* The node would say as much, in fewer words. */
static enum err_code check_kind(const struct store_table *table, enum request_kind kind,
                                struct err *err)
{
    if (suits(table->type, kind))
        return ERR_OK;
    return err_set(err, ERR_INVALID, "'%s' is %s; use %s", table->name,
                   table->type == STORE_REGISTER ? "a register" : "an or-set",
                   table->type == STORE_REGISTER ? "get, get-local, put or cas"
                                                 : "members, add or remove");
}

static enum err_code find_table(const struct node_config *c, const char *name, uint32_t *out,
                                struct err *err)
{
    for (uint32_t t = 0; t < c->table_count; t++) {
        if (strcmp(c->tables[t].name, name) == 0) {
            *out = t;
            return ERR_OK;
        }
    }
    return err_set(err, ERR_INVALID, "'%s' is no table of this store; '%s' is one", name,
                   c->tables[0].name);
}

/* The wanted node first, the others in their order. */
static void rank_nodes(struct store_client_config *client, int first)
{
    uint32_t place = 0;
    if (first >= 0)
        client->nearest[place++] = (uint8_t)first;
    for (uint32_t node = 0; node < client->node_count; node++)
        if ((int)node != first)
            client->nearest[place++] = (uint8_t)node;
}

static enum err_code ask(struct world *w, struct io *io, const struct node_config *config,
                         const struct poke *poke, struct asking *asking, struct err *err)
{
    struct store_operation operation = poke->operation;
    if (find_table(config, poke->table, &operation.table, err) ||
        check_kind(&config->tables[operation.table], operation.kind, err))
        return err->code;
    if (poke->node >= (int)config->node_count)
        return err_set(err, ERR_INVALID, "--node: %d is no node; allowed: 0 to %u", poke->node,
                       config->node_count - 1);
    struct store_client_config c = store_client_config_default();
    c.cluster = config->cluster;
    c.id = (uint64_t)io->ops->wall_ns(io); /* nobody else's, ever */
    c.node_count = config->node_count;
    memcpy(c.addresses, config->addresses, sizeof c.addresses);
    for (uint32_t t = 0; t < config->table_count; t++)
        c.async[t] = config->tables[t].mode == STORE_ASYNC;
    rank_nodes(&c, poke->node);
    struct store_client *client = store_client_new(io, &c);
    if (!client)
        return err_set(err, ERR_NOMEM, "no memory for a client");
    asking->client = client;
    struct store_client_handler handler = {asking, on_attempted, on_answered};
    store_client_invoke(client, &operation, &handler);
    enum err_code code = ERR_OK;
    while (!asking->answered && code == ERR_OK)
        code = w->ops->run(w, &asking->answered, -1, err);
    store_client_free(client);
    return code ? code : asking->code;
}

enum err_code poke_store(const struct poke *poke, struct buffer *out, enum poke_end *end,
                         struct err *err)
{
    *end = POKE_NOT_DONE;
    struct node_config config;
    if (node_config_load(poke->config, &config, err))
        return err->code;
    struct world *w = live_new(&(struct live_config){.seed = 1, .folder = "."}, err);
    if (!w)
        return err->code;
    struct place here = {.name = "poke", .netns_fd = -1, .cgroup_fd = -1};
    struct io *io = w->ops->open(w, &here, "poke", err);
    struct asking asking = {
        .config = &config, .kind = poke->operation.kind, .out = out, .err = err};
    enum err_code code = io ? ask(w, io, &config, poke, &asking, err) : err->code;
    if (io)
        w->ops->close(w, io);
    live_free(w);
    *end = asking.end;
    return code;
}
