/* The lab shaped by the kernel's netem. Where this machine's kernel has none, the test
 * starts itself again in a virtual machine whose kernel has. */
#include "tests/support/test.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/units.h"
#include "injector/lab.h"
#include "injector/netem.h"
#include "injector/netns.h"
#include "tests/support/lab_delay.h"
#include "tests/support/lab_traffic.h"
#include "tests/support/topology.h"

enum { REGIONS = 3, PLACES = 6, PACKETS = 100, GAP_NS = 4000000 };
enum { EAST, WEST, SOUTH, EAST_CLIENTS, WEST_CLIENTS };

static const int64_t doubt_ns = 400 * NS_PER_MS;

static struct topology topology;
static struct lab *lab;

static enum err_code apply(const struct link_table *t, struct err *err)
{
    struct backend *b = lab_backend(lab);
    return b->ops->apply(b, t, err);
}

static void must_apply(const struct link_table *t)
{
    struct err err = {0};
    if (apply(t, &err))
        fail_msg("%s", err.msg);
}

static struct link_table unshaped(void)
{
    return (struct link_table){.place_count = PLACES};
}

/* One shape for every pair of places between two regions. */
static void shape_link(struct link_table *t, uint32_t from, uint32_t to,
                       const struct link_shape *shape)
{
    for (uint32_t a = from; a < PLACES; a += REGIONS)
        for (uint32_t b = to; b < PLACES; b += REGIONS)
            t->at[a][b] = *shape;
}

static int build(void **state)
{
    (void)state;
    struct err err = {0};
    topology = topology_of_three(1);
    struct lab_setup setup = {.topology = &topology, .seed = 7, .shaper = LAB_AUTO};
    if (lab_new(&setup, &lab, &err) == ERR_OK)
        return 0;
    print_error("%s\n", err.msg);
    return -1;
}

static int take_down(void **state)
{
    (void)state;
    lab_free(lab);
    return 0;
}

static int heal(void **state)
{
    (void)state;
    struct link_table none = unshaped();
    must_apply(&none);
    return 0;
}

static void auto_takes_netem_where_it_works(void **state)
{
    (void)state;
    assert_string_equal(lab_shaper_name(lab), "netem");
}

static uint32_t arrivals(uint32_t from, uint32_t to, uint32_t count)
{
    static uint32_t numbers[8192];
    struct traffic_burst burst = {lab_place(lab, from), lab_place(lab, to), count, 64, 100000};
    return traffic_arrivals(&burst, doubt_ns, numbers, 8192);
}

static void check_link(uint32_t from, uint32_t to, int64_t asked_ns)
{
    struct capture_delays d =
        lab_delay_measure(lab_place(lab, from), lab_place(lab, to), PACKETS, GAP_NS);
    print_message("%-10s > %-10s asked %6.2f ms: median %7.3f, p99 %7.3f ms of %" PRIu64 "\n",
                  lab_place(lab, from)->name, lab_place(lab, to)->name, (double)asked_ns / 1e6,
                  (double)d.median_ns / 1e6, (double)d.p99_ns / 1e6, d.count);
    assert_true(llabs(d.median_ns - asked_ns) <= asked_ns * 3 / 100 + NS_PER_MS);
}

static void the_median_delay_of_each_link_is_the_one_asked_for(void **state)
{
    (void)state;
    struct link_table t = unshaped();
    for (uint32_t a = 0; a < REGIONS; a++)
        for (uint32_t b = 0; b < REGIONS; b++)
            shape_link(&t, a, b,
                       &(struct link_shape){.delay_ns = topology.links[a][b].delay_ns});
    must_apply(&t);
    /* An emulated processor translates what it runs for the first time. */
    (void)arrivals(EAST, WEST, 200);
    for (uint32_t a = 0; a < REGIONS; a++)
        for (uint32_t b = 0; b < REGIONS; b++)
            if (a != b)
                check_link(a, b, topology.links[a][b].delay_ns);
}

static void loss_and_duplicates_come_in_about_their_share(void **state)
{
    (void)state;
    struct link_table t = unshaped();
    shape_link(&t, EAST, WEST, &(struct link_shape){.loss_ppm = 200000});
    shape_link(&t, WEST, EAST, &(struct link_shape){.duplicate_ppm = 100000});
    must_apply(&t);
    assert_in_range(1000 - arrivals(EAST, WEST, 1000), 120, 280);
    assert_in_range(arrivals(WEST, EAST, 1000), 1040, 1160);
    heal(NULL);
    assert_int_equal(arrivals(EAST, WEST, 100), 100);
}

static void a_cut_works_beside_netem(void **state)
{
    (void)state;
    struct link_table t = unshaped();
    t.at[EAST][WEST].blocked = true;
    must_apply(&t);
    assert_int_equal(arrivals(EAST, WEST, 20), 0);
    assert_int_equal(arrivals(WEST, EAST, 20), 20);
    assert_int_equal(arrivals(EAST_CLIENTS, WEST, 20), 20);
}

/* Options change in place: what is under way arrives all the same. */
static void a_change_loses_nothing_under_way(void **state)
{
    (void)state;
    struct link_table t = unshaped();
    shape_link(&t, EAST, WEST, &(struct link_shape){.delay_ns = 200 * NS_PER_MS});
    must_apply(&t);
    int sink = traffic_sink(lab_place(lab, WEST));
    struct traffic_burst burst = {lab_place(lab, EAST), lab_place(lab, WEST), 50, 64, 100000};
    assert_true(sink >= 0 && traffic_send(&burst));
    heal(NULL);
    char data[64];
    for (unsigned n = 0; n < burst.count; n++)
        assert_int_equal(recv(sink, data, sizeof data, 0), sizeof data);
    close(sink);
}

static void what_netem_cannot_do_is_refused_with_a_sentence(void **state)
{
    (void)state;
    struct backend *b = lab_backend(lab);
    struct err err;
    struct link_table t = unshaped();
    t.at[EAST][WEST].delay_ns = NS_PER_MS;
    assert_int_equal(b->ops->check(b, &t, &err), ERR_UNSUPPORTED);
    assert_non_null(strstr(err.msg, "from 'us-east' to 'eu-west'"));
    assert_int_equal(apply(&t, &err), ERR_UNSUPPORTED);
    t = unshaped();
    t.at[EAST][EAST_CLIENTS].delay_ns = NS_PER_MS;
    assert_int_equal(b->ops->check(b, &t, &err), ERR_UNSUPPORTED);
    assert_non_null(strstr(err.msg, "inside 'us-east'"));
}

static void counters_tell_what_a_link_carried_and_lost(void **state)
{
    (void)state;
    struct backend *b = lab_backend(lab);
    static struct link_set links;
    struct link_counts before, after;
    links.on[EAST][SOUTH] = links.on[EAST_CLIENTS][SOUTH] = true;
    assert_true(b->ops->measure(b, &links, &before));
    assert_int_equal(arrivals(EAST, SOUTH, 50), 50);
    assert_true(b->ops->measure(b, &links, &after));
    assert_in_range(after.carried - before.carried, 50, 60); /* neighbour discovery, too */
    struct err err = {0};
    if (lab_check_health(lab, &err))
        fail_msg("%s", err.msg);
}

static bool kernel_has_netem(struct err *err)
{
    struct netns scratch;
    if (netns_open(&scratch, err))
        return false;
    bool has = netem_try(&scratch, err) == ERR_OK;
    netns_close(&scratch);
    return has;
}

/* In the virtual machine; returns only when there is none. */
static int start_again(void)
{
    char script[512] = __FILE__, self[512];
    char *file = strrchr(script, '/');
    ssize_t size = readlink("/proc/self/exe", self, sizeof self - 1);
    if (!file || size < 0)
        return 1;
    self[size] = 0;
    snprintf(file, sizeof script - (size_t)(file - script), "/in-vm.sh");
    execl(script, script, self, (char *)NULL);
    printf("skipped: cannot run %s\n", script);
    return 77;
}

int main(void)
{
    struct err err;
    if (geteuid() != 0) {
        printf("skipped: needs root\n");
        return 77;
    }
    if (!kernel_has_netem(&err)) {
        printf("%s\n", err.msg);
        return getenv("VM_RUN") ? 1 : start_again();
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(auto_takes_netem_where_it_works),
        cmocka_unit_test(the_median_delay_of_each_link_is_the_one_asked_for),
        cmocka_unit_test_setup(loss_and_duplicates_come_in_about_their_share, heal),
        cmocka_unit_test_setup(a_cut_works_beside_netem, heal),
        cmocka_unit_test_setup(a_change_loses_nothing_under_way, heal),
        cmocka_unit_test_setup(what_netem_cannot_do_is_refused_with_a_sentence, heal),
        cmocka_unit_test_setup(counters_tell_what_a_link_carried_and_lost, heal),
    };
    return cmocka_run_group_tests(tests, build, take_down);
}
