/* How long zones takes for one register: clients that call again as soon as they are
 * answered, half of the operations writes, each taking effect at a random moment of
 * its time. Clean; with a read in the middle that is long outdated; with one in a
 * hundred writes never answered; and with values that lie far apart. */
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/random.h"
#include "checker/algorithms/zones.h"

enum { OPS_MAX = 1000000, CLIENTS_MAX = 100, ROUNDS = 5, TOOK_NS_MAX = 1000000 };

enum flavour { CLEAN, STALE, CRASHED, SPARSE, FLAVOURS };

static const char *const flavour_names[] = {"clean", "one stale read", "1 % unanswered",
                                            "values far apart"};

struct played {
    struct timed_op op;
    int64_t effect_at_ns;
};

static int by_effect(const void *a, const void *b)
{
    const struct played *x = a, *y = b;
    return x->effect_at_ns < y->effect_at_ns ? -1 : x->effect_at_ns > y->effect_at_ns;
}

static int by_call(const void *a, const void *b)
{
    const struct timed_op *x = a, *y = b;
    return x->called_at_ns < y->called_at_ns ? -1 : x->called_at_ns > y->called_at_ns;
}

static void play(struct played *ops, size_t count, uint32_t clients, enum flavour flavour)
{
    struct random_stream random = random_derive(1, "bench zones");
    int64_t free_at_ns[CLIENTS_MAX] = {0};
    for (size_t i = 0; i < count; i++) {
        uint32_t client = (uint32_t)(i % clients);
        int64_t took_ns = 1 + (int64_t)random_below(&random, TOOK_NS_MAX);
        int64_t called = free_at_ns[client] + 1 + (int64_t)random_below(&random, 1000);
        bool writes = random_below(&random, 2) == 0;
        bool crashed = flavour == CRASHED && writes && random_below(&random, 50) == 0;
        bool happens = !crashed || random_below(&random, 2) == 0;
        ops[i].effect_at_ns =
            happens ? called + (int64_t)random_below(&random, (uint64_t)took_ns) : INT64_MAX;
        ops[i].op = (struct timed_op){.op = {.kind = writes ? OP_WRITE : OP_READ,
                                             .answered = !crashed,
                                             .argument = OP_NIL,
                                             .expected = OP_NIL,
                                             .result = OP_NIL},
                                      .called_at_ns = called,
                                      .returned_at_ns = crashed ? INT64_MAX : called + took_ns,
                                      .process = client};
        free_at_ns[client] = called + took_ns;
    }
}

/* In the order of their effects. */
static void answer(struct played *ops, size_t count, enum flavour flavour)
{
    int64_t value = OP_NIL;
    for (size_t i = 0; i < count; i++) {
        struct model_op *op = &ops[i].op.op;
        if (op->kind == OP_READ)
            op->result = value;
        else
            value = op->argument =
                flavour == SPARSE ? (int64_t)(i * UINT64_C(0x9e3779b97f4a7c15)) : (int64_t)i;
    }
}

/* Let a read in the middle return what was there long before. */
static void make_stale(struct timed_op *ops, size_t count)
{
    for (size_t i = count / 2; i < count; i++)
        for (size_t old = count / 4; ops[i].op.kind == OP_READ && old < count / 2; old++)
            if (ops[old].op.kind == OP_READ) {
                ops[i].op.result = ops[old].op.result;
                return;
            }
}

static void generate(struct timed_op *out, struct played *room, size_t count, uint32_t clients,
                     enum flavour flavour)
{
    play(room, count, clients, flavour);
    qsort(room, count, sizeof *room, by_effect);
    answer(room, count, flavour);
    for (size_t i = 0; i < count; i++)
        out[i] = room[i].op;
    qsort(out, count, sizeof *out, by_call);
    if (flavour == STALE)
        make_stale(out, count);
}

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* As in a check of a history that was just read, nothing is in a cache and no page is
 * there yet: else small histories would look better than they are. */
static void make_cold(void)
{
    enum { MORE_THAN_CACHES_BYTES = 128 * 1024 * 1024 };
    char *room = malloc(MORE_THAN_CACHES_BYTES);
    if (room)
        memset(room, 1, MORE_THAN_CACHES_BYTES);
    free(room);
}

struct measured {
    double seconds; /* of the quickest round */
    size_t bytes;
    enum finding_value value;
};

static struct measured measure(const struct problem *p)
{
    struct measured best = {.seconds = 1e9};
    for (int round = 0; round < ROUNDS; round++) {
        struct memory memory = {0};
        struct arena work = {.memory = &memory}, keep = {.memory = &memory};
        struct budget budget = {.steps_left = UINT64_MAX, .memory = &memory};
        struct finding found;
        struct err err;
        make_cold();
        double before = cpu_seconds();
        if (zones_decide(p, &budget, &work, &keep, &found, &err))
            exit(1);
        best.bytes = memory.used_bytes;
        best.value = found.value;
        arena_done(&work);
        arena_done(&keep);
        double took = cpu_seconds() - before;
        best.seconds = took < best.seconds ? took : best.seconds;
    }
    return best;
}

int main(void)
{
    static const uint32_t clients[] = {10, 50, 100};
    static const size_t counts[] = {10000, 100000, OPS_MAX};
    struct timed_op *ops = malloc(OPS_MAX * sizeof *ops);
    struct played *room = malloc(OPS_MAX * sizeof *room);
    if (!ops || !room)
        return 1;
    mallopt(M_MMAP_THRESHOLD, 64 * 1024);
    for (enum flavour f = CLEAN; f < FLAVOURS; f++)
        for (size_t c = 0; c < 3; c++) {
            double seconds[3];
            printf("%-16s %3u clients", flavour_names[f], clients[c]);
            for (size_t n = 0; n < 3; n++) {
                generate(ops, room, counts[n], clients[c], f);
                struct measured m =
                    measure(&(struct problem){.model = model_find("cas-register"),
                                              .initial = OP_NIL,
                                              .ops = ops,
                                              .count = counts[n]});
                seconds[n] = m.seconds;
                printf("  %7zu: %7.2f ms %5.1f MB%s", counts[n], m.seconds * 1e3,
                       (double)(m.bytes + counts[n] * sizeof *ops) / 1e6,
                       m.value == FINDING_ORDER      ? ""
                       : m.value == FINDING_NO_ORDER ? " (no order)"
                                                     : " (not decided)");
            }
            printf("  growth %.2f\n", log10(seconds[2] / seconds[0]) / 2);
        }
    free(ops);
    free(room);
    return 0;
}
