/* How long stacks, sets, locks, semaphores, counters, logs and ids take: 10,000, 100,000
 * and a million operations of 12 clients, one in a hundred unanswered, and how the time
 * grows with them (1.0: in proportion). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/random.h"
#include "checker/algorithms/counter.h"
#include "checker/algorithms/locks.h"
#include "checker/algorithms/log.h"
#include "checker/algorithms/semaphore.h"
#include "checker/algorithms/set.h"
#include "checker/algorithms/stack.h"
#include "checker/algorithms/unique_ids.h"

enum { CLIENTS = 12, OPS_MAX = 1000000 };

/* Operations take effect in the order in which they are made, each at an instant within
 * its time. */
struct world {
    struct random_stream random;
    struct timed_op *ops;
    size_t count;
    int64_t now_ns, free_at_ns[CLIENTS];

    int64_t *stack;
    size_t height, sum, length, permits;
    int64_t token;
    bool held, *in_set;
    unsigned unanswered_ppm;
};

typedef void (*player)(struct world *w, struct model_op *op);

static size_t below(struct world *w, size_t limit)
{
    return (size_t)random_below(&w->random, limit);
}

static void play_stack(struct world *w, struct model_op *op)
{
    size_t draw = below(w, 100);
    op->kind = draw < 48 ? OP_PUSH : draw < 96 ? OP_POP : OP_PEEK;
    if (op->kind == OP_PUSH) {
        op->argument = (int64_t)w->count;
        w->stack[w->height++] = op->argument;
        return;
    }
    op->result = w->height > 0 ? w->stack[w->height - 1] : OP_NIL;
    w->height -= op->kind == OP_POP && w->height > 0;
}

static void play_set(struct world *w, struct model_op *op)
{
    static const enum op_kind kinds[] = {OP_ADD, OP_REMOVE, OP_CONTAINS};
    op->kind = kinds[below(w, 3)];
    op->argument = (int64_t)below(w, OPS_MAX / 20);
    bool *there = &w->in_set[op->argument], was = *there;
    op->result = op->kind == OP_ADD ? !was : was;
    if (op->kind != OP_CONTAINS)
        *there = op->kind == OP_ADD;
    if (op->kind != OP_CONTAINS && below(w, 2) == 0)
        op->result = OP_NIL;
}

static void play_mutex(struct world *w, struct model_op *op)
{
    op->kind = w->held ? OP_RELEASE : OP_ACQUIRE;
    w->held = !w->held;
}

static void play_fenced(struct world *w, struct model_op *op)
{
    play_mutex(w, op);
    if (op->kind == OP_ACQUIRE)
        op->result = w->token += 1 + (int64_t)below(w, 5);
    else
        op->argument = w->token;
}

static void play_semaphore(struct world *w, struct model_op *op)
{
    op->kind = w->permits == 0 || (w->permits < 10 && below(w, 2)) ? OP_RELEASE : OP_ACQUIRE;
    w->permits += op->kind == OP_RELEASE ? 1 : (size_t)-1;
}

static void play_trying(struct world *w, struct model_op *op)
{
    op->kind = below(w, 2) ? OP_RELEASE : OP_ACQUIRE;
    if (w->permits > 5)
        op->kind = OP_ACQUIRE;
    if (op->kind == OP_ACQUIRE)
        op->result = w->permits > 0;
    if (op->kind == OP_RELEASE || w->permits > 0)
        w->permits += op->kind == OP_RELEASE ? 1 : (size_t)-1;
}

static void play_counter(struct world *w, struct model_op *op)
{
    op->kind = below(w, 2) ? OP_READ : OP_INCREMENT;
    op->argument = op->kind == OP_INCREMENT ? 1 : OP_NIL;
    w->sum += op->kind == OP_INCREMENT;
    if (op->kind == OP_READ)
        op->result = (int64_t)w->sum;
}

static void play_log(struct world *w, struct model_op *op)
{
    op->kind = below(w, 2) ? OP_READ : OP_APPEND;
    if (op->kind == OP_APPEND) {
        op->argument = w->stack[w->length] = (int64_t)w->count;
        op->result = (int64_t)w->length++;
        return;
    }
    op->argument = (int64_t)below(w, w->length + 2);
    op->result = op->argument < (int64_t)w->length ? w->stack[op->argument] : OP_NIL;
}

static void play_ids(struct world *w, struct model_op *op)
{
    op->kind = OP_GENERATE;
    op->result = (int64_t)w->count;
}

static void add_op(struct world *w, player play)
{
    size_t client = 0;
    struct timed_op *op = &w->ops[w->count];
    for (size_t i = 1; i < CLIENTS; i++)
        if (w->free_at_ns[i] < w->free_at_ns[client])
            client = i;
    int64_t called_at_ns = w->free_at_ns[client];
    if (called_at_ns > w->now_ns)
        w->now_ns = called_at_ns;
    *op = (struct timed_op){.op = {.answered = !random_happens(&w->random, w->unanswered_ppm),
                                   .argument = OP_NIL,
                                   .expected = OP_NIL,
                                   .result = OP_NIL},
                            .called_at_ns = called_at_ns,
                            .process = (uint32_t)client};
    play(w, &op->op);
    w->now_ns += 1 + (int64_t)below(w, 2);
    op->returned_at_ns = w->now_ns + 1 + (int64_t)below(w, 20);
    w->free_at_ns[client] = op->returned_at_ns + 1 + (int64_t)below(w, 10);
    if (!op->op.answered)
        op->returned_at_ns = INT64_MAX;
    w->count++;
}

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now); /* whatever else the machine does */
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static int by_call(const void *a, const void *b)
{
    int64_t x = ((const struct timed_op *)a)->called_at_ns;
    int64_t y = ((const struct timed_op *)b)->called_at_ns;
    return x < y ? -1 : x > y;
}

/* What unanswered ones alone see is left out, as the checkers do. */
static void make(struct world *w, const struct model_ops *model, player play, size_t ops)
{
    size_t kept = 0;
    while (w->count < ops)
        add_op(w, play);
    for (size_t i = 0; i < w->count; i++)
        if (w->ops[i].op.answered || !model->only_looks(&w->ops[i].op))
            w->ops[kept++] = w->ops[i];
    w->count = kept;
    qsort(w->ops, w->count, sizeof *w->ops, by_call);
}

struct subject {
    const char *name, *model;
    algorithm decide;
    player play;
    unsigned unanswered_ppm;
    bool spoiled;
};

static double measure(const struct subject *s, size_t ops, const char **verdict)
{
    static const char *const words[] = {"not decided", "order", "no order", "gave up"};
    struct arena arena = {0}, work = {0}, keep = {0};
    struct budget budget = {.steps_left = UINT64_MAX};
    struct world w = {.random = random_derive(1, s->name), .unanswered_ppm = s->unanswered_ppm};
    struct finding found = {0};
    struct err err;
    w.ops = arena_array(&arena, ops, sizeof *w.ops);
    w.stack = arena_array(&arena, ops, sizeof *w.stack);
    w.in_set = arena_array(&arena, OPS_MAX / 20, sizeof *w.in_set);
    struct problem p = {.model = model_find(s->model), .initial = OP_NIL, .ops = w.ops};
    make(&w, p.model, s->play, ops);
    p.count = w.count;
    for (size_t i = p.count / 2; s->spoiled && i < p.count; i++)
        if (w.ops[i].op.answered && w.ops[i].op.kind == OP_POP) {
            w.ops[i].op.result = OP_NIL;
            break;
        }
    double before = seconds_now();
    bool failed = s->decide(&p, &budget, &work, &keep, &found, &err);
    double took = seconds_now() - before;
    *verdict = failed ? "error" : words[found.value];
    arena_done(&arena);
    arena_done(&work);
    arena_done(&keep);
    return took;
}

int main(void)
{
    static const struct subject subjects[] = {
        {"stack, all answered", "stack", stack_decide, play_stack, 0, false},
        {"stack", "stack", stack_decide, play_stack, 10000, false},
        {"stack, wrongly empty", "stack", stack_decide, play_stack, 0, true},
        {"set", "set", set_decide, play_set, 10000, false},
        {"mutex", "mutex", lock_decide, play_mutex, 0, false},
        {"mutex, some unanswered", "mutex", lock_decide, play_mutex, 10000, false},
        {"fenced-mutex", "fenced-mutex", lock_decide, play_fenced, 0, false},
        {"semaphore", "semaphore", semaphore_decide, play_semaphore, 10000, false},
        {"semaphore, some find none", "semaphore", semaphore_decide, play_trying, 0, false},
        {"counter", "counter", counter_decide, play_counter, 10000, false},
        {"log", "log", log_decide, play_log, 10000, false},
        {"unique-ids", "unique-ids", unique_ids_decide, play_ids, 10000, false},
    };
    printf("%-26s %12s %12s %12s  growth\n", "", "10k ops", "100k ops", "1M ops");
    for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++) {
        const char *verdict = "";
        double first = measure(&subjects[i], OPS_MAX / 100, &verdict);
        double second = measure(&subjects[i], OPS_MAX / 10, &verdict);
        double third = measure(&subjects[i], OPS_MAX, &verdict);
        printf("%-26s %9.1f ms %9.1f ms %9.1f ms  %.2f  %s\n", subjects[i].name, first * 1e3,
               second * 1e3, third * 1e3, log10(third / first) / 2, verdict);
    }
    return 0;
}
