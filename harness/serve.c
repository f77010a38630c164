#include "harness/serve.h"

#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "base/log.h"
#include "base/units.h"
#include "harness/data_folder.h"
#include "io/live.h"
#include "store/node.h"

struct server {
    struct data_folder data;
    struct world *world;
    struct io *io;
    struct node *node;
    int64_t ahead_ns; /* of our clock: what it prints counts from log_zero_ns */
    bool stop;
    char why[256]; /* it stopped by itself; "" while it did not */
};

static void on_stop_signal(void *user)
{
    struct server *s = user;
    s->stop = true;
}

static void on_node_stop(void *user, const char *why)
{
    struct server *s = user;
    snprintf(s->why, sizeof s->why, "%s", why);
    s->stop = true;
}

static void on_trace(void *user, int64_t at_ns, const char *name, const char *text)
{
    const struct server *s = user;
    log_event(LOG_INFO, at_ns + s->ahead_ns, name, "%s", text);
}

/* For who lays the logs of several nodes beside each other. */
static void log_start(struct server *s, const struct serve_options *o)
{
    char wall[40] = "";
    struct tm utc;
    int64_t now_ns = s->io->ops->now_ns(s->io);
    int64_t wall_ns = s->io->ops->wall_ns(s->io);
    time_t seconds = (time_t)(wall_ns / NS_PER_S);
    if (gmtime_r(&seconds, &utc))
        strftime(wall, sizeof wall, "%Y-%m-%dT%H:%M:%S", &utc);
    if (o->log_zero_ns > 0 && wall_ns - now_ns > o->log_zero_ns)
        s->ahead_ns = wall_ns - now_ns - o->log_zero_ns;
    log_event(LOG_INFO, now_ns + s->ahead_ns, "started", "node=%u at=%s.%03dZ", o->node, wall,
              (int)(wall_ns / NS_PER_MS % 1000));
}

static enum err_code open_node(struct server *s, const struct serve_options *o, struct err *err)
{
    struct node_config config;
    if (node_config_load(o->config, &config, err))
        return err->code;
    if (o->node >= config.node_count)
        return err_set(err, ERR_INVALID, "--node: %u is no node of '%s'; allowed: 0 to %u",
                       o->node, o->config, config.node_count - 1);
    config.node_id = (uint8_t)o->node;
    if (data_folder_take(&s->data, o->data, config.cluster, o->node, err))
        return err->code;
    struct live_config live = {.seed = config.cluster ^ o->node, .folder = o->data};
    s->world = live_new(&live, err);
    if (!s->world)
        return err->code;
    struct place here = {
        .name = "node", .netns_fd = -1, .cgroup_fd = -1, .address = config.addresses[o->node]};
    s->io = s->world->ops->open(s->world, &here, "node", err);
    if (!s->io)
        return err->code;
    log_start(s, o);
    return node_new(s->io, &config, &s->node, err);
}

static enum err_code serve(struct server *s, struct err *err)
{
    struct world *w = s->world;
    node_on_stop(s->node, on_node_stop, s);
    node_on_trace(s->node, on_trace, s);
    if (w->ops->on_signal(w, SIGTERM, on_stop_signal, s, err) ||
        w->ops->on_signal(w, SIGINT, on_stop_signal, s, err))
        return err->code;
    while (!s->stop)
        if (w->ops->run(w, &s->stop, -1, err))
            return err->code;
    return s->why[0] ? err_set(err, ERR_IO, "%s", s->why) : ERR_OK;
}

static void close_server(struct server *s)
{
    bool served = s->node != NULL;
    node_free(s->node);
    if (s->io)
        s->world->ops->close(s->world, s->io);
    if (s->world)
        live_free(s->world);
    data_folder_release(&s->data, served);
}

enum err_code serve_node(const struct serve_options *o, struct err *err)
{
    struct server s = {0};
    log_to(stderr, LOG_INFO);
    enum err_code code = open_node(&s, o, err);
    if (code == ERR_OK)
        code = serve(&s, err);
    close_server(&s);
    return code;
}
