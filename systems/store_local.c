/* Nodes as processes: `PROGRAM store serve --config FILE --node N --data DIR`. Below
 * the run's folder: nodes/store.json for all, nodes/NAME.log and nodes/NAME/ each. */
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>

#include "base/arena.h"
#include "systems/node_process.h"
#include "systems/run_folder.h"
#include "systems/store_nodes.h"

struct store_local {
    struct store_nodes base;
    const struct system_setup *setup;
    struct arena arena; /* paths and command lines */
    const char *config_path;
    int64_t zero_ns; /* the run's time 0, since 1970: for the nodes' logs */
    struct node_process *processes[STORE_NODES_MAX];
};

static struct node_process *process_of(struct store_nodes *n, uint32_t node)
{
    return CONTAINER_OF(n, struct store_local, base)->processes[node];
}

static enum err_code local_start(struct store_nodes *n, uint32_t node, struct err *err)
{
    return node_process_start(process_of(n, node), err);
}

static enum err_code local_stop(struct store_nodes *n, uint32_t node, struct err *err)
{
    return node_process_end(process_of(n, node), SIGTERM, err);
}

static enum err_code local_kill(struct store_nodes *n, uint32_t node, struct err *err)
{
    return node_process_end(process_of(n, node), SIGKILL, err);
}

static enum err_code local_pause(struct store_nodes *n, uint32_t node, struct err *err)
{
    return node_process_signal(process_of(n, node), SIGSTOP, err);
}

static enum err_code local_resume(struct store_nodes *n, uint32_t node, struct err *err)
{
    return node_process_signal(process_of(n, node), SIGCONT, err);
}

static bool local_ended(struct store_nodes *n, uint32_t node, char *why, size_t size)
{
    return node_process_ended(process_of(n, node), why, size);
}

static void local_free(struct store_nodes *n)
{
    struct store_local *s = CONTAINER_OF(n, struct store_local, base);
    node_processes_free(s->setup->world, s->processes, STORE_NODES_MAX);
    arena_done(&s->arena);
    free(s);
}

static const struct store_nodes_ops local_ops = {.start = local_start,
                                                 .stop = local_stop,
                                                 .kill = local_kill,
                                                 .pause = local_pause,
                                                 .resume = local_resume,
                                                 .ended = local_ended,
                                                 .free = local_free};

static const char **command_line(struct store_local *s, uint32_t node)
{
    char *data = run_folder_data(s->setup, node, &s->arena);
    char *number = arena_format(&s->arena, "%u", node);
    char *zero = arena_format(&s->arena, "%" PRId64, s->zero_ns);
    const char *words[] = {s->setup->program,
                           "store",
                           "serve",
                           "--config",
                           s->config_path,
                           "--node",
                           number,
                           "--data",
                           data,
                           "--log-zero",
                           zero,
                           NULL};
    const char **argv = arena_array(&s->arena, ARRAY_LEN(words), sizeof *argv);
    for (size_t i = 0; argv && i < ARRAY_LEN(words); i++)
        argv[i] = words[i];
    return data && number && zero ? argv : NULL;
}

static enum err_code make_process(struct store_local *s, struct io *clock, uint32_t node,
                                  struct err *err)
{
    struct node_process_spec spec = {
        .world = s->setup->world,
        .clock = clock,
        .what = {.place = s->setup->places[node],
                 .argv = command_line(s, node),
                 .log_path = run_folder_log(s->setup, s->setup->places[node]->name, &s->arena)},
    };
    if (spec.what.argv && spec.what.log_path)
        s->processes[node] = node_process_new(&spec);
    return s->processes[node] ? ERR_OK : err_set(err, ERR_NOMEM, "node %u", node);
}

static enum err_code make_all(struct store_local *s, const struct node_config *config,
                              struct io *clock, struct err *err)
{
    if (run_folder_make(s->setup, err))
        return err->code;
    s->config_path = arena_format(&s->arena, "%s/nodes/store.json", s->setup->folder);
    if (!s->config_path)
        return err_set(err, ERR_NOMEM, "the nodes' configuration");
    enum err_code code = node_config_save(config, s->config_path, err);
    for (uint32_t node = 0; !code && node < config->node_count; node++)
        code = make_process(s, clock, node, err);
    return code;
}

enum err_code store_nodes_local(const struct system_setup *setup,
                                const struct node_config *config, struct io *clock,
                                struct store_nodes **out, struct err *err)
{
    struct store_local *s = calloc(1, sizeof *s);
    if (!s)
        return err_set(err, ERR_NOMEM, "nodes of the store");
    s->base.ops = &local_ops;
    s->setup = setup;
    s->zero_ns = clock->ops->wall_ns(clock) - clock->ops->now_ns(clock);
    if (make_all(s, config, clock, err)) {
        local_free(&s->base);
        return err->code;
    }
    *out = &s->base;
    return ERR_OK;
}
