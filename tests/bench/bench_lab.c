/* How long the lab takes to make, to change and to take down, and what the `wan`
 * router carries. Needs root, or user namespaces. */
#include <assert.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/units.h"
#include "injector/lab.h"
#include "tests/support/lab_traffic.h"
#include "tests/support/topology.h"

enum { ROUNDS = 40 };

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * NS_PER_S + t.tv_nsec;
}

static struct lab *make(const struct topology *topology)
{
    struct err err;
    struct lab *lab;
    struct lab_setup setup = {.topology = topology, .seed = 1, .shaper = LAB_AUTO};
    if (lab_new(&setup, &lab, &err) == ERR_OK)
        return lab;
    printf("%s\n", err.msg);
    _exit(1);
}

static int64_t time_apply(struct lab *lab, const struct link_table *table)
{
    struct err err;
    struct backend *b = lab_backend(lab);
    int64_t start_ns = now_ns();
    enum err_code code = b->ops->apply(b, table, &err);
    assert(code == ERR_OK);
    return now_ns() - start_ns;
}

/* The mean of making and of taking away one change. */
static void report_change(struct lab *lab, const char *what, const struct link_table *with)
{
    struct link_table none = {.place_count = lab_place_count(lab)};
    int64_t on_ns = 0, off_ns = 0;
    for (unsigned n = 0; n < ROUNDS; n++) {
        on_ns += time_apply(lab, with);
        off_ns += time_apply(lab, &none);
    }
    char on[32], off[32];
    printf("  %-28s on %-8s off %s\n", what,
           units_duration_short(on_ns / ROUNDS, on, sizeof on),
           units_duration_short(off_ns / ROUNDS, off, sizeof off));
}

static void report_lab(uint32_t nodes_per_region)
{
    struct topology topology = topology_of_three(nodes_per_region);
    int64_t start_ns = now_ns();
    struct lab *lab = make(&topology);
    int64_t made_ns = now_ns() - start_ns;
    uint32_t places = lab_place_count(lab);
    char text[32];
    printf("%s, %u places: made in %s\n", lab_shaper_name(lab), places,
           units_duration_short(made_ns, text, sizeof text));
    struct link_table one = {.place_count = places}, cut = one, slow = one;
    one.at[0][1].blocked = true;
    for (uint32_t from = 0; from < places; from++)
        for (uint32_t to = 0; to < places; to++) {
            cut.at[from][to].blocked = from != to;
            slow.at[from][to].delay_ns = from % 3 == to % 3 ? 0 : 40 * NS_PER_MS;
        }
    report_change(lab, "one pair cut", &one);
    report_change(lab, "every pair cut", &cut);
    report_change(lab, "regions 40 ms apart", &slow);
    start_ns = now_ns();
    lab_free(lab);
    printf("  freed in %s\n", units_duration_short(now_ns() - start_ns, text, sizeof text));
}

static void report_ping(struct lab *lab)
{
    pid_t echo = traffic_echo(lab_place(lab, 1));
    int64_t sum_ns = 0;
    for (unsigned n = 0; n < 200; n++)
        sum_ns += traffic_ping_ns(lab_place(lab, 0), lab_place(lab, 1), NS_PER_S);
    char text[32];
    printf("unshaped round trip: mean %s\n",
           units_duration_short(sum_ns / 200, text, sizeof text));
    traffic_stop(echo);
}

static void report_burst(struct lab *lab, int64_t gap_ns)
{
    static uint32_t numbers[50000];
    struct err err;
    struct traffic_burst burst = {lab_place(lab, 0), lab_place(lab, 1), 50000, 200, gap_ns};
    int64_t start_ns = now_ns();
    uint32_t got = traffic_arrivals(&burst, 200 * NS_PER_MS, numbers, burst.count);
    double seconds = (double)(now_ns() - start_ns) / 1e9 - 0.2;
    printf("%u of %u datagrams arrived, %.0f a second; %s\n", got, burst.count,
           (double)got / seconds, lab_check_health(lab, &err) ? err.msg : "none lost unasked");
}

int main(void)
{
    if (!traffic_privileged()) {
        printf("neither root nor user namespaces\n");
        return 77;
    }
    report_lab(1);
    report_lab(3);
    struct topology topology = topology_of_three(1);
    struct lab *lab = make(&topology);
    report_ping(lab);
    report_burst(lab, 50000);
    report_burst(lab, 0);
    lab_free(lab);
    return 0;
}
