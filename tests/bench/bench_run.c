/* How fast the whole thing simulates: the store, clients, faults and the recording of
 * the history included. Prints events per second of one core. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/units.h"
#include "harness/run.h"

static double cpu_seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int run_once(const char *scenario, uint64_t seed, const char *out)
{
    struct run_options options = {.scenario = scenario, .on = ON_SIM, .seed = seed, .out = out};
    struct prepared prepared;
    struct run_result result;
    struct err err = {0};
    if (run_prepare(&options, &prepared, &err)) {
        fprintf(stderr, "%s\n", err.msg);
        return 1;
    }
    double wall = cpu_seconds(CLOCK_MONOTONIC), cpu = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID);
    if (run_play(&options, &prepared, &result, &err)) {
        fprintf(stderr, "%s\n", err.msg);
        return 1;
    }
    wall = cpu_seconds(CLOCK_MONOTONIC) - wall;
    cpu = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    double simulated = (double)prepared.scenario->duration_ns / (double)NS_PER_S;
    printf(
        "seed %llu: %.0f events/s of CPU, %.0f operations/s of CPU, %.0f simulated seconds a "
        "second (%llu events, %llu operations, %.2f s CPU, %.2f s wall)\n",
        (unsigned long long)seed, (double)result.event_count / cpu,
        (double)result.operation_count / cpu, simulated / cpu,
        (unsigned long long)result.event_count, (unsigned long long)result.operation_count, cpu,
        wall);
    prepared_done(&prepared);
    return 0;
}

int main(int argc, char **argv)
{
    const char *scenario = argc > 1 ? argv[1] : "scenarios/leader-region-cut.yaml";
    char scratch[] = "/tmp/faultline-bench-XXXXXX", out[64];
    if (!mkdtemp(scratch))
        return 1;
    int code = 0;
    for (uint64_t seed = 1; seed <= 3 && code == 0; seed++) {
        snprintf(out, sizeof out, "%s/%llu", scratch, (unsigned long long)seed);
        code = run_once(scenario, seed, out);
    }
    printf("the runs are in %s\n", scratch);
    return code;
}
