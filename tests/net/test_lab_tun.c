/* The `wan` shaper over TUN devices: the same network, through another kind of port. */
#include "tests/support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"
#include "injector/lab.h"
#include "tests/support/lab_delay.h"
#include "tests/support/lab_traffic.h"
#include "tests/support/topology.h"

enum { REGIONS = 3, PLACES = 6, ROUNDS = 60, PACKETS = 150, GAP_NS = 2000000 };
enum { EAST, WEST, SOUTH, EAST_CLIENTS };

static const int64_t patience_ns = 2 * NS_PER_S;
static const int64_t doubt_ns = 300 * NS_PER_MS;

static struct topology topology;
static struct lab *lab;
static pid_t echoes[PLACES];

static int build(void **state)
{
    (void)state;
    struct err err = {0};
    topology = topology_of_three(1);
    struct lab_setup setup = {.topology = &topology, .seed = 7, .shaper = LAB_WAN_TUN};
    if (lab_new(&setup, &lab, &err)) {
        print_error("%s\n", err.msg);
        return -1;
    }
    for (uint32_t p = 0; p < PLACES; p++)
        echoes[p] = traffic_echo(lab_place(lab, p));
    return 0;
}

static int take_down(void **state)
{
    (void)state;
    for (uint32_t p = 0; p < PLACES; p++)
        traffic_stop(echoes[p]);
    lab_free(lab);
    return 0;
}

static void apply(const struct link_table *table)
{
    struct err err = {0};
    struct backend *b = lab_backend(lab);
    if (b->ops->apply(b, table, &err))
        fail_msg("%s", err.msg);
}

static int heal(void **state)
{
    (void)state;
    struct link_table none = {.place_count = PLACES};
    apply(&none);
    return 0;
}

static bool reaches(uint32_t from, uint32_t to, bool ipv6)
{
    struct place a = *lab_place(lab, from), b = *lab_place(lab, to);
    if (ipv6) {
        a = traffic_ipv6(&a);
        b = traffic_ipv6(&b);
    }
    return traffic_ping_ns(&a, &b, patience_ns) >= 0 &&
           traffic_connect_ns(&a, &b, patience_ns) >= 0;
}

static void everybody_reaches_everybody_over_both_families(void **state)
{
    (void)state;
    assert_string_equal(lab_shaper_name(lab), "wan-tun");
    assert_string_equal(lab_backend(lab)->ops->name, "wan-tun");
    for (uint32_t from = 0; from < PLACES; from++)
        for (uint32_t to = 0; to < PLACES; to++)
            for (int ipv6 = 0; ipv6 < 2; ipv6++)
                if (from != to && !reaches(from, to, ipv6))
                    fail_msg("%s does not reach %s over IPv%d", lab_place(lab, from)->name,
                             lab_place(lab, to)->name, ipv6 ? 6 : 4);
}

static struct link_table as_asked(void)
{
    struct link_table t = {.place_count = PLACES};
    for (uint32_t a = 0; a < PLACES; a++)
        for (uint32_t b = 0; b < PLACES; b++)
            t.at[a][b].delay_ns = topology.links[a % REGIONS][b % REGIONS].delay_ns;
    return t;
}

static void the_median_delay_of_a_link_is_the_one_asked_for(void **state)
{
    (void)state;
    struct link_table t = as_asked();
    apply(&t);
    for (uint32_t to = WEST; to <= SOUTH; to++) {
        int64_t asked_ns = topology.links[EAST][to].delay_ns;
        struct capture_delays d =
            lab_delay_measure(lab_place(lab, EAST), lab_place(lab, to), PACKETS, GAP_NS);
        print_message("asked %.2f ms: min %.3f, median %.3f, p99 %.3f ms of %" PRIu64 "\n",
                      (double)asked_ns / 1e6, (double)d.min_ns / 1e6, (double)d.median_ns / 1e6,
                      (double)d.p99_ns / 1e6, d.count);
        assert_int_equal(d.count, PACKETS);
        assert_true(d.min_ns >= asked_ns);
        assert_true(d.median_ns - asked_ns <= asked_ns / 50);
    }
}

static int in_order(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static void a_round_trip_takes_both_delays(void **state)
{
    (void)state;
    struct link_table t = as_asked();
    apply(&t);
    int64_t asked_ns = t.at[EAST][WEST].delay_ns + t.at[WEST][EAST].delay_ns;
    int64_t took_ns[ROUNDS];
    for (uint32_t i = 0; i < ROUNDS; i++)
        took_ns[i] = traffic_ping_ns(lab_place(lab, EAST), lab_place(lab, WEST), patience_ns);
    qsort(took_ns, ROUNDS, sizeof *took_ns, in_order);
    print_message("there and back asked %.2f ms: min %.3f, median %.3f ms\n",
                  (double)asked_ns / 1e6, (double)took_ns[0] / 1e6,
                  (double)took_ns[ROUNDS / 2] / 1e6);
    assert_true(took_ns[0] >= asked_ns);
    assert_true(took_ns[ROUNDS / 2] - asked_ns <= asked_ns / 20);
}

static uint32_t arrivals(uint32_t from, uint32_t to, uint32_t count)
{
    static uint32_t numbers[8192];
    struct traffic_burst burst = {lab_place(lab, from), lab_place(lab, to), count, 64, 20000};
    return traffic_arrivals(&burst, doubt_ns, numbers, 8192);
}

static void a_cut_blocks_one_direction_of_one_pair(void **state)
{
    (void)state;
    struct link_table t = {.place_count = PLACES};
    t.at[EAST][WEST].blocked = true;
    apply(&t);
    assert_int_equal(arrivals(EAST, WEST, 20), 0);
    assert_int_equal(arrivals(WEST, EAST, 20), 20);
    assert_int_equal(arrivals(EAST, SOUTH, 20), 20);
}

/* Neighbours meet in their router: only a detour shows them to the shaper. */
static void neighbours_in_a_region_can_be_slowed_down(void **state)
{
    (void)state;
    struct link_table t = {.place_count = PLACES};
    t.at[EAST_CLIENTS][EAST].delay_ns = 50 * NS_PER_MS;
    apply(&t);
    const struct place *one = lab_place(lab, EAST_CLIENTS), *two = lab_place(lab, EAST);
    assert_in_range(traffic_ping_ns(one, two, patience_ns), 50 * NS_PER_MS, 100 * NS_PER_MS);
    struct place one6 = traffic_ipv6(one), two6 = traffic_ipv6(two);
    assert_in_range(traffic_ping_ns(&one6, &two6, patience_ns), 50 * NS_PER_MS,
                    100 * NS_PER_MS);
}

static void nothing_was_lost_without_being_asked_to(void **state)
{
    (void)state;
    struct err err = {0};
    if (lab_check_health(lab, &err))
        fail_msg("%s", err.msg);
}

/* Of this process: by its name, for it is the lab's secret. 0: none. */
static pid_t router_of_ours(void)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    FILE *children = fopen(path, "r");
    assert_non_null(children);
    int pid, found = 0;
    while (!found && fscanf(children, "%d", &pid) == 1) {
        char name[32] = "";
        snprintf(path, sizeof path, "/proc/%d/comm", pid);
        FILE *comm = fopen(path, "r");
        if (comm && fscanf(comm, "%31s", name) == 1 && strcmp(name, "faultline-wan") == 0)
            found = pid;
        if (comm)
            fclose(comm);
    }
    fclose(children);
    return found;
}

/* What nobody takes out of a TUN device the device drops, and only it knows. */
static void packets_nobody_read_are_counted(void **state)
{
    (void)state;
    enum { MORE_THAN_IT_HOLDS = 12000 };
    struct err err = {0};
    struct traffic_burst burst = {lab_place(lab, EAST), lab_place(lab, WEST),
                                  MORE_THAN_IT_HOLDS, 64, 0};
    pid_t router = router_of_ours();
    assert_true(router > 0);
    kill(router, SIGSTOP);
    bool sent = traffic_send(&burst);
    kill(router, SIGCONT);
    assert_true(sent);
    assert_int_equal(lab_check_health(lab, &err), ERR_LIMIT);
    print_message("%s\n", err.msg);
    assert_non_null(strstr(err.msg, "came faster than they could be read"));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, heal, heal)

int main(void)
{
    if (!traffic_privileged()) {
        printf("skipped: neither root nor user namespaces\n");
        return 77;
    }
    int tun = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    if (tun < 0) {
        printf("skipped: /dev/net/tun: %s\n", strerror(errno));
        return 77;
    }
    close(tun);
    const struct CMUnitTest tests[] = {
        CASE(everybody_reaches_everybody_over_both_families),
        CASE(the_median_delay_of_a_link_is_the_one_asked_for),
        CASE(a_round_trip_takes_both_delays),
        CASE(a_cut_blocks_one_direction_of_one_pair),
        CASE(neighbours_in_a_region_can_be_slowed_down),
        CASE(nothing_was_lost_without_being_asked_to),
        CASE(packets_nobody_read_are_counted),
    };
    return cmocka_run_group_tests(tests, build, take_down);
}
