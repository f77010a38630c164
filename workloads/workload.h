/* The contract every workload implements: a pure generator of operations. Placing
 * clients, pacing, time-outs and recording are the driver's (workloads/driver.h). */
#ifndef WORKLOADS_WORKLOAD_H
#define WORKLOADS_WORKLOAD_H

#include "base/param.h"
#include "base/random.h"
#include "history/op.h"
#include "scenarios/scenario.h"
#include "workloads/chooser.h"
#include "workloads/pacing.h"

/* What every workload's config begins with; its params begin with WORKLOAD_PARAMS. */
struct workload_common {
    int64_t clients;     /* per region */
    int64_t rate_per_ks; /* per region; operations per 1,000 seconds */
    int64_t pacing;      /* enum pacing */
    int64_t keys;        /* 0 to keys - 1 */
    int64_t chooser;     /* enum chooser */
};

enum { WORKLOAD_KEYS_MAX = 1000000, WORKLOAD_CLIENTS_MAX = 1000 };

extern const char *const pacing_names[], *const chooser_names[]; /* end with NULL */

/* clang-format off */
#define WORKLOAD_PARAMS                                                                        \
    {.name = "clients", .type = PARAM_COUNT_PER_REGION,                                        \
     .offset = offsetof(struct workload_common, clients),                                      \
     .min = 1, .max = WORKLOAD_CLIENTS_MAX, .otherwise = 4,                                    \
     .help = "Clients in each region; one operation at a time each."},                         \
    {.name = "rate", .type = PARAM_RATE_PER_REGION,                                            \
     .offset = offsetof(struct workload_common, rate_per_ks),                                  \
     .min = 1, .max = INT64_C(100000000), .otherwise = 50000,                                  \
     .help = "Operations that arrive in each region; closed pacing ignores it."},              \
    {.name = "pacing", .type = PARAM_CHOICE,                                                   \
     .offset = offsetof(struct workload_common, pacing),                                       \
     .choices = pacing_names, .max = PACING_CLOSED,                                            \
     .help = "When operations arrive: at random, evenly, or after the last answer."},          \
    {.name = "keys", .type = PARAM_COUNT,                                                      \
     .offset = offsetof(struct workload_common, keys),                                         \
     .min = 1, .max = WORKLOAD_KEYS_MAX, .otherwise = 20,                                      \
     .help = "Keys that operations choose from."},                                             \
    {.name = "chooser", .type = PARAM_CHOICE,                                                  \
     .offset = offsetof(struct workload_common, chooser),                                      \
     .choices = chooser_names, .max = CHOOSER_ZIPFIAN,                                         \
     .help = "How a key is chosen: all alike, or a few of them hot."}
/* clang-format on */

struct workload_state; /* the generator's own, one per workload of a run */

struct workload_ops {
    struct plugin about; /* flags: PLUGIN_REGISTER, PLUGIN_OR_SET: tables it can drive */
    size_t state_size;

    /* `state` is zeroed. The values it makes up count from `first_value`, so that no
     * two of a run are the same and a value read names the operation that wrote it. */
    void (*begin)(struct workload_state *state, const void *config, int64_t first_value);

    /* The next operation of a client in `region`. Draws from `random` the same number
     * of times whatever it chooses. Table, level and request id are filled in by the
     * driver; fields the operation does not take are OP_NIL. */
    void (*next)(struct workload_state *state, struct random_stream *random, uint32_t region,
                 struct operation *out);
};

struct catalogue workload_catalogue(void);
const struct workload_ops *workload_of(const struct plugin *plugin);

#endif
