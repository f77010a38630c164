/* kill: nodes end as if their power was cut. They come back after `restart_after`,
 * or when everything is healed. */
#include "injector/node_ops.h"
#include "injector/targets.h"

struct kill {
    const char *node;
};

static const struct param params[] = {
    {.name = "node",
     .type = PARAM_TARGET,
     .offset = offsetof(struct kill, node),
     .required = true,
     .draw_max = 1,
     .help = "Who is killed."},
    {.name = NULL},
};

static enum err_code nodes(const void *config, const struct fault_targets *targets,
                           uint32_t *out, struct err *err)
{
    const struct kill *k = config;
    return node_target_find(k->node, targets, out, err);
}

static enum err_code apply(const void *config, const struct node_ops *ops, uint32_t node,
                           struct err *err)
{
    (void)config;
    return ops->kill(ops->user, node, err);
}

static enum err_code heal(const void *config, const struct node_ops *ops, uint32_t node,
                          struct err *err)
{
    (void)config;
    return ops->start(ops->user, node, err);
}

const struct fault_ops fault_kill = {
    .about = {.name = "kill",
              .summary = "End nodes without warning; unsynced writes are lost.",
              .config_size = sizeof(struct kill),
              .params = params,
              .flags = FAULT_RESTARTS | FAULT_KILLS},
    .nodes = nodes,
    .apply = apply,
    .heal = heal,
};
