/* How long the linearizable check takes on registers, from columns to verdict: one key
 * and many, clean, with a stale read, with unknown writes, and with values that repeat.
 * bench_checker [OPERATIONS [JOBS]] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/random.h"
#include "base/work.h"
#include "checker/checker.h"

enum { CLIENTS = 12, KEYS_MAX = 200000 };

struct shape {
    const char *name;
    size_t keys;
    int64_t values; /* 0: each once */
    bool stale;
};

struct generated {
    struct columns columns;
    size_t ops;
    const struct shape *shape;
    int64_t *value; /* by key */
    int64_t free_at_ns[CLIENTS];
};

static void make_room(struct generated *g, struct arena *arena)
{
    struct columns *c = &g->columns;
    size_t n = g->ops;
    c->id = arena_array(arena, n, sizeof *c->id);
    c->process = arena_array(arena, n, sizeof *c->process);
    c->region = arena_array(arena, n, sizeof *c->region);
    c->table = arena_array(arena, n, sizeof *c->table);
    c->kind = arena_array(arena, n, 1);
    c->outcome = arena_array(arena, n, 1);
    c->level = arena_array(arena, n, 1);
    c->key = arena_array(arena, n, sizeof *c->key);
    c->argument = arena_array(arena, n, sizeof *c->argument);
    c->expected = arena_array(arena, n, sizeof *c->expected);
    c->result = arena_array(arena, n, sizeof *c->result);
    c->is_list = arena_array(arena, n, sizeof *c->is_list);
    c->error = arena_array(arena, n, sizeof *c->error);
    c->invoked_at_ns = arena_array(arena, n, sizeof *c->invoked_at_ns);
    c->returned_at_ns = arena_array(arena, n, sizeof *c->returned_at_ns);
    g->value = arena_array(arena, g->shape->keys, sizeof *g->value);
    for (size_t i = 0; i < g->shape->keys; i++)
        g->value[i] = OP_NIL;
}

static size_t first_free(const struct generated *g)
{
    size_t client = 0;
    for (size_t i = 1; i < CLIENTS; i++)
        if (g->free_at_ns[i] < g->free_at_ns[client])
            client = i;
    return client;
}

/* An operation of whichever client is free first; it takes effect at its call. */
static void add_op(struct generated *g, struct random_stream *random)
{
    struct columns *c = &g->columns;
    size_t row = c->count++, client = first_free(g);
    int64_t from = g->free_at_ns[client], took = 1 + (int64_t)random_below(random, 100000);
    size_t key = (size_t)random_below(random, g->shape->keys);
    bool writes = random_below(random, 2) == 0;
    bool unknown = writes && random_below(random, 50) == 0;
    int64_t values = g->shape->values;
    c->id[row] = (int64_t)row + 1;
    c->process[row] = (int64_t)client;
    c->kind[row] = writes ? OP_WRITE : OP_READ;
    c->outcome[row] = unknown ? OUTCOME_UNKNOWN : OUTCOME_OK;
    c->key[row] = (int64_t)key;
    c->expected[row] = c->argument[row] = OP_NIL;
    if (writes) {
        c->argument[row] =
            values ? (int64_t)random_below(random, (uint64_t)values) : (int64_t)row;
        if (!unknown || random_below(random, 2) == 0)
            g->value[key] = c->argument[row];
    }
    c->result[row] = writes ? OP_NIL : g->value[key];
    c->invoked_at_ns[row] = from;
    c->returned_at_ns[row] = from + took;
    g->free_at_ns[client] = from + took + 1 + (int64_t)random_below(random, 1000);
}

static void generate(struct generated *g, struct arena *arena)
{
    struct random_stream random = random_derive(1, "bench");
    make_room(g, arena);
    for (size_t i = 0; i < CLIENTS; i++)
        g->free_at_ns[i] = (int64_t)i;
    for (size_t i = 0; i < g->ops; i++)
        add_op(g, &random);
}

/* Let a read in the middle return what its key held long before. */
static void make_stale(struct generated *g)
{
    struct columns *c = &g->columns;
    for (size_t row = g->ops / 2; row < g->ops; row++)
        for (size_t old = 0; c->kind[row] == OP_READ && old < g->ops / 4; old++)
            if (c->kind[old] == OP_READ && c->key[old] == c->key[row]) {
                c->result[row] = c->result[old];
                return;
            }
}

static double seconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void measure(const struct shape *shape, size_t ops, unsigned jobs)
{
    struct arena arena = {0};
    struct generated g = {.shape = shape, .ops = ops};
    struct verdict verdict = {0};
    struct budget budget = {.steps_left = UINT64_MAX, .memory = NULL};
    struct err err;
    struct catalogue checks = checker_catalogue();
    const struct checker_ops *check = checker_of(catalogue_find(&checks, "linearizable"));
    struct check_options options = {.initial = OP_NIL, .jobs = jobs};
    generate(&g, &arena);
    if (shape->stale)
        make_stale(&g);
    struct check_input in = {.columns = &g.columns, .options = &options, .budget = &budget};
    double before = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    enum err_code code = check->check(&in, &arena, &verdict, &err);
    double took = seconds(CLOCK_MONOTONIC) - before;
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    printf("%-36s %8.1f ms  %8.1f ms CPU  %s: %.100s\n", shape->name, took * 1e3, cpu * 1e3,
           code ? "error" : verdict_name(verdict.value), code ? err.msg : verdict.sentence);
    if (!code)
        printf("%36s decided by %s in %.1f steps an operation\n", "", verdict.decided_by,
               (double)verdict.steps / (double)ops);
    arena_done(&arena);
}

int main(int argc, char **argv)
{
    static const struct shape shapes[] = {
        {"1 key, distinct values", 1, 0, false},
        {"1 key, distinct values, stale read", 1, 0, true},
        {"100 keys, distinct values", 100, 0, false},
        {"100 keys, distinct, stale read", 100, 0, true},
        {"50000 keys, distinct values", 50000, 0, false},
        {"20 keys, 50 values", 20, 50, false},
        {"20 keys, 5 values", 20, 5, false},
        {"20 keys, 5 values, stale read", 20, 5, true},
    };
    size_t ops = argc > 1 ? (size_t)strtoull(argv[1], NULL, 10) : 100000;
    unsigned jobs = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : work_jobs();
    printf("%zu operations, %u jobs\n", ops, jobs);
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        measure(&shapes[i], ops, jobs);
    return 0;
}
