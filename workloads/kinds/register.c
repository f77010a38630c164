/* register: reads, writes and compare-and-set on a table of registers. */
#include <assert.h>

#include "workloads/workload.h"

struct register_config {
    struct workload_common common;
    int64_t reads_ppm, cas_ppm;
};

enum { REMEMBERED_MAX = 1024 };

struct workload_state {
    const struct register_config *config;
    struct key_chooser chooser;
    int64_t next_value;
    /* The newest value handed out for a key, so that a compare-and-set expects what
     * may well be there. Keys share slots; a stranger's slot counts as empty. */
    struct {
        int64_t key, value; /* value 0: never used */
    } newest[REMEMBERED_MAX];
};

static const struct param params[] = {
    WORKLOAD_PARAMS,
    {.name = "reads",
     .type = PARAM_PERCENT,
     .offset = offsetof(struct register_config, reads_ppm),
     .max = 1000000,
     .otherwise = 500000,
     .help = "Share of operations that read."},
    {.name = "cas",
     .type = PARAM_PERCENT,
     .offset = offsetof(struct register_config, cas_ppm),
     .max = 1000000,
     .otherwise = 200000,
     .help = "Share of the others that compare and set; the rest write."},
    {.name = NULL},
};

static void begin(struct workload_state *state, const void *config, int64_t first_value)
{
    assert(first_value > 0);
    state->config = config;
    state->next_value = first_value;
    chooser_init(&state->chooser, (enum chooser)state->config->common.chooser,
                 state->config->common.keys);
}

/* Take a fresh value for `key`; returns the one before it, or OP_NIL. */
static int64_t replace_newest(struct workload_state *state, int64_t key, int64_t *fresh)
{
    size_t slot = (size_t)(key % REMEMBERED_MAX);
    bool known = state->newest[slot].value && state->newest[slot].key == key;
    int64_t before = known ? state->newest[slot].value : OP_NIL;
    *fresh = state->next_value++;
    state->newest[slot].key = key;
    state->newest[slot].value = *fresh;
    return before;
}

static void next(struct workload_state *state, struct random_stream *random, uint32_t region,
                 struct operation *out)
{
    (void)region;
    int64_t key = chooser_next(&state->chooser, random);
    bool reads = random_happens(random, state->config->reads_ppm);
    bool compares = random_happens(random, state->config->cas_ppm);
    *out =
        (struct operation){.kind = OP_READ, .key = key, .argument = OP_NIL, .expected = OP_NIL};
    if (reads)
        return;
    int64_t before = replace_newest(state, key, &out->argument);
    out->kind = compares ? OP_CAS : OP_WRITE;
    if (compares)
        out->expected = before;
}

const struct workload_ops workload_register = {
    .about = {.name = "register",
              .summary = "Reads, writes and compare-and-set on registers, values unique.",
              .config_size = sizeof(struct register_config),
              .params = params,
              .flags = PLUGIN_REGISTER},
    .state_size = sizeof(struct workload_state),
    .begin = begin,
    .next = next,
};
