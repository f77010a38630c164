/* reorder: a share of everything on the link overtakes what was sent before it. */
#include "injector/shape.h"
#include "injector/targets.h"

struct reorder {
    struct link_targets where;
    int64_t rate_ppm;
};

static const struct param params[] = {
    LINK_TARGET_PARAMS(struct reorder),
    {.name = "rate",
     .type = PARAM_PERCENT,
     .offset = offsetof(struct reorder, rate_ppm),
     .min = 1,
     .max = 1000000,
     .required = true,
     .draw_min = 10000,
     .draw_max = 200000,
     .help = "Share that overtakes."},
    {.name = NULL},
};

static enum err_code check(const void *config, struct err *err)
{
    const struct reorder *r = config;
    return link_targets_check(&r->where, err);
}

static enum err_code links(const void *config, const struct fault_targets *targets,
                           struct link_set *out, struct err *err)
{
    const struct reorder *r = config;
    return link_targets_find(&r->where, targets, out, err);
}

static void shape(const void *config, struct link_shape *shape)
{
    const struct reorder *r = config;
    shape->reorder_ppm = ppm_either(shape->reorder_ppm, r->rate_ppm);
}

const struct fault_ops fault_reorder = {
    .about = {.name = "reorder",
              .summary = "Let a share of everything on the chosen links overtake the rest.",
              .config_size = sizeof(struct reorder),
              .params = params,
              .flags = FAULT_ON_LINKS | FAULT_HEALS,
              .check = check},
    .links = links,
    .shape = shape,
};
