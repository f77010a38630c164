/* pause: nodes stop in their tracks and go on later, unaware of it. */
#include "injector/node_ops.h"
#include "injector/targets.h"

struct pause {
    const char *node;
};

static const struct param params[] = {
    {.name = "node",
     .type = PARAM_TARGET,
     .offset = offsetof(struct pause, node),
     .required = true,
     .draw_max = 1,
     .help = "Who is paused."},
    {.name = NULL},
};

static enum err_code nodes(const void *config, const struct fault_targets *targets,
                           uint32_t *out, struct err *err)
{
    const struct pause *p = config;
    return node_target_find(p->node, targets, out, err);
}

static enum err_code apply(const void *config, const struct node_ops *ops, uint32_t node,
                           struct err *err)
{
    (void)config;
    return ops->pause(ops->user, node, err);
}

static enum err_code heal(const void *config, const struct node_ops *ops, uint32_t node,
                          struct err *err)
{
    (void)config;
    return ops->resume(ops->user, node, err);
}

const struct fault_ops fault_pause = {
    .about = {.name = "pause",
              .summary =
                  "Stop nodes in their tracks; they go on later as if no time had passed.",
              .config_size = sizeof(struct pause),
              .params = params,
              .flags = FAULT_HEALS | FAULT_PAUSES},
    .nodes = nodes,
    .apply = apply,
    .heal = heal,
};
