/* partition: nothing crosses the chosen links. */
#include "injector/targets.h"

struct partition {
    struct link_targets where;
};

static const struct param params[] = {
    LINK_TARGET_PARAMS(struct partition),
    {.name = NULL},
};

static enum err_code check(const void *config, struct err *err)
{
    const struct partition *p = config;
    return link_targets_check(&p->where, err);
}

static enum err_code links(const void *config, const struct fault_targets *targets,
                           struct link_set *out, struct err *err)
{
    const struct partition *p = config;
    return link_targets_find(&p->where, targets, out, err);
}

static void shape(const void *config, struct link_shape *shape)
{
    (void)config;
    shape->blocked = true;
}

const struct fault_ops fault_partition = {
    .about = {.name = "partition",
              .summary = "Cut the chosen links.",
              .config_size = sizeof(struct partition),
              .params = params,
              .flags = FAULT_ON_LINKS | FAULT_HEALS,
              .check = check},
    .links = links,
    .shape = shape,
};
