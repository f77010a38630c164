#include "harness/stage.h"

#include <string.h>

#include "base/units.h"
#include "injector/lab.h"
#include "io/live.h"
#include "io/sim.h"

enum { SIM_SYNC_NS = 1000000, NODE_PORT = 7000 };

/* 2026-01-01: any fixed moment will do, as long as it is the same every time. */
static const int64_t sim_wall_at_start_ns = INT64_C(1767225600) * NS_PER_S;

static void name_places(struct stage *s, const struct plan *plan)
{
    const struct topology *t = &plan->scenario->topology;
    s->place_count = t->node_count + t->region_count;
    for (uint32_t i = 0; i < s->place_count; i++) {
        bool is_node = i < t->node_count;
        s->simulated[i] = (struct place){
            .name = is_node ? t->nodes[i].name : t->regions[i - t->node_count].name,
            .host = (uint16_t)i,
            .netns_fd = -1,
            .cgroup_fd = -1,
            .address = io_sim_address((uint16_t)i, is_node ? NODE_PORT : 0),
        };
        s->places[i] = &s->simulated[i];
    }
}

static enum err_code open_sim(struct stage *s, const struct plan *plan, struct err *err)
{
    name_places(s, plan);
    s->own.host = (uint16_t)s->place_count;
    s->own.address = io_sim_address(s->own.host, 0);
    s->shaper = "sim";
    s->world = sim_new(&(struct sim_config){
        .seed = plan->world_seed,
        .host_count = (uint16_t)(s->place_count + 1),
        .sync_ns = SIM_SYNC_NS,
        .wall_at_start_ns = sim_wall_at_start_ns,
    });
    if (s->world)
        s->backend = backend_sim(s->world, s->place_count);
    if (!s->backend)
        return err_set(err, ERR_NOMEM, "make a simulated world: no memory");
    return ERR_OK;
}

/* netem has one device for each directed pair of regions: it cannot tell two nodes of
 * a region apart, nor clients from the node beside them. */
static bool fits_netem(const struct plan *plan)
{
    const struct topology *t = &plan->scenario->topology;
    for (uint32_t r = 0; r < t->region_count; r++)
        if (t->regions[r].node_count > 1)
            return plan->fault_count == 0;
    for (uint32_t i = 0; i < plan->fault_count; i++)
        if (strstr(plan->faults[i].words, "clients of"))
            return false;
    return true;
}

static enum err_code open_lab(struct stage *s, const struct stage_setup *setup, struct err *err)
{
    struct lab_setup lab = {.topology = &setup->plan->scenario->topology,
                            .seed = setup->plan->world_seed,
                            .shaper = setup->shaper};
    if (lab.shaper == LAB_AUTO && !fits_netem(setup->plan))
        lab.shaper = LAB_WAN;
    if (lab_new(&lab, &s->lab, err))
        return err->code;
    s->place_count = lab_place_count(s->lab);
    for (uint32_t i = 0; i < s->place_count; i++)
        s->places[i] = lab_place(s->lab, i);
    s->own.host = (uint16_t)s->place_count;
    s->backend = lab_backend(s->lab);
    s->shaper = lab_shaper_name(s->lab);
    return ERR_OK;
}

static enum err_code open_local(struct stage *s, const struct stage_setup *setup,
                                struct err *err)
{
    if (open_lab(s, setup, err))
        return err->code;
    char data[FOLDER_PATH_BYTES + 64];
    if (folder_below(setup->folder, "data", err))
        return err->code;
    struct live_config config = {.seed = setup->plan->world_seed,
                                 .folder =
                                     folder_path(setup->folder, "data", data, sizeof data)};
    s->world = live_new(&config, err);
    return s->world ? ERR_OK : err->code;
}

enum err_code stage_open(struct stage *s, const struct stage_setup *setup, struct err *err)
{
    *s = (struct stage){.kind = setup->kind,
                        .own = {.name = "faultline", .netns_fd = -1, .cgroup_fd = -1}};
    enum err_code code =
        setup->kind == STAGE_SIM ? open_sim(s, setup->plan, err) : open_local(s, setup, err);
    if (code)
        stage_close(s);
    return code;
}

enum err_code stage_check_health(const struct stage *s, struct err *err)
{
    return s->lab ? lab_check_health(s->lab, err) : ERR_OK;
}

void stage_close(struct stage *s)
{
    if (s->kind == STAGE_SIM && s->backend)
        s->backend->ops->free(s->backend);
    if (s->world && s->kind == STAGE_SIM)
        sim_free(s->world);
    if (s->world && s->kind == STAGE_LOCAL)
        live_free(s->world);
    if (s->lab)
        lab_free(s->lab);
    *s = (struct stage){.kind = s->kind};
}
