#include "tests/support/vocabulary.h"

#include <string.h>

#include "base/units.h"

struct words {
    const char *isolate, *from, *to, *node, *bugs;
    int64_t delay_ns, jitter_ns, clients, rate_per_ks, reads_ppm;
};

#define TARGET(word, group)                                                                    \
    {                                                                                          \
        .name = #word, .type = PARAM_TARGET, .offset = offsetof(struct words, word),           \
        .draw_max = group, .help = "Whom it hits."                                             \
    }

static enum err_code check_links(const void *config, struct err *err)
{
    const struct words *w = config;
    if (w->jitter_ns > w->delay_ns)
        return err_set(err, ERR_INVALID, "the jitter is more than the delay");
    if (!w->from != !w->to || !w->isolate == !w->from)
        return err_set(err, ERR_INVALID, "say exactly one of isolate, or from with to");
    return ERR_OK;
}

static const struct param partition_params[] = {
    TARGET(isolate, 1), TARGET(from, 2), TARGET(to, 2), {.name = NULL}};
static const struct param latency_params[] = {
    TARGET(isolate, 1),
    TARGET(from, 2),
    TARGET(to, 2),
    {.name = "delay",
     .type = PARAM_DURATION,
     .offset = offsetof(struct words, delay_ns),
     .max = 10 * NS_PER_S,
     .required = true,
     .draw_min = 20 * NS_PER_MS,
     .draw_max = 500 * NS_PER_MS,
     .help = "Added delay."},
    {.name = "jitter",
     .type = PARAM_DURATION,
     .offset = offsetof(struct words, jitter_ns),
     .max = 10 * NS_PER_S,
     .draw_max = 20 * NS_PER_MS,
     .help = "Added jitter."},
    {.name = NULL},
};
static const struct param node_params[] = {
    {.name = "node",
     .type = PARAM_TARGET,
     .offset = offsetof(struct words, node),
     .required = true,
     .draw_max = 1,
     .help = "Who is hit."},
    {.name = NULL},
};
static const struct param workload_params[] = {
    {.name = "clients",
     .type = PARAM_COUNT_PER_REGION,
     .offset = offsetof(struct words, clients),
     .min = 1,
     .max = 1000,
     .otherwise = 4,
     .help = "Clients."},
    {.name = "rate",
     .type = PARAM_RATE_PER_REGION,
     .offset = offsetof(struct words, rate_per_ks),
     .min = 1,
     .max = 1000000000,
     .otherwise = 100000,
     .help = "Operations."},
    {.name = "reads",
     .type = PARAM_PERCENT,
     .offset = offsetof(struct words, reads_ppm),
     .max = 1000000,
     .otherwise = 500000,
     .help = "Share of reads."},
    {.name = NULL},
};

static enum err_code check_bugs(const void *config, struct err *err)
{
    const struct words *w = config;
    if (*w->bugs == '\0' || strcmp(w->bugs, "stale-leader-reads") == 0)
        return ERR_OK;
    return err_set(err, ERR_INVALID, "bugs: '%s' is no bug; allowed is stale-leader-reads",
                   w->bugs);
}

static const struct param system_params[] = {
    {.name = "bugs",
     .type = PARAM_TEXT,
     .offset = offsetof(struct words, bugs),
     .text_otherwise = "",
     .help = "Planted bugs."},
    {.name = NULL},
};
static const struct param none[] = {{.name = NULL}};

#define PLUGIN(id, called, rows, bits, hook)                                                   \
    static const struct plugin id = {.name = called,                                           \
                                     .summary = "For tests.",                                  \
                                     .config_size = sizeof(struct words),                      \
                                     .params = rows,                                           \
                                     .flags = bits,                                            \
                                     .check = hook}
PLUGIN(partition, "partition", partition_params, FAULT_ON_LINKS | FAULT_HEALS, check_links);
PLUGIN(latency, "latency", latency_params, FAULT_ON_LINKS | FAULT_HEALS, check_links);
PLUGIN(kill_node, "kill", node_params, FAULT_RESTARTS | FAULT_KILLS, NULL);
PLUGIN(pause_node, "pause", node_params, FAULT_HEALS | FAULT_PAUSES, NULL);
PLUGIN(registers, "register", workload_params, PLUGIN_REGISTER, NULL);
PLUGIN(sets, "set", workload_params, PLUGIN_OR_SET, NULL);
PLUGIN(store, "store", system_params,
       SYSTEM_ASYNC | SYSTEM_ROLES | SYSTEM_PAUSE | SYSTEM_KILL | SYSTEM_REGISTER |
           SYSTEM_OR_SET,
       check_bugs);
PLUGIN(bare, "bare", none, SYSTEM_REGISTER, NULL);
PLUGIN(linearizable, "linearizable", none, PLUGIN_REGISTER, NULL);
PLUGIN(set_check, "set", none, PLUGIN_OR_SET, NULL);
PLUGIN(convergence, "convergence", none, 0, NULL);

/* As the injector's: whoever is isolated must leave somebody. */
static enum err_code fault_possible(const struct plugin *fault, const void *config,
                                    const struct topology *topology,
                                    const struct system_spec *system, struct err *err)
{
    (void)topology;
    (void)system;
    const struct words *w = config;
    if ((fault->flags & FAULT_ON_LINKS) && w->isolate && strcmp(w->isolate, "all") == 0)
        return err_set(err, ERR_NOTFOUND, "isolate: 'all' is everybody");
    return ERR_OK;
}

struct vocabulary small_vocabulary(void)
{
    static const struct plugin *const faults[] = {&partition, &latency, &kill_node, &pause_node,
                                                  NULL};
    static const struct plugin *const workloads[] = {&registers, &sets, NULL};
    static const struct plugin *const systems[] = {&store, &bare, NULL};
    static const struct plugin *const checks[] = {&linearizable, &set_check, &convergence,
                                                  NULL};
    return (struct vocabulary){
        .faults = {"fault", faults},
        .workloads = {"workload", workloads},
        .systems = {"system", systems},
        .checks = {"check", checks},
        .fault_possible = fault_possible,
    };
}
