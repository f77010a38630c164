/* loss: a share of everything on the link is dropped at random. */
#include "injector/shape.h"
#include "injector/targets.h"

struct loss {
    struct link_targets where;
    int64_t rate_ppm;
};

static const struct param params[] = {
    LINK_TARGET_PARAMS(struct loss),
    {.name = "rate",
     .type = PARAM_PERCENT,
     .offset = offsetof(struct loss, rate_ppm),
     .min = 1,
     .max = 1000000,
     .required = true,
     .draw_min = 10000,
     .draw_max = 200000,
     .help = "Share that is dropped."},
    {.name = NULL},
};

static enum err_code check(const void *config, struct err *err)
{
    const struct loss *l = config;
    return link_targets_check(&l->where, err);
}

static enum err_code links(const void *config, const struct fault_targets *targets,
                           struct link_set *out, struct err *err)
{
    const struct loss *l = config;
    return link_targets_find(&l->where, targets, out, err);
}

static void shape(const void *config, struct link_shape *shape)
{
    const struct loss *l = config;
    shape->loss_ppm = ppm_either(shape->loss_ppm, l->rate_ppm);
}

const struct fault_ops fault_loss = {
    .about = {.name = "loss",
              .summary = "Drop a share of everything on the chosen links.",
              .config_size = sizeof(struct loss),
              .params = params,
              .flags = FAULT_ON_LINKS | FAULT_HEALS,
              .check = check},
    .links = links,
    .shape = shape,
};
