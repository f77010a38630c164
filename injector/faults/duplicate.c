/* duplicate: a share of everything on the link arrives twice. */
#include "injector/shape.h"
#include "injector/targets.h"

struct duplicate {
    struct link_targets where;
    int64_t rate_ppm;
};

static const struct param params[] = {
    LINK_TARGET_PARAMS(struct duplicate),
    {.name = "rate",
     .type = PARAM_PERCENT,
     .offset = offsetof(struct duplicate, rate_ppm),
     .min = 1,
     .max = 1000000,
     .required = true,
     .draw_min = 10000,
     .draw_max = 200000,
     .help = "Share that arrives twice."},
    {.name = NULL},
};

static enum err_code check(const void *config, struct err *err)
{
    const struct duplicate *d = config;
    return link_targets_check(&d->where, err);
}

static enum err_code links(const void *config, const struct fault_targets *targets,
                           struct link_set *out, struct err *err)
{
    const struct duplicate *d = config;
    return link_targets_find(&d->where, targets, out, err);
}

static void shape(const void *config, struct link_shape *shape)
{
    const struct duplicate *d = config;
    shape->duplicate_ppm = ppm_either(shape->duplicate_ppm, d->rate_ppm);
}

const struct fault_ops fault_duplicate = {
    .about = {.name = "duplicate",
              .summary = "Deliver a share of everything on the chosen links twice.",
              .config_size = sizeof(struct duplicate),
              .params = params,
              .flags = FAULT_ON_LINKS | FAULT_HEALS,
              .check = check},
    .links = links,
    .shape = shape,
};
