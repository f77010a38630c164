#include "scenarios/grammar.h"

#include <string.h>

#include "base/units.h"

#define HOUR_NS (3600 * NS_PER_S)

static const struct part no_parts[] = {{NULL, false}};
static const struct param no_params[] = {{.name = NULL}};

static const char *const type_names[] = {
    [TABLE_REGISTER] = "register", [TABLE_OR_SET] = "or-set", NULL};
static const char *const mode_names[] = {
    [MODE_CONSENSUS] = "consensus", [MODE_ASYNC] = "async", NULL};
const char *const read_levels[] = {"linearizable", "sequential", "causal", "session",
                                   "eventual",     "local",      NULL};
const char *const objective_ops[] = {"read", "write", "cas", "add", "remove", "members", NULL};

const char *table_type_name(enum table_type type)
{
    return type_names[type];
}

const char *table_mode_name(enum table_mode mode)
{
    return mode_names[mode];
}

static const struct param scenario_params[] = {
    {.name = "name",
     .type = PARAM_TEXT,
     .offset = offsetof(struct scenario, name),
     .required = true,
     .help = "Names the run's folder; lower-case letters, digits and dashes."},
    {.name = "summary",
     .type = PARAM_TEXT,
     .offset = offsetof(struct scenario, summary),
     .text_otherwise = "",
     .help = "What it shows, in one sentence."},
    {.name = "duration",
     .type = PARAM_DURATION,
     .offset = offsetof(struct scenario, duration_ns),
     .min = NS_PER_S,
     .max = 24 * HOUR_NS,
     .required = true,
     .help = "How long the workloads run."},
    {.name = "settle",
     .type = PARAM_DURATION,
     .offset = offsetof(struct scenario, settle_ns),
     .min = NS_PER_S,
     .max = HOUR_NS,
     .otherwise = 15 * NS_PER_S,
     .help = "How long replicas may take to agree once everything is healed."},
    {.name = NULL},
};
static const struct part scenario_parts[] = {
    {"topology", true},    {"system", true},         {"workloads", true}, {"faults", false},
    {"objectives", false}, {"random_faults", false}, {NULL, false}};
const struct section scenario_section = {"a scenario", scenario_params, scenario_parts};

static const struct part topology_parts[] = {
    {"regions", true}, {"links", false}, {NULL, false}};
const struct section topology_section = {"a topology", no_params, topology_parts};

static const struct param region_params[] = {
    {.name = "nodes",
     .type = PARAM_COUNT,
     .offset = offsetof(struct scenario_count, count),
     .min = 1,
     .max = NODES_MAX,
     .required = true,
     .help = "How many nodes it has; they are called REGION-1, REGION-2, ..."},
    {.name = NULL},
};
const struct section region_section = {"a region", region_params, no_parts};

static const struct param link_params[] = {
    {.name = "one_way",
     .type = PARAM_DURATION,
     .offset = offsetof(struct link_words, one_way_ns),
     .max = 10 * NS_PER_S,
     .otherwise = -1,
     .help = "Delay in each direction."},
    {.name = "rtt",
     .type = PARAM_DURATION,
     .offset = offsetof(struct link_words, rtt_ns),
     .max = 20 * NS_PER_S,
     .otherwise = -1,
     .help = "Delay there and back, half of it in each direction."},
    {.name = "jitter",
     .type = PARAM_DURATION,
     .offset = offsetof(struct link_words, jitter_ns),
     .max = 10 * NS_PER_S,
     .help = "The one-way delay varies by up to this much either way."},
    {.name = "loss",
     .type = PARAM_PERCENT,
     .offset = offsetof(struct link_words, loss_ppm),
     .max = 1000000,
     .help = "Share that is lost."},
    {.name = NULL},
};
const struct section link_section = {"a link", link_params, no_parts};

static const struct param system_params[] = {
    {.name = "kind",
     .type = PARAM_TEXT,
     .offset = offsetof(struct kind_words, kind),
     .required = true,
     .help = "Which system is under test."},
    {.name = NULL},
};
static const struct part system_parts[] = {{"tables", true}, {NULL, false}};
const struct section system_section = {"a system", system_params, system_parts};

static const struct param table_params[] = {
    {.name = "type",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct table_words, type),
     .choices = type_names,
     .required = true,
     .help = "What a key holds."},
    {.name = "mode",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct table_words, mode),
     .choices = mode_names,
     .required = true,
     .help = "How it is replicated."},
    {.name = "reads",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct table_words, reads),
     .choices = read_levels,
     .otherwise = -1,
     .help = "Level that reads ask for; linearizable for consensus, else eventual."},
    {.name = NULL},
};
static const struct part table_parts[] = {{"checks", true}, {NULL, false}};
const struct section table_section = {"a table", table_params, table_parts};

static const struct param workload_params[] = {
    {.name = "kind",
     .type = PARAM_TEXT,
     .offset = offsetof(struct kind_words, kind),
     .required = true,
     .help = "Which workload."},
    {.name = "table",
     .type = PARAM_TEXT,
     .offset = offsetof(struct kind_words, table),
     .required = true,
     .help = "The table it drives."},
    {.name = NULL},
};
const struct section workload_section = {"a workload", workload_params, no_parts};

static const struct param fault_params[] = {
    {.name = "at",
     .type = PARAM_DURATION,
     .offset = offsetof(struct fault_spec, at_ns),
     .max = 24 * HOUR_NS,
     .required = true,
     .help = "When it begins, after the workloads did."},
    {.name = "for",
     .type = PARAM_DURATION,
     .offset = offsetof(struct fault_spec, for_ns),
     .min = NS_PER_MS,
     .max = 24 * HOUR_NS,
     .otherwise = 0,
     .help = "How long it lasts."},
    {.name = "restart_after",
     .type = PARAM_DURATION,
     .offset = offsetof(struct fault_spec, restart_after_ns),
     .max = 24 * HOUR_NS,
     .otherwise = -1,
     .help = "When what was ended is started again; else when all is healed."},
    {.name = "wait",
     .type = PARAM_DURATION,
     .offset = offsetof(struct fault_spec, wait_ns),
     .min = 100 * NS_PER_MS,
     .max = 60 * NS_PER_S,
     .otherwise = 2 * NS_PER_S,
     .help = "How long to wait for somebody to hold the role that is the target."},
    {.name = NULL},
};
const struct section fault_section = {"a fault", fault_params, no_parts};

static const struct param table_limit_params[] = {
    {.name = "rto",
     .type = PARAM_DURATION,
     .offset = offsetof(struct table_limits, rto_ns),
     .max = HOUR_NS,
     .otherwise = -1,
     .help = "Longest time without success where a majority is reached."},
    {.name = "rpo",
     .type = PARAM_DURATION,
     .offset = offsetof(struct table_limits, rpo_ns),
     .max = HOUR_NS,
     .otherwise = -1,
     .help = "Age of the oldest acknowledged write that may be lost; 0s: none."},
    {.name = NULL},
};
const struct section table_limits_section = {"objectives of a table", table_limit_params,
                                             no_parts};

#define LATENCY_LIMIT                                                                          \
    .type = PARAM_DURATION, .offset = offsetof(struct latency_words, limit_ns),                \
    .max = HOUR_NS, .otherwise = -1, .help = "Longest latency of that share of operations."
const struct param latency_limit = {.name = "limit", LATENCY_LIMIT};
static const struct param latency_params[] = {
    {.name = "limit", LATENCY_LIMIT},
    {.name = "outside_faults",
     .type = PARAM_FLAG,
     .offset = offsetof(struct latency_words, outside_faults),
     .help = "Leave out what was asked while a fault was on or being recovered from."},
    {.name = NULL},
};
static const struct part latency_parts[] = {{"regions", false}, {NULL, false}};
const struct section latency_section = {"a latency objective", latency_params, latency_parts};

static const struct param random_params[] = {
    {.name = "min",
     .type = PARAM_COUNT,
     .offset = offsetof(struct random_faults, min),
     .max = RANDOM_FAULTS_MAX,
     .required = true,
     .help = "Draw at least so many faults."},
    {.name = "max",
     .type = PARAM_COUNT,
     .offset = offsetof(struct random_faults, max),
     .min = 1,
     .max = RANDOM_FAULTS_MAX,
     .required = true,
     .help = "Draw at most so many faults."},
    {.name = NULL},
};
const struct section random_faults_section = {"random faults", random_params, no_parts};

/* The same as NAME_PATTERN. */
bool is_name(const char *text)
{
    size_t length = strlen(text);
    return length > 0 && length <= NAME_BYTES_MAX && text[0] >= 'a' && text[0] <= 'z' &&
           text[length - 1] != '-' &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

bool is_role_word(const char *text)
{
    static const char *const words[] = {"leader", "leader-region", "any-follower", "all",
                                        "majority", "minority", "clients", "of",
                                        /* keys beside targets in what a run resolved */
                                        "nodes", "cut"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcmp(text, words[i]) == 0)
            return true;
    return false;
}
