/* Systems whose nodes are processes keep the contract of systems. Their places are
 * addresses of the loopback network: no namespaces, no privileges. */
#include "tests/support/conformance.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"
#include "io/live.h"

enum { NODES = 3, PLACES = NODES + 1, PATH_BYTES = 512 };

static const struct topology topology = {
    .region_count = 1,
    .node_count = NODES,
    .regions = {{"here", NODES}},
    .nodes = {{"here-1", 0}, {"here-2", 0}, {"here-3", 0}},
};

struct bench {
    struct world *world;
    struct place places[PLACES];
    const struct place *list[PLACES];
    uint64_t config[32]; /* of the plug-in */
    const struct plugin *plugin;
    struct system_spec spec;
    struct system_setup setup;
    char program[PATH_BYTES], root[PATH_BYTES];
};

/* Two runs of this test at once must not meet: 127.A.B.n is this process's own. */
static struct io_address address_of(uint8_t number)
{
    unsigned pid = (unsigned)getpid();
    return (struct io_address){
        .family = IO_IPV4,
        .ip = {127, (uint8_t)(1 + pid / 250 % 250), (uint8_t)(1 + pid % 250), number}};
}

/* The program is beside this test's folder in the build, the examples are beside it in
 * the source. */
static void find_paths(struct bench *b)
{
    char self[PATH_BYTES] = "";
    assert_true(readlink("/proc/self/exe", self, sizeof self - 1) > 0);
    *strrchr(self, '/') = '\0';
    snprintf(b->program, sizeof b->program, "%s/../faultline", self);
    snprintf(b->root, sizeof b->root, "%s", __FILE__);
    for (int up = 0; up < 3; up++)
        *strrchr(b->root, '/') = '\0';
}

static void open_bench(struct bench *b, const char *kind, const char *folder)
{
    static const char *const names[] = {"here-1", "here-2", "here-3", "here"};
    const struct catalogue all = system_catalogue();
    struct live_config live = {.seed = 1, .folder = folder};
    struct err err;
    *b = (struct bench){.plugin = catalogue_find(&all, kind), .world = live_new(&live, &err)};
    assert_true(b->plugin && b->world && b->plugin->config_size <= sizeof b->config);
    param_defaults(b->plugin->params, b->config);
    find_paths(b);
    for (uint8_t i = 0; i < PLACES; i++) {
        b->places[i] = (struct place){.name = names[i],
                                      .host = i,
                                      .netns_fd = -1,
                                      .cgroup_fd = -1,
                                      .address = address_of((uint8_t)(i + 1))};
        b->list[i] = &b->places[i];
    }
    b->spec = (struct system_spec){
        .plugin = b->plugin,
        .config = b->config,
        .table_count = 1,
        .tables = {{.name = "accounts", .type = TABLE_REGISTER, .reads = "linearizable"}}};
    b->setup = (struct system_setup){.world = b->world,
                                     .topology = &topology,
                                     .spec = &b->spec,
                                     .places = b->list,
                                     .folder = folder,
                                     .program = b->program,
                                     .seed = 1};
}

static void set_param(struct bench *b, struct arena *arena, const char *name, const char *text)
{
    struct err err;
    const struct param *p = param_find(b->plugin->params, name);
    assert_non_null(p);
    assert_int_equal(param_parse(p, text, b->config, arena, &err), ERR_OK);
}

static void the_store_keeps_the_contract(void **state)
{
    struct bench b;
    open_bench(&b, "store", *state);
    b.spec.table_count = 2;
    b.spec.tables[1] =
        (struct table_spec){.name = "carts", .type = TABLE_OR_SET, .reads = "linearizable"};
    conformance_play(system_of(b.plugin), &b.setup, true);
    live_free(b.world);
}

static void exec_keeps_the_contract(void **state)
{
    struct bench b;
    struct arena arena = {0};
    char command[PATH_BYTES + 128];
    open_bench(&b, "exec", *state);
    snprintf(command, sizeof command,
             "python3 '%s/examples/exec/register.py' node {name} {peers}", b.root);
    set_param(&b, &arena, "node", command);
    snprintf(command, sizeof command, "python3 '%s/examples/exec/register.py' client {peers}",
             b.root);
    set_param(&b, &arena, "client", command);
    conformance_play(system_of(b.plugin), &b.setup, false); /* it keeps all in memory */
    live_free(b.world);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_store_keeps_the_contract, scratch_make,
                                        scratch_remove),
        cmocka_unit_test_setup_teardown(exec_keeps_the_contract, scratch_make, scratch_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
