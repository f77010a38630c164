#include "harness/poke.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "io/live.h"
#include "store/config.h"

struct asking {
    struct buffer *out;
    struct err *err;
    bool answered;
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

static bool append_answer(struct buffer *out, const struct store_answer *answer)
{
    if (!answer->is_list)
        return append_number(out, answer->value);
    bool whole = true;
    for (uint32_t i = 0; whole && i < answer->member_count; i++)
        whole = (i == 0 || append_text(out, " ")) && append_number(out, answer->members[i]);
    return whole;
}

static void on_answered(void *user, const struct store_answer *answer)
{
    struct asking *a = user;
    a->answered = true;
    if (answer->status == REPLY_FAIL)
        a->code = err_set(a->err, ERR_IO, "it did not happen: %s", answer->error);
    else if (answer->status != REPLY_OK)
        a->code =
            err_set(a->err, ERR_TIMEOUT, "what became of it is unknown: %s", answer->error);
    else if (!append_answer(a->out, answer))
        a->code = err_set(a->err, ERR_NOMEM, "no memory for the answer");
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
    if (find_table(config, poke->table, &operation.table, err))
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
    struct store_client_handler handler = {.user = asking, .answered = on_answered};
    store_client_invoke(client, &operation, &handler);
    enum err_code code = ERR_OK;
    while (!asking->answered && code == ERR_OK)
        code = w->ops->run(w, &asking->answered, -1, err);
    store_client_free(client);
    return code ? code : asking->code;
}

enum err_code poke_store(const struct poke *poke, struct buffer *out, struct err *err)
{
    struct node_config config;
    if (node_config_load(poke->config, &config, err))
        return err->code;
    struct world *w = live_new(&(struct live_config){.seed = 1, .folder = "."}, err);
    if (!w)
        return err->code;
    struct place here = {.name = "poke", .netns_fd = -1, .cgroup_fd = -1};
    struct io *io = w->ops->open(w, &here, "poke", err);
    struct asking asking = {.out = out, .err = err};
    enum err_code code = io ? ask(w, io, &config, poke, &asking, err) : err->code;
    if (io)
        w->ops->close(w, io);
    live_free(w);
    return code;
}
