#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/node.h"
#include "systems/store_nodes.h"

struct store_sim {
    struct store_nodes base;
    const struct system_setup *setup;
    const struct node_config *config;
    struct io *doors[STORE_NODES_MAX];
    struct node *nodes[STORE_NODES_MAX];
};

static struct store_sim *sim_of(struct store_nodes *n)
{
    return CONTAINER_OF(n, struct store_sim, base);
}

static void forget(struct store_sim *s, uint32_t node)
{
    node_free(s->nodes[node]);
    s->nodes[node] = NULL;
    if (s->doors[node])
        s->setup->world->ops->close(s->setup->world, s->doors[node]);
    s->doors[node] = NULL;
}

static enum err_code sim_start(struct store_nodes *n, uint32_t node, struct err *err)
{
    struct store_sim *s = sim_of(n);
    const struct place *place = s->setup->places[node];
    struct node_config config = *s->config;
    config.node_id = (uint8_t)node;
    assert(!s->doors[node]);
    s->doors[node] = s->setup->world->ops->open(s->setup->world, place, place->name, err);
    if (!s->doors[node])
        return err->code;
    if (node_new(s->doors[node], &config, &s->nodes[node], err)) {
        s->nodes[node] = NULL;
        forget(s, node);
        return err->code;
    }
    return ERR_OK;
}

static enum err_code sim_stop(struct store_nodes *n, uint32_t node, struct err *err)
{
    (void)err;
    forget(sim_of(n), node);
    return ERR_OK;
}

static enum err_code sim_kill(struct store_nodes *n, uint32_t node, struct err *err)
{
    (void)err;
    struct store_sim *s = sim_of(n);
    s->setup->world->ops->power_off(s->setup->world, s->setup->places[node]);
    forget(s, node);
    return ERR_OK;
}

static enum err_code sim_pause(struct store_nodes *n, uint32_t node, struct err *err)
{
    (void)err;
    struct store_sim *s = sim_of(n);
    s->setup->world->ops->pause(s->setup->world, s->setup->places[node]);
    return ERR_OK;
}

static enum err_code sim_resume(struct store_nodes *n, uint32_t node, struct err *err)
{
    (void)err;
    struct store_sim *s = sim_of(n);
    s->setup->world->ops->resume(s->setup->world, s->setup->places[node]);
    return ERR_OK;
}

static bool sim_ended(struct store_nodes *n, uint32_t node, char *why, size_t size)
{
    const struct node *it = sim_of(n)->nodes[node];
    if (!it || !node_stopped(it))
        return false;
    snprintf(why, size, "stopped: %s", node_stopped(it));
    return true;
}

static void sim_nodes_free(struct store_nodes *n)
{
    struct store_sim *s = sim_of(n);
    for (uint32_t node = 0; node < STORE_NODES_MAX; node++)
        forget(s, node);
    free(s);
}

static const struct store_nodes_ops sim_ops = {.start = sim_start,
                                               .stop = sim_stop,
                                               .kill = sim_kill,
                                               .pause = sim_pause,
                                               .resume = sim_resume,
                                               .ended = sim_ended,
                                               .free = sim_nodes_free};

enum err_code store_nodes_sim(const struct system_setup *setup,
                              const struct node_config *config, struct store_nodes **out,
                              struct err *err)
{
    struct store_sim *s = calloc(1, sizeof *s);
    if (!s)
        return err_set(err, ERR_NOMEM, "nodes of the store");
    s->base.ops = &sim_ops;
    s->setup = setup;
    s->config = config;
    *out = &s->base;
    return ERR_OK;
}
