/* The lab as traffic meets it: who reaches whom, how late, and what a cut does. */
#include "tests/support/test.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/units.h"
#include "injector/lab.h"
#include "tests/support/lab_traffic.h"
#include "tests/support/topology.h"

enum { NODES_PER_REGION = 2, REGIONS = 3, NODES = 6, PLACES = 9 };
enum { EAST_1, EAST_2, WEST_1, WEST_2, SOUTH_1, SOUTH_2, EAST_CLIENTS, WEST_CLIENTS };

static const int64_t patience_ns = 2 * NS_PER_S;
/* Nothing comes: how long to be sure of it. */
static const int64_t doubt_ns = 300 * NS_PER_MS;

static struct topology topology;
static struct lab *lab;
static pid_t echoes[PLACES];

static struct link_table unshaped(void)
{
    return (struct link_table){.place_count = PLACES};
}

/* Every pair of places in different regions, as the topology says, without jitter. */
static struct link_table as_asked(void)
{
    struct link_table t = unshaped();
    for (uint32_t from = 0; from < PLACES; from++)
        for (uint32_t to = 0; to < PLACES; to++) {
            uint32_t a = from < NODES ? from / NODES_PER_REGION : from - NODES;
            uint32_t b = to < NODES ? to / NODES_PER_REGION : to - NODES;
            t.at[from][to].delay_ns = topology.links[a][b].delay_ns;
        }
    return t;
}

static void apply(const struct link_table *table)
{
    struct err err = {0};
    struct backend *b = lab_backend(lab);
    if (b->ops->apply(b, table, &err))
        fail_msg("%s", err.msg);
}

static int build(void **state)
{
    (void)state;
    struct err err = {0};
    topology = topology_of_three(NODES_PER_REGION);
    struct lab_setup setup = {.topology = &topology, .seed = 7, .shaper = LAB_WAN};
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
    struct err err = {0};
    bool healthy = lab_check_health(lab, &err) == ERR_OK;
    if (!healthy)
        print_error("%s\n", err.msg);
    for (uint32_t p = 0; p < PLACES; p++)
        traffic_stop(echoes[p]);
    lab_free(lab);
    return healthy ? 0 : -1;
}

static int heal(void **state)
{
    (void)state;
    struct link_table none = unshaped();
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
    int64_t ping_ns = traffic_ping_ns(&a, &b, patience_ns);
    int64_t connect_ns = traffic_connect_ns(&a, &b, patience_ns);
    if (ping_ns < 0 || connect_ns < 0)
        print_message("%s datagram %s, connection %s\n", ipv6 ? "IPv6" : "IPv4",
                      ping_ns < 0 ? "lost" : "back", connect_ns < 0 ? "not made" : "made");
    return ping_ns >= 0 && connect_ns >= 0;
}

static void places_carry_their_names_and_numbers(void **state)
{
    (void)state;
    assert_int_equal(lab_place_count(lab), PLACES);
    assert_string_equal(lab_place(lab, WEST_2)->name, "eu-west-2");
    assert_string_equal(lab_place(lab, WEST_CLIENTS)->name, "clients-eu-west");
    assert_int_equal(lab_place(lab, WEST_CLIENTS)->host, WEST_CLIENTS);
    assert_null(lab_place(lab, PLACES));
    assert_string_equal(lab_shaper_name(lab), "wan");
}

static void everybody_reaches_everybody_over_both_families(void **state)
{
    (void)state;
    for (uint32_t from = 0; from < PLACES; from++)
        for (uint32_t to = 0; to < PLACES; to++)
            for (int ipv6 = 0; ipv6 < 2; ipv6++)
                if (from != to && !reaches(from, to, ipv6))
                    fail_msg("%s does not reach %s over IPv%d", lab_place(lab, from)->name,
                             lab_place(lab, to)->name, ipv6 ? 6 : 4);
}

/* The lab was made for one address family; the other works as well. */
static void ipv6_addresses_are_given_out_when_asked(void **state)
{
    (void)state;
    struct lab *six;
    struct err err;
    struct lab_setup setup = {.topology = &topology, .shaper = LAB_WAN, .ipv6 = true};
    assert_int_equal(lab_new(&setup, &six, &err), ERR_OK);
    const struct place *a = lab_place(six, EAST_1), *b = lab_place(six, WEST_1);
    assert_int_equal(a->address.family, IO_IPV6);
    pid_t echo = traffic_echo(b);
    assert_true(traffic_ping_ns(a, b, patience_ns) >= 0);
    traffic_stop(echo);
    lab_free(six);
}

static void a_delay_is_added_in_its_direction_only(void **state)
{
    (void)state;
    struct link_table t = unshaped();
    t.at[EAST_1][WEST_1].delay_ns = 60 * NS_PER_MS;
    apply(&t);
    const struct place *east = lab_place(lab, EAST_1), *west = lab_place(lab, WEST_1);
    int64_t there_ns = traffic_ping_ns(east, west, patience_ns);
    int64_t other_ns = traffic_ping_ns(lab_place(lab, EAST_2), west, patience_ns);
    assert_true(there_ns >= 60 * NS_PER_MS);
    assert_true(there_ns < 120 * NS_PER_MS); /* twice would be both directions */
    assert_in_range(other_ns, 0, 60 * NS_PER_MS);
}

static void neighbours_in_a_region_can_be_slowed_down(void **state)
{
    (void)state;
    struct link_table t = unshaped();
    t.at[EAST_1][EAST_2].delay_ns = 50 * NS_PER_MS;
    apply(&t);
    const struct place *one = lab_place(lab, EAST_1), *two = lab_place(lab, EAST_2);
    assert_true(traffic_ping_ns(one, two, patience_ns) >= 50 * NS_PER_MS);
    struct place one6 = traffic_ipv6(one), two6 = traffic_ipv6(two);
    assert_true(traffic_ping_ns(&one6, &two6, patience_ns) >= 50 * NS_PER_MS);
    heal(NULL);
    assert_in_range(traffic_ping_ns(one, two, patience_ns), 0, 50 * NS_PER_MS);
}

/* What arrives from a place, although nobody can answer back to it. */
static uint32_t arrivals(uint32_t from, uint32_t to, uint32_t count)
{
    static uint32_t numbers[8192];
    struct traffic_burst burst = {lab_place(lab, from), lab_place(lab, to), count, 64, 20000};
    return traffic_arrivals(&burst, doubt_ns, numbers, 8192);
}

static void a_cut_blocks_one_direction_of_one_pair(void **state)
{
    (void)state;
    struct link_table t = unshaped();
    t.at[EAST_1][WEST_1].blocked = true;
    apply(&t);
    assert_int_equal(arrivals(EAST_1, WEST_1, 20), 0);
    assert_int_equal(arrivals(WEST_1, EAST_1, 20), 20);
    assert_int_equal(arrivals(EAST_1, WEST_2, 20), 20);
    assert_int_equal(arrivals(EAST_2, WEST_1, 20), 20);
    struct place a = traffic_ipv6(lab_place(lab, EAST_1));
    struct place b = traffic_ipv6(lab_place(lab, WEST_1));
    assert_int_equal(traffic_ping_ns(&a, &b, doubt_ns), -1);
}

static void a_cut_works_between_neighbours_and_from_clients(void **state)
{
    (void)state;
    struct link_table t = unshaped();
    t.at[EAST_1][EAST_2].blocked = t.at[EAST_CLIENTS][EAST_1].blocked = true;
    apply(&t);
    assert_int_equal(arrivals(EAST_1, EAST_2, 20), 0);
    assert_int_equal(arrivals(EAST_2, EAST_1, 20), 20);
    assert_int_equal(arrivals(EAST_CLIENTS, EAST_1, 20), 0);
    assert_int_equal(arrivals(EAST_CLIENTS, EAST_2, 20), 20);
}

static void healing_opens_everything_again(void **state)
{
    (void)state;
    struct link_table t = unshaped();
    for (uint32_t from = 0; from < PLACES; from++)
        for (uint32_t to = 0; to < PLACES; to++)
            t.at[from][to].blocked = true;
    apply(&t);
    assert_int_equal(arrivals(EAST_1, SOUTH_1, 5), 0);
    heal(NULL);
    everybody_reaches_everybody_over_both_families(NULL);
}

static struct link_counts counts(uint32_t from, uint32_t to)
{
    struct backend *b = lab_backend(lab);
    static struct link_set links;
    memset(&links, 0, sizeof links);
    links.on[from][to] = true;
    struct link_counts out;
    assert_true(b->ops->measure(b, &links, &out));
    return out;
}

static void counters_grow_with_traffic_and_survive_healing(void **state)
{
    (void)state;
    struct link_counts before = counts(EAST_1, SOUTH_1);
    assert_int_equal(arrivals(EAST_1, SOUTH_1, 30), 30);
    struct link_table t = unshaped();
    t.at[EAST_1][SOUTH_1].blocked = true;
    for (int again = 0; again < 2; again++) {
        apply(&t);
        assert_int_equal(arrivals(EAST_1, SOUTH_1, 10), 0);
        heal(NULL);
    }
    struct link_counts after = counts(EAST_1, SOUTH_1);
    assert_int_equal(after.carried - before.carried, 30);
    assert_int_equal(after.dropped - before.dropped, 20);
}

static void applying_the_same_again_changes_nothing(void **state)
{
    (void)state;
    struct link_table t = as_asked();
    t.at[EAST_1][WEST_1].blocked = true;
    apply(&t);
    assert_int_equal(arrivals(EAST_1, WEST_1, 10), 0);
    uint64_t dropped = counts(EAST_1, WEST_1).dropped;
    apply(&t);
    assert_int_equal(counts(EAST_1, WEST_1).dropped, dropped);
    assert_int_equal(arrivals(EAST_1, WEST_1, 10), 0);
    assert_int_equal(counts(EAST_1, WEST_1).dropped, dropped + 10);
}

static void loss_takes_about_its_share(void **state)
{
    (void)state;
    enum { SENT = 4000, SHARE_PPM = 200000 };
    struct link_table t = unshaped();
    t.at[EAST_1][WEST_1].loss_ppm = SHARE_PPM;
    apply(&t);
    uint64_t before = counts(EAST_1, WEST_1).dropped;
    uint32_t got = arrivals(EAST_1, WEST_1, SENT);
    /* Six standard deviations (25 each) either way of 800. */
    assert_in_range(SENT - got, 650, 950);
    assert_int_equal(counts(EAST_1, WEST_1).dropped - before, SENT - got);
}

static uint32_t inversions(const uint32_t *numbers, uint32_t count)
{
    uint32_t found = 0;
    for (uint32_t i = 1; i < count; i++)
        found += numbers[i] < numbers[i - 1];
    return found;
}

static uint32_t send_and_order(const struct link_shape *shape, uint32_t *overtakings)
{
    static uint32_t numbers[4096];
    struct link_table t = unshaped();
    t.at[EAST_1][WEST_1] = *shape;
    apply(&t);
    struct traffic_burst burst = {lab_place(lab, EAST_1), lab_place(lab, WEST_1), 1000, 64,
                                  100000};
    uint32_t got = traffic_arrivals(&burst, doubt_ns, numbers, 4096);
    *overtakings = inversions(numbers, got);
    return got;
}

static void packets_overtake_only_when_asked_to(void **state)
{
    (void)state;
    uint32_t overtakings;
    struct link_shape jitter = {.delay_ns = 20 * NS_PER_MS, .jitter_ns = 20 * NS_PER_MS};
    assert_int_equal(send_and_order(&jitter, &overtakings), 1000);
    assert_int_equal(overtakings, 0);
    struct link_shape reorder = {.delay_ns = 20 * NS_PER_MS, .reorder_ppm = 100000};
    assert_int_equal(send_and_order(&reorder, &overtakings), 1000);
    assert_in_range(overtakings, 20, 200);
}

static void duplicates_come_in_about_their_share(void **state)
{
    (void)state;
    uint32_t overtakings;
    struct link_shape twice = {.delay_ns = NS_PER_MS, .duplicate_ppm = 100000};
    assert_in_range(send_and_order(&twice, &overtakings), 1050, 1160);
}

/* --- when the network itself goes wrong --- */

static bool is_router(int pid)
{
    char path[64], name[32] = "";
    int parent = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *stat = fopen(path, "r");
    bool read_it = stat && fscanf(stat, "%*d (%31[^)]) %*c %d", name, &parent) == 2;
    if (stat)
        fclose(stat);
    return read_it && parent == getpid() && strcmp(name, "faultline-wan") == 0;
}

/* The router that is not `known`, of two at most; 0: none. */
static pid_t router_besides(pid_t known)
{
    pid_t found = 0;
    DIR *proc = opendir("/proc");
    for (struct dirent *e; (e = readdir(proc));) {
        int pid = (int)strtol(e->d_name, NULL, 10);
        if (pid != known && is_router(pid))
            found = pid;
    }
    closedir(proc);
    return found;
}

static struct lab *another_lab(void)
{
    struct lab *other;
    struct err err;
    struct lab_setup setup = {.topology = &topology, .seed = 8, .shaper = LAB_WAN};
    assert_int_equal(lab_new(&setup, &other, &err), ERR_OK);
    return other;
}

static void a_dead_router_is_told_at_once(void **state)
{
    (void)state;
    struct err err;
    pid_t known = router_besides(0);
    struct lab *other = another_lab();
    struct backend *b = lab_backend(other);
    struct link_table t = unshaped();
    pid_t router = router_besides(known);
    assert_true(router > 0);
    kill(router, SIGKILL);
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)router, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(b->ops->apply(b, &t, &err), ERR_IO);
    assert_non_null(strstr(err.msg, "routes between regions is gone (signal 9)"));
    assert_int_equal(lab_check_health(other, &err), ERR_IO);
    lab_free(other);
}

static void packets_lost_unasked_are_a_wrong_fault(void **state)
{
    (void)state;
    enum { MORE_THAN_ITS_BUFFER = 24000 };
    struct err err = {0};
    pid_t known = router_besides(0);
    struct lab *other = another_lab();
    assert_int_equal(lab_check_health(other, &err), ERR_OK);
    pid_t router = router_besides(known);
    kill(router, SIGSTOP);
    struct traffic_burst burst = {lab_place(other, EAST_1), lab_place(other, WEST_1),
                                  MORE_THAN_ITS_BUFFER, 1400, 0};
    assert_true(traffic_send(&burst));
    kill(router, SIGCONT);
    assert_int_equal(lab_check_health(other, &err), ERR_LIMIT);
    print_message("%s\n", err.msg);
    assert_non_null(strstr(err.msg, "came faster than they could be read"));
    lab_free(other);
}

static void two_labs_at_once_do_not_meet(void **state)
{
    (void)state;
    struct err err;
    struct lab *other = another_lab();
    struct link_table t = unshaped();
    t.at[EAST_1][WEST_1].blocked = true;
    struct backend *b = lab_backend(other);
    assert_int_equal(b->ops->apply(b, &t, &err), ERR_OK);
    /* The same addresses there: nobody answers, and ours are not cut. */
    assert_int_equal(
        traffic_ping_ns(lab_place(other, EAST_1), lab_place(other, WEST_2), doubt_ns), -1);
    assert_true(reaches(EAST_1, WEST_1, false));
    lab_free(other);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, heal, heal)

int main(void)
{
    if (!traffic_privileged()) {
        printf("skipped: neither root nor user namespaces\n");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        CASE(places_carry_their_names_and_numbers),
        CASE(everybody_reaches_everybody_over_both_families),
        CASE(ipv6_addresses_are_given_out_when_asked),
        CASE(a_delay_is_added_in_its_direction_only),
        CASE(neighbours_in_a_region_can_be_slowed_down),
        CASE(a_cut_blocks_one_direction_of_one_pair),
        CASE(a_cut_works_between_neighbours_and_from_clients),
        CASE(healing_opens_everything_again),
        CASE(counters_grow_with_traffic_and_survive_healing),
        CASE(applying_the_same_again_changes_nothing),
        CASE(loss_takes_about_its_share),
        CASE(packets_overtake_only_when_asked_to),
        CASE(duplicates_come_in_about_their_share),
        CASE(a_dead_router_is_told_at_once),
        CASE(packets_lost_unasked_are_a_wrong_fault),
        CASE(two_labs_at_once_do_not_meet),
    };
    return cmocka_run_group_tests(tests, build, take_down);
}
