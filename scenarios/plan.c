/* Every draw has a stream named after what it is for, not after its place in a list:
 * so taking one fault away leaves all others as they were. */
#include "scenarios/plan.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "scenarios/draw.h"

static enum err_code no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "no memory for the plan");
}

/* "partition: {isolate: leader-region of accounts}": what is not as it would be anyway. */
static const char *words_of(const struct plugin *plugin, const void *config,
                            struct arena *arena)
{
    void *usual = arena_alloc(arena, plugin->config_size ? plugin->config_size : 1);
    const char *words = arena_format(arena, "%s: {", plugin->name), *comma = "";
    if (usual)
        param_defaults(plugin->params, usual);
    for (const struct param *p = plugin->params; usual && words && p->name; p++) {
        char said[256], otherwise[256];
        param_format(p, config, said, sizeof said);
        if (strcmp(said, param_format(p, usual, otherwise, sizeof otherwise)) == 0)
            continue;
        words = arena_format(arena, "%s%s%s: %s", words, comma, p->name, said);
        comma = ", ";
    }
    return words && usual ? arena_format(arena, "%s}", words) : NULL;
}

static bool is_same(const struct planned_fault *a, const struct planned_fault *b)
{
    return strcmp(a->words, b->words) == 0 && a->at_ns == b->at_ns && a->for_ns == b->for_ns &&
           a->restart_after_ns == b->restart_after_ns;
}

/* A drawn order of all nodes, and a seed, from a stream of the fault's own. */
static void draw_order(struct planned_fault *f, uint32_t node_count, struct random_stream *s)
{
    for (uint32_t i = 0; i < node_count; i++)
        f->order[i] = (uint8_t)i;
    for (uint32_t i = node_count; i > 1; i--) {
        uint32_t j = (uint32_t)random_below(s, i);
        uint8_t moved = f->order[i - 1];
        f->order[i - 1] = f->order[j];
        f->order[j] = moved;
    }
    f->seed = random_next(s);
}

/* Name the fault by what it does and when; the same one again is told apart by a
 * count. */
static enum err_code finish_fault(struct plan *plan, struct planned_fault *all, uint32_t i,
                                  struct arena *arena, struct err *err)
{
    struct planned_fault *f = &all[i];
    f->words = words_of(f->plugin, f->config, arena);
    if (!f->words)
        return no_memory(err);
    uint32_t twins = 0;
    for (uint32_t j = 0; j < i; j++)
        twins += is_same(&all[j], f);
    const char *name =
        arena_format(arena, "fault %s at %" PRId64 " for %" PRId64 " %" PRId64 " #%" PRIu32,
                     f->words, f->at_ns, f->for_ns, f->restart_after_ns, twins);
    if (!name)
        return no_memory(err);
    struct random_stream s = random_derive(plan->seed, name);
    draw_order(f, plan->scenario->topology.node_count, &s);
    return ERR_OK;
}

static void copy_written(const struct scenario *s, struct planned_fault *all)
{
    for (uint32_t i = 0; i < s->fault_count; i++)
        all[i] = (struct planned_fault){.plugin = s->faults[i].plugin,
                                        .config = s->faults[i].config,
                                        .at_ns = s->faults[i].at_ns,
                                        .for_ns = s->faults[i].for_ns,
                                        .restart_after_ns = s->faults[i].restart_after_ns,
                                        .wait_ns = s->faults[i].wait_ns};
}

static uint32_t draw_count(const struct plan *plan)
{
    const struct random_faults *r = &plan->scenario->random_faults;
    struct random_stream s = random_derive(plan->seed, "random faults");
    return (uint32_t)(r->min + (int64_t)random_below(&s, (uint64_t)(r->max - r->min) + 1));
}

static enum err_code draw_faults(const struct plan *plan, const struct catalogue *faults,
                                 struct planned_fault *out, uint32_t count, struct arena *arena,
                                 struct err *err)
{
    for (uint32_t i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof name, "random fault %" PRIu32, i);
        struct random_stream s = random_derive(plan->seed, name);
        if (draw_fault(plan->scenario, faults, &s, arena, &out[i], err))
            return err->code;
    }
    return ERR_OK;
}

/* By time; of two at the same time the one written first. Few enough to insert. */
static void sort_faults(struct planned_fault *all, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        struct planned_fault moved = all[i];
        uint32_t at = i;
        for (; at > 0 && all[at - 1].at_ns > moved.at_ns; at--)
            all[at] = all[at - 1];
        all[at] = moved;
    }
    for (uint32_t i = 0; i < count; i++)
        all[i].id = i + 1;
}

static enum err_code plan_faults(struct plan *plan, const struct catalogue *faults,
                                 struct arena *arena, struct err *err)
{
    uint32_t written = plan->scenario->fault_count, drawn = draw_count(plan);
    struct planned_fault *all = arena_array(arena, written + drawn + 1, sizeof *all);
    if (!all)
        return no_memory(err);
    copy_written(plan->scenario, all);
    if (draw_faults(plan, faults, all + written, drawn, arena, err))
        return err->code;
    for (uint32_t i = 0; i < written + drawn; i++)
        if (finish_fault(plan, all, i, arena, err))
            return err->code;
    sort_faults(all, written + drawn);
    plan->faults = all;
    plan->fault_count = written + drawn;
    return ERR_OK;
}

static uint64_t seed_of_workload(const struct plan *plan, uint32_t i)
{
    const struct scenario *s = plan->scenario;
    const struct workload_spec *w = &s->workloads[i];
    uint32_t twins = 0;
    for (uint32_t j = 0; j < i; j++)
        twins += s->workloads[j].plugin == w->plugin && s->workloads[j].table == w->table;
    char name[160];
    snprintf(name, sizeof name, "workload %s of %s #%" PRIu32, w->plugin->name,
             s->system.tables[w->table].name, twins);
    struct random_stream stream = random_derive(plan->seed, name);
    return random_next(&stream);
}

enum err_code plan_make(const struct scenario *scenario, uint64_t seed,
                        const struct catalogue *faults, struct arena *arena, struct plan **out,
                        struct err *err)
{
    struct plan *plan = arena_alloc(arena, sizeof *plan);
    if (!plan)
        return no_memory(err);
    plan->scenario = scenario;
    plan->seed = seed;
    struct random_stream world = random_derive(seed, "world");
    plan->world_seed = random_next(&world);
    for (uint32_t i = 0; i < scenario->workload_count; i++)
        plan->workload_seeds[i] = seed_of_workload(plan, i);
    if (plan_faults(plan, faults, arena, err))
        return err->code;
    *out = plan;
    return ERR_OK;
}
