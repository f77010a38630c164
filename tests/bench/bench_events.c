/* How long registers with repeated values take: clients back to back, so that as many
 * operations overlap as there are clients; half of them write; each takes effect at a
 * random moment of its time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/memory.h"
#include "base/random.h"
#include "checker/algorithms/events.h"

struct form {
    size_t count;
    unsigned clients;
    int64_t values; /* 0: distinct */
    bool stale;
    unsigned unanswered_ppm;
};

struct effect {
    int64_t at_ns;
    size_t op;
};

static int by_effect(const void *a, const void *b)
{
    const struct effect *x = a, *y = b;
    return x->at_ns < y->at_ns ? -1 : x->at_ns > y->at_ns;
}

static int by_call(const void *a, const void *b)
{
    const struct timed_op *x = a, *y = b;
    return x->called_at_ns < y->called_at_ns ? -1 : x->called_at_ns > y->called_at_ns;
}

static void generate(const struct form *f, struct timed_op *ops)
{
    struct random_stream random = random_derive(7, "bench");
    int64_t *free_at_ns = calloc(f->clients, sizeof *free_at_ns);
    struct effect *effects = calloc(f->count, sizeof *effects);
    for (size_t i = 0; i < f->count; i++) {
        unsigned client = 0;
        for (unsigned c = 1; c < f->clients; c++)
            if (free_at_ns[c] < free_at_ns[client])
                client = c;
        int64_t took = 1000 + (int64_t)random_below(&random, 1000000);
        ops[i] = (struct timed_op){.op = {.kind = random_below(&random, 2) ? OP_WRITE : OP_READ,
                                          .answered = true,
                                          .argument = OP_NIL,
                                          .expected = OP_NIL,
                                          .result = OP_NIL},
                                   .called_at_ns = free_at_ns[client],
                                   .returned_at_ns = free_at_ns[client] + took,
                                   .process = client};
        /* For as long as an operation takes, nobody writes the value 0; then the stale
         * read of it finds no excuse. */
        bool quiet = f->stale && i + 4 * f->clients > f->count / 2 && i <= f->count / 2 + 1;
        int64_t drawn = (int64_t)random_below(&random, f->values ? (uint64_t)f->values : 1);
        if (ops[i].op.kind == OP_WRITE)
            ops[i].op.argument = !f->values ? (int64_t)i : quiet && drawn == 0 ? 1 : drawn;
        if (f->stale && (i == f->count / 2 || i == f->count / 2 + 1)) {
            ops[i].op.kind = i == f->count / 2 ? OP_WRITE : OP_READ;
            ops[i].op.argument = i == f->count / 2 ? 2 : OP_NIL;
            ops[i].called_at_ns =
                i == f->count / 2 ? free_at_ns[client] : ops[i - 1].returned_at_ns + 1;
            took = 2;
            ops[i].returned_at_ns = ops[i].called_at_ns + took;
        }
        effects[i] = (struct effect){
            ops[i].called_at_ns + (int64_t)random_below(&random, (uint64_t)took), i};
        free_at_ns[client] += took + 1 + (int64_t)random_below(&random, 1000);
    }
    qsort(effects, f->count, sizeof *effects, by_effect);
    int64_t value = OP_NIL, *seen = calloc(f->count, sizeof *seen);
    for (size_t i = 0; i < f->count; i++) {
        struct timed_op *op = &ops[effects[i].op];
        bool lost = random_below(&random, 1000000) < f->unanswered_ppm;
        if (op->op.kind == OP_WRITE) {
            if (!lost || random_below(&random, 2))
                value = op->op.argument;
        } else {
            op->op.result = value;
        }
        if (lost && op->op.kind == OP_WRITE) {
            op->op.answered = false;
            op->returned_at_ns = INT64_MAX;
        }
        seen[i] = value;
    }
    for (size_t i = 0; f->stale && i < f->count; i++)
        if (effects[i].op == f->count / 2 + 1)
            ops[effects[i].op].op.result = f->values ? 0 : seen[i - f->clients * 8];
    qsort(ops, f->count, sizeof *ops, by_call);
    free(seen);
    free(effects);
    free(free_at_ns);
}

static double cpu_seconds(void)
{
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return (double)r.ru_utime.tv_sec + (double)r.ru_utime.tv_usec * 1e-6 +
           (double)r.ru_stime.tv_sec + (double)r.ru_stime.tv_usec * 1e-6;
}

static void measure(const struct form *f)
{
    struct timed_op *ops = calloc(f->count, sizeof *ops);
    generate(f, ops);
    struct arena work = {0}, keep = {0};
    struct memory memory = {.max_bytes = (size_t)4 << 30};
    work.memory = keep.memory = &memory;
    struct budget budget = {.steps_left = UINT64_MAX, .memory = &memory};
    struct finding found;
    struct err err;
    struct problem p = {
        .model = model_find("cas-register"), .initial = OP_NIL, .ops = ops, .count = f->count};
    double before = cpu_seconds();
    enum err_code code = events_decide(&p, &budget, &work, &keep, &found, &err);
    double took = cpu_seconds() - before;
    printf("%8zu ops %4u clients %3lld values %s %u ppm: %8.1f ms  %s\n", f->count, f->clients,
           (long long)f->values, f->stale ? "bad " : "good", f->unanswered_ppm, took * 1e3,
           code                              ? err.msg
           : found.value == FINDING_ORDER    ? "order"
           : found.value == FINDING_NO_ORDER ? "no order"
                                             : "gave up");
    fflush(stdout);
    arena_done(&work);
    arena_done(&keep);
    free(ops);
}

int main(int argc, char **argv)
{
    if (argc > 4) {
        struct form f = {strtoul(argv[1], NULL, 10), (unsigned)strtoul(argv[2], NULL, 10),
                         strtol(argv[3], NULL, 10), argv[4][0] == 'b',
                         argc > 5 ? (unsigned)strtoul(argv[5], NULL, 10) : 0};
        measure(&f);
    }
    return 0;
}
