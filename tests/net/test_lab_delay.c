/* How late packets are on the wire, beside what was asked: by the `wan` shaper. */
#include "tests/support/test.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/units.h"
#include "injector/lab.h"
#include "tests/support/lab_delay.h"
#include "tests/support/lab_traffic.h"
#include "tests/support/topology.h"

enum { REGIONS = 3, PACKETS = 150, GAP_NS = 2000000 };

static struct topology topology;
static struct lab *lab;

static int build(void **state)
{
    (void)state;
    struct err err = {0};
    topology = topology_of_three(1);
    struct lab_setup setup = {.topology = &topology, .seed = 7, .shaper = LAB_WAN};
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

static void apply_delays(void)
{
    struct err err = {0};
    struct link_table t = {.place_count = lab_place_count(lab)};
    for (uint32_t a = 0; a < 2 * REGIONS; a++)
        for (uint32_t b = 0; b < 2 * REGIONS; b++)
            t.at[a][b].delay_ns = topology.links[a % REGIONS][b % REGIONS].delay_ns;
    struct backend *backend = lab_backend(lab);
    if (backend->ops->apply(backend, &t, &err))
        fail_msg("%s", err.msg);
}

static int64_t bar_ns(int64_t asked_ns)
{
    int64_t share_ns = asked_ns / 50, least_ns = NS_PER_MS / 2;
    return share_ns > least_ns ? share_ns : least_ns;
}

static void check_link(uint32_t from, uint32_t to, int64_t asked_ns)
{
    struct capture_delays d =
        lab_delay_measure(lab_place(lab, from), lab_place(lab, to), PACKETS, GAP_NS);
    print_message(
        "%-10s > %-10s asked %6.2f ms: median %7.3f, p99 %7.3f, max %7.3f ms of %" PRIu64 "\n",
        lab_place(lab, from)->name, lab_place(lab, to)->name, (double)asked_ns / 1e6,
        (double)d.median_ns / 1e6, (double)d.p99_ns / 1e6, (double)d.max_ns / 1e6, d.count);
    assert_int_equal(d.count, PACKETS);
    assert_true(d.min_ns >= asked_ns);
    assert_true(llabs(d.median_ns - asked_ns) <= bar_ns(asked_ns));
}

static void the_median_delay_of_each_link_is_the_one_asked_for(void **state)
{
    (void)state;
    apply_delays();
    for (uint32_t a = 0; a < REGIONS; a++)
        for (uint32_t b = 0; b < REGIONS; b++)
            if (a != b)
                check_link(a, b, topology.links[a][b].delay_ns);
}

static void an_unshaped_link_adds_next_to_nothing(void **state)
{
    (void)state;
    struct err err = {0};
    struct link_table none = {.place_count = lab_place_count(lab)};
    struct backend *backend = lab_backend(lab);
    assert_int_equal(backend->ops->apply(backend, &none, &err), ERR_OK);
    check_link(0, 1, 0);
}

int main(void)
{
    if (!traffic_privileged()) {
        printf("skipped: neither root nor user namespaces\n");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_median_delay_of_each_link_is_the_one_asked_for),
        cmocka_unit_test(an_unshaped_link_adds_next_to_nothing),
    };
    return cmocka_run_group_tests(tests, build, take_down);
}
