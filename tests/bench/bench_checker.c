/* How long the register check takes: 100,000 operations of 12 clients over 20 keys,
 * one in a hundred writes unknown; clean, with a stale read, and with values that
 * repeat, which only the search can decide. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/random.h"
#include "checker/checker.h"

enum { OPS = 100000, KEYS = 20, CLIENTS = 12 };

struct generated {
    struct columns columns;
    int64_t value[KEYS];
    int64_t free_at_ns[CLIENTS];
};

static void make_room(struct columns *c, struct arena *arena)
{
    c->id = arena_array(arena, OPS, sizeof *c->id);
    c->process = arena_array(arena, OPS, sizeof *c->process);
    c->region = arena_array(arena, OPS, sizeof *c->region);
    c->table = arena_array(arena, OPS, sizeof *c->table);
    c->kind = arena_array(arena, OPS, 1);
    c->outcome = arena_array(arena, OPS, 1);
    c->level = arena_array(arena, OPS, 1);
    c->key = arena_array(arena, OPS, sizeof *c->key);
    c->argument = arena_array(arena, OPS, sizeof *c->argument);
    c->expected = arena_array(arena, OPS, sizeof *c->expected);
    c->result = arena_array(arena, OPS, sizeof *c->result);
    c->invoked_at_ns = arena_array(arena, OPS, sizeof *c->invoked_at_ns);
    c->returned_at_ns = arena_array(arena, OPS, sizeof *c->returned_at_ns);
}

/* An operation of whichever client is free first; it takes effect at its call. */
static void add_op(struct generated *g, struct random_stream *random, int64_t values)
{
    struct columns *c = &g->columns;
    size_t row = c->count++, client = 0;
    for (size_t i = 1; i < CLIENTS; i++)
        if (g->free_at_ns[i] < g->free_at_ns[client])
            client = i;
    int64_t from = g->free_at_ns[client], took = 1 + (int64_t)random_below(random, 100000);
    size_t key = (size_t)random_below(random, KEYS);
    bool writes = random_below(random, 2) == 0;
    bool unknown = writes && random_below(random, 50) == 0;
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

static void generate(struct generated *g, struct arena *arena, int64_t values)
{
    struct random_stream random = random_derive(1, "bench");
    make_room(&g->columns, arena);
    for (size_t i = 0; i < KEYS; i++)
        g->value[i] = OP_NIL;
    for (size_t i = 0; i < CLIENTS; i++)
        g->free_at_ns[i] = (int64_t)i;
    for (size_t i = 0; i < OPS; i++)
        add_op(g, &random, values);
}

/* Let a read in the middle return what its key held long before. */
static void make_stale(struct columns *c)
{
    for (size_t row = OPS / 2; row < OPS; row++)
        for (size_t old = 0; c->kind[row] == OP_READ && old < OPS / 4; old++)
            if (c->kind[old] == OP_READ && c->key[old] == c->key[row]) {
                c->result[row] = c->result[old];
                return;
            }
}

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void measure(const char *name, int64_t values, bool stale)
{
    struct arena arena = {0};
    struct generated g = {0};
    struct verdict verdict = {0};
    struct budget budget = {.steps_left = UINT64_MAX, .memory = NULL};
    struct err err;
    struct catalogue checks = checker_catalogue();
    const struct checker_ops *ops = checker_of(catalogue_find(&checks, "linearizable"));
    generate(&g, &arena, values);
    if (stale)
        make_stale(&g.columns);
    struct check_input in = {.columns = &g.columns, .budget = &budget};
    double before = seconds_now();
    enum err_code code = ops->check(&in, &arena, &verdict, &err);
    double took = seconds_now() - before;
    printf("%-28s %7.1f ms  %s: %.120s\n", name, took * 1e3,
           code ? "error" : verdict_name(verdict.value), code ? err.msg : verdict.sentence);
    arena_done(&arena);
}

int main(void)
{
    measure("distinct values", 0, false);
    measure("distinct values, stale read", 0, true);
    measure("50 values", 50, false);
    measure("5 values", 5, false);
    measure("5 values, stale read", 5, true);
    return 0;
}
