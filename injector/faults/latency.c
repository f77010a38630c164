/* latency: everything on the link waits longer. */
#include "base/units.h"
#include "injector/targets.h"

struct latency {
    struct link_targets where;
    int64_t delay_ns, jitter_ns;
};

static const struct param params[] = {
    LINK_TARGET_PARAMS(struct latency),
    {.name = "delay",
     .type = PARAM_DURATION,
     .offset = offsetof(struct latency, delay_ns),
     .max = 10 * NS_PER_S,
     .required = true,
     .draw_min = 20 * NS_PER_MS,
     .draw_max = 500 * NS_PER_MS,
     .help = "Added one-way delay."},
    {.name = "jitter",
     .type = PARAM_DURATION,
     .offset = offsetof(struct latency, jitter_ns),
     .max = 10 * NS_PER_S,
     .draw_max = 20 * NS_PER_MS,
     .help = "The added delay varies by up to this much either way."},
    {.name = NULL},
};

static enum err_code check(const void *config, struct err *err)
{
    const struct latency *l = config;
    char delay[32], jitter[32];
    if (l->jitter_ns > l->delay_ns)
        return err_set(err, ERR_INVALID, "jitter: '%s' is more than the delay; at most %s",
                       units_duration(l->jitter_ns, jitter, sizeof jitter),
                       units_duration(l->delay_ns, delay, sizeof delay));
    return link_targets_check(&l->where, err);
}

static enum err_code links(const void *config, const struct fault_targets *targets,
                           struct link_set *out, struct err *err)
{
    const struct latency *l = config;
    return link_targets_find(&l->where, targets, out, err);
}

static void shape(const void *config, struct link_shape *shape)
{
    const struct latency *l = config;
    shape->delay_ns += l->delay_ns;
    shape->jitter_ns += l->jitter_ns;
}

const struct fault_ops fault_latency = {
    .about = {.name = "latency",
              .summary = "Delay everything on the chosen links.",
              .config_size = sizeof(struct latency),
              .params = params,
              .flags = FAULT_ON_LINKS | FAULT_HEALS,
              .check = check},
    .links = links,
    .shape = shape,
};
