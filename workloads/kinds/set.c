/* set: adds, removes and reads of whole sets on a table of or-sets. */
#include <assert.h>

#include "workloads/workload.h"

struct set_config {
    struct workload_common common;
    int64_t reads_ppm, removes_ppm;
};

enum { REMOVABLE_MAX = 256 };

struct workload_state {
    const struct set_config *config;
    struct key_chooser chooser;
    int64_t next_element;
    /* Elements added and not yet removed, the newest few. Each is removed at most
     * once: an element's fate is then told by two operations. */
    struct {
        int64_t key, element;
    } removable[REMOVABLE_MAX];
    uint32_t removable_count, oldest;
};

static const struct param params[] = {
    WORKLOAD_PARAMS,
    {.name = "reads",
     .type = PARAM_PERCENT,
     .offset = offsetof(struct set_config, reads_ppm),
     .max = 1000000,
     .otherwise = 300000,
     .help = "Share of operations that read all members of a set."},
    {.name = "removes",
     .type = PARAM_PERCENT,
     .offset = offsetof(struct set_config, removes_ppm),
     .max = 1000000,
     .otherwise = 200000,
     .help = "Share of the others that remove an element added before; the rest add."},
    {.name = NULL},
};

static void begin(struct workload_state *state, const void *config, int64_t first_value)
{
    assert(first_value > 0);
    state->config = config;
    state->next_element = first_value;
    chooser_init(&state->chooser, (enum chooser)state->config->common.chooser,
                 state->config->common.keys);
}

static void add(struct workload_state *state, int64_t key, struct operation *out)
{
    out->kind = OP_ADD;
    out->argument = state->next_element++;
    uint32_t slot = state->removable_count;
    if (slot < REMOVABLE_MAX)
        state->removable_count++;
    else
        slot = state->oldest++ % REMOVABLE_MAX; /* it stays in the store for good */
    state->removable[slot].key = key;
    state->removable[slot].element = out->argument;
}

static void remove_one(struct workload_state *state, uint64_t draw, struct operation *out)
{
    size_t slot = (size_t)(draw % state->removable_count);
    out->kind = OP_REMOVE;
    out->key = state->removable[slot].key;
    out->argument = state->removable[slot].element;
    state->removable[slot] = state->removable[--state->removable_count];
}

static void next(struct workload_state *state, struct random_stream *random, uint32_t region,
                 struct operation *out)
{
    (void)region;
    int64_t key = chooser_next(&state->chooser, random);
    bool reads = random_happens(random, state->config->reads_ppm);
    bool removes = random_happens(random, state->config->removes_ppm);
    uint64_t which = random_next(random);
    *out = (struct operation){
        .kind = OP_MEMBERS, .key = key, .argument = OP_NIL, .expected = OP_NIL};
    if (reads)
        return;
    if (removes && state->removable_count > 0)
        remove_one(state, which, out);
    else
        add(state, key, out);
}

const struct workload_ops workload_set = {
    .about = {.name = "set",
              .summary = "Adds, removes and reads of whole sets, elements unique.",
              .config_size = sizeof(struct set_config),
              .params = params,
              .flags = PLUGIN_OR_SET},
    .state_size = sizeof(struct workload_state),
    .begin = begin,
    .next = next,
};
