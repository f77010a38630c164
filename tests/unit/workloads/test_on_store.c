/* The whole upper half at once, in simulation: a scenario is planned, the store started,
 * a register workload driven for five seconds and recorded. */
#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "history/history.h"
#include "io/sim.h"
#include "workloads/driver.h"
#include "workloads/workload.h"

static const char scenario_text[] =
    "name: five-seconds\n"
    "summary: Three regions, one register table.\n"
    "topology:\n"
    "  regions: {us-east: {nodes: 1}, eu-west: {nodes: 1}, ap-south: {nodes: 1}}\n"
    "  links:\n"
    "    us-east <-> eu-west: {one_way: 40ms, jitter: 3ms}\n"
    "    us-east <-> ap-south: {one_way: 110ms, jitter: 8ms}\n"
    "    eu-west <-> ap-south: {one_way: 70ms, jitter: 5ms}\n"
    "system:\n"
    "  kind: store\n"
    "  tables:\n"
    "    accounts: {type: register, mode: consensus, reads: linearizable, checks: [some]}\n"
    "workloads:\n"
    "  - {kind: register, table: accounts, clients: 12 per region, rate: 30/s per region,"
    " keys: 8}\n"
    "duration: 5s\n";

enum { PLACES_MAX_HERE = NODES_MAX + REGIONS_MAX };

struct bench {
    struct arena arena;
    struct document *document;
    struct plan *plan;
    struct world *world;
    struct place places[PLACES_MAX_HERE];
    const struct place *list[PLACES_MAX_HERE];
    uint32_t place_count;
    struct system_setup setup;
    struct system *system;
    struct io *io;
    struct history_writer *history;
    struct driver *driver;
    struct err err;
    bool told, yes;
};

/* --- scenario and world --- */

static void load_plan(struct bench *b, uint64_t seed)
{
    static const struct plugin some = {.name = "some", .flags = PLUGIN_REGISTER};
    static const struct plugin *const checks[] = {&some, NULL}, *const none[] = {NULL};
    struct vocabulary v = {.faults = {"fault", none},
                           .workloads = workload_catalogue(),
                           .systems = system_catalogue(),
                           .checks = {"check", checks}};
    struct scenario *scenario;
    struct bytes text = {(const uint8_t *)scenario_text, sizeof scenario_text - 1};
    if (document_parse("test.yaml", text, &b->document, &b->err) ||
        scenario_read(b->document, &v, &b->arena, &scenario, &b->err) ||
        plan_make(scenario, seed, &v.faults, &b->arena, &b->plan, &b->err))
        fail_msg("%s", b->err.msg);
}

static uint32_t region_of(const struct topology *t, uint32_t place)
{
    return place < t->node_count ? t->nodes[place].region : place - t->node_count;
}

static void open_world(struct bench *b)
{
    const struct topology *t = &b->plan->scenario->topology;
    b->place_count = t->node_count + t->region_count;
    struct sim_config sim = {.seed = b->plan->world_seed,
                             .host_count = (uint16_t)(b->place_count + 1),
                             .sync_ns = 2 * NS_PER_MS};
    b->world = sim_new(&sim);
    assert_non_null(b->world);
    for (uint16_t i = 0; i < b->place_count; i++) {
        b->places[i] = (struct place){
            .name = i < t->node_count ? t->nodes[i].name : t->regions[i - t->node_count].name,
            .host = i,
            .netns_fd = -1,
            .cgroup_fd = -1,
            .address = io_sim_address(i, 0)};
        b->list[i] = &b->places[i];
        for (uint16_t to = 0; to < b->place_count; to++) {
            struct region_link link = t->links[region_of(t, i)][region_of(t, to)];
            *b->world->ops->link(b->world, i, to) =
                (struct link_shape){.delay_ns = link.delay_ns, .jitter_ns = link.jitter_ns};
        }
    }
}

static void run_until_told(struct bench *b)
{
    if (b->world->ops->run(b->world, &b->told, -1, &b->err))
        fail_msg("%s", b->err.msg);
    assert_true(b->told);
}

/* --- the play --- */

static void on_ready(void *user, bool ready)
{
    struct bench *b = user;
    b->told = true;
    b->yes = ready;
}

static void await_ready(struct bench *b, uint32_t node)
{
    const struct system_ops *ops = b->system->ops;
    do {
        b->told = false;
        ops->ready(b->system, node, on_ready, b);
        run_until_told(b);
        /* asking takes no time in a place of its own */
        int64_t later_ns = b->world->ops->now_ns(b->world) + 50 * NS_PER_MS;
        assert_int_equal(b->world->ops->run(b->world, NULL, later_ns, &b->err), ERR_OK);
        assert_true(later_ns < 20 * NS_PER_S);
    } while (!b->yes);
}

static void start_nodes(struct bench *b)
{
    const struct scenario *s = b->plan->scenario;
    b->setup = (struct system_setup){.world = b->world,
                                     .topology = &s->topology,
                                     .spec = &s->system,
                                     .places = b->list,
                                     .folder = ".",
                                     .program = "",
                                     .seed = b->plan->world_seed};
    assert_int_equal(system_of(s->system.plugin)->create(&b->setup, &b->system, &b->err),
                     ERR_OK);
    for (uint32_t node = 0; node < s->topology.node_count; node++)
        assert_int_equal(b->system->ops->start(b->system, node, &b->err), ERR_OK);
    for (uint32_t node = 0; node < s->topology.node_count; node++)
        await_ready(b, node);
}

static void on_done(void *user)
{
    struct bench *b = user;
    b->told = true;
}

static void on_final(void *user, bool agreed)
{
    struct bench *b = user;
    b->told = true;
    b->yes = agreed;
}

static void drive(struct bench *b, const char *path)
{
    struct place own = {
        .name = "own", .host = (uint16_t)b->place_count, .netns_fd = -1, .cgroup_fd = -1};
    b->io = b->world->ops->open(b->world, &own, "own", &b->err);
    assert_int_equal(history_create(path, &b->history, &b->err), ERR_OK);
    history_table(b->history, 0, "accounts");
    struct driver_setup setup = {b->plan, b->system, b->io, b->history};
    assert_int_equal(driver_new(&setup, &b->driver, &b->err), ERR_OK);
    b->told = false;
    driver_start(b->driver, b->io->ops->now_ns(b->io), on_done, b);
    run_until_told(b);
    b->told = false;
    driver_final(b->driver, on_final, b);
    run_until_told(b);
    assert_true(b->yes);
}

static void close_bench(struct bench *b)
{
    driver_free(b->driver);
    b->system->ops->destroy(b->system);
    b->world->ops->close(b->world, b->io);
    sim_free(b->world);
    if (history_close(b->history, &b->err))
        fail_msg("%s", b->err.msg);
    document_free(b->document);
    arena_done(&b->arena);
}

struct played {
    uint64_t digest, events;
    struct driver_counts counts;
};

static struct played play(uint64_t seed, const char *path)
{
    struct bench b = {0};
    load_plan(&b, seed);
    open_world(&b);
    start_nodes(&b);
    drive(&b, path);
    struct played p = {b.world->ops->digest(b.world), b.world->ops->event_count(b.world),
                       driver_counts(b.driver)};
    close_bench(&b);
    return p;
}

static const char *path_in(void **folder, const char *name, char *out, size_t size)
{
    snprintf(out, size, "%s/%s", (const char *)*folder, name);
    return out;
}

/* --- the claims --- */

static void five_seconds_are_driven_and_recorded(void **state)
{
    char path[512];
    struct arena arena = {0};
    struct history *h;
    struct columns c;
    struct err err;
    struct played p = play(7, path_in(state, "a.db", path, sizeof path));
    print_message("%llu invoked, %llu ok, %llu failed, %llu late, %llu events\n",
                  (unsigned long long)p.counts.invoked, (unsigned long long)p.counts.ok,
                  (unsigned long long)p.counts.failed, (unsigned long long)p.counts.late,
                  (unsigned long long)p.events);
    assert_in_range(p.counts.invoked, 400, 500);
    assert_int_equal(p.counts.unknown, 0);
    assert_true(p.counts.ok * 100 > p.counts.invoked * 90); /* the rest: cas that missed */
    assert_int_equal(history_open(path, &h, &err), ERR_OK);
    assert_int_equal(history_columns(h, HISTORY_ALL_TABLES, &arena, &c, &err), ERR_OK);
    /* each replica's word on each key follows what clients did */
    assert_int_equal((c.count - p.counts.invoked) % (3 * 8), 0);
    assert_true(c.count > p.counts.invoked);
    for (size_t i = 0; i < c.count; i++)
        assert_int_not_equal(c.outcome[i], OUTCOME_UNKNOWN);
    history_free(h);
    arena_done(&arena);
}

static void the_same_seed_gives_the_same_digest(void **state)
{
    char path[512];
    struct played a = play(3, path_in(state, "b.db", path, sizeof path));
    struct played b = play(3, path_in(state, "c.db", path, sizeof path));
    struct played c = play(4, path_in(state, "d.db", path, sizeof path));
    assert_int_equal(a.digest, b.digest);
    assert_int_equal(a.events, b.events);
    assert_memory_equal(&a.counts, &b.counts, sizeof a.counts);
    assert_int_not_equal(a.digest, c.digest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_seconds_are_driven_and_recorded),
        cmocka_unit_test(the_same_seed_gives_the_same_digest),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
