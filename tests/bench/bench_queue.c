/* How long queues and priority queues take to decide: 10,000 to 1,000,000 operations of
 * 10 and 50 clients, good and bad, and with one in a hundred dequeues unanswered. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/random.h"
#include "checker/algorithms/priority_queue.h"
#include "checker/algorithms/queue.h"

enum { CLIENTS_MAX = 50, REPEATS = 3 };

struct shape {
    const char *name;
    bool priority;          /* a priority queue */
    bool bad;               /* two answers in the middle are exchanged */
    int64_t unanswered_ppm; /* of those who take something out */
};

/* A history that is played: an operation takes effect at its call, at a random moment,
 * or at its return. */
struct playing {
    const struct shape *shape;
    struct random_stream random;
    struct timed_op *ops;
    size_t count, room;
    unsigned clients;
    uint32_t open[CLIENTS_MAX]; /* the operation of each, plus one; 0: none */
    bool done[CLIENTS_MAX];
    int64_t now_ns, next_value;
    int64_t *inside; /* a ring; or a heap, the greatest first */
    size_t first, inside_count;
};

/* --- what is inside --- */

static void sift_up(int64_t *heap, size_t at, int64_t value)
{
    for (; at > 0 && heap[(at - 1) / 2] < value; at = (at - 1) / 2)
        heap[at] = heap[(at - 1) / 2];
    heap[at] = value;
}

static void sift_down(int64_t *heap, size_t count, int64_t value)
{
    size_t at = 0;
    for (size_t child = 1; child < count; child = 2 * at + 1) {
        child += child + 1 < count && heap[child + 1] > heap[child];
        if (heap[child] <= value)
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = value;
}

static void put_in(struct playing *p, int64_t value)
{
    if (p->shape->priority)
        sift_up(p->inside, p->inside_count, value);
    else
        p->inside[p->first + p->inside_count] = value;
    p->inside_count++;
}

static int64_t look(const struct playing *p)
{
    return p->inside_count == 0 ? OP_NIL : p->inside[p->first];
}

static int64_t take_out(struct playing *p)
{
    int64_t value = look(p);
    if (p->inside_count == 0)
        return value;
    p->inside_count--;
    if (!p->shape->priority)
        p->first++;
    else if (p->inside_count > 0)
        sift_down(p->inside, p->inside_count, p->inside[p->inside_count]);
    return value;
}

/* --- operations --- */

static enum op_kind draw_kind(struct playing *p)
{
    uint64_t drawn = random_below(&p->random, 100);
    if (drawn < 48)
        return p->shape->priority ? OP_INSERT : OP_ENQUEUE;
    if (drawn < 95)
        return p->shape->priority ? OP_POLL : OP_DEQUEUE;
    return OP_PEEK;
}

static bool puts_in(enum op_kind kind)
{
    return kind == OP_ENQUEUE || kind == OP_INSERT;
}

/* Values that are in no order, each once. */
static int64_t fresh_value(struct playing *p)
{
    uint64_t value = (uint64_t)p->next_value++;
    return p->shape->priority ? (int64_t)(value * UINT64_C(0x9e3779b97f4a7c15) >> 1)
                              : (int64_t)value;
}

static void call(struct playing *p, unsigned client)
{
    enum op_kind kind = draw_kind(p);
    bool takes = !puts_in(kind) && kind != OP_PEEK;
    bool answered = !takes || !random_happens(&p->random, p->shape->unanswered_ppm);
    p->ops[p->count++] =
        (struct timed_op){.op = {.kind = kind,
                                 .answered = answered,
                                 .argument = puts_in(kind) ? fresh_value(p) : OP_NIL,
                                 .expected = OP_NIL,
                                 .result = OP_NIL},
                          .called_at_ns = p->now_ns,
                          .returned_at_ns = INT64_MAX,
                          .process = client};
    p->open[client] = (uint32_t)p->count;
    p->done[client] = false;
}

static void take_effect(struct playing *p, unsigned client)
{
    struct timed_op *o = &p->ops[p->open[client] - 1];
    p->done[client] = true;
    if (puts_in(o->op.kind))
        put_in(p, o->op.argument);
    else if (o->op.kind == OP_PEEK)
        o->op.result = look(p);
    else if (o->op.answered)
        o->op.result = take_out(p);
    else if (random_below(&p->random, 2))
        take_out(p);
}

static void finish(struct playing *p, unsigned client)
{
    struct timed_op *o = &p->ops[p->open[client] - 1];
    if (!p->done[client])
        take_effect(p, client);
    if (o->op.answered)
        o->returned_at_ns = p->now_ns;
    p->open[client] = 0;
}

static void exchange_answers(struct playing *p)
{
    struct timed_op *found = NULL;
    for (size_t i = p->count / 2; i < p->count; i++) {
        struct timed_op *o = &p->ops[i];
        if (puts_in(o->op.kind) || o->op.result == OP_NIL || o->op.kind == OP_PEEK)
            continue;
        if (found && o->called_at_ns > found->returned_at_ns + 5000 * (int64_t)p->clients) {
            int64_t result = o->op.result;
            o->op.result = found->op.result;
            found->op.result = result;
            return;
        }
        if (!found)
            found = o;
    }
}

static void play(struct playing *p, size_t count)
{
    while (p->count < count) {
        unsigned client = (unsigned)random_below(&p->random, p->clients);
        p->now_ns += (int64_t)random_below(&p->random, 2000);
        if (!p->open[client])
            call(p, client);
        else if (!p->done[client] && random_below(&p->random, 2))
            take_effect(p, client);
        else
            finish(p, client);
    }
    for (unsigned client = 0; client < p->clients; client++)
        if (p->open[client])
            finish(p, client);
    if (p->shape->bad)
        exchange_answers(p);
}

/* --- figures --- */

static double seconds_of_cpu(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static const char *answer(const struct finding *finding)
{
    const char *const names[] = {"not mine", "an order", "no order", "gave up"};
    return names[finding->value];
}

static double decide_once(const struct problem *problem, bool priority, char *said, size_t size)
{
    struct arena work = {0}, keep = {0};
    struct budget budget = {.steps_left = UINT64_MAX};
    struct finding finding;
    struct err err;
    double before = seconds_of_cpu();
    enum err_code code = (priority ? priority_queue_decide : queue_decide)(
        problem, &budget, &work, &keep, &finding, &err);
    double took = seconds_of_cpu() - before;
    if (code)
        snprintf(said, size, "%s", err.msg);
    else
        snprintf(said, size, "%s, proof of %zu, %zu MB", answer(&finding), finding.proof_count,
                 work.used_bytes >> 20);
    arena_done(&work);
    arena_done(&keep);
    return took;
}

static double measure(const struct shape *shape, size_t count, unsigned clients)
{
    struct arena arena = {0};
    struct playing p = {.shape = shape, .clients = clients};
    p.random = random_derive(1, shape->name);
    p.ops = arena_array(&arena, count + clients, sizeof *p.ops);
    p.inside = arena_array(&arena, count + clients, sizeof *p.inside);
    if (!p.ops || !p.inside)
        exit(1);
    play(&p, count);
    struct problem problem = {.model = model_find(shape->priority ? "priority-queue" : "queue"),
                              .initial = OP_NIL,
                              .ops = p.ops,
                              .count = p.count};
    char said[120];
    double best = HUGE_VAL;
    for (int i = 0; i < REPEATS; i++)
        best = fmin(best, decide_once(&problem, shape->priority, said, sizeof said));
    printf("%-32s %8zu ops %3u clients %8.2f ms  %s\n", shape->name, count, clients, best * 1e3,
           said);
    arena_done(&arena);
    return best;
}

int main(void)
{
    static const struct shape shapes[] = {
        {.name = "queue, good"},
        {.name = "queue, bad", .bad = true},
        {.name = "queue, 1% unanswered", .unanswered_ppm = 10000},
        {.name = "queue, 1% unanswered, bad", .unanswered_ppm = 10000, .bad = true},
        {.name = "priority queue, good", .priority = true},
        {.name = "priority queue, bad", .priority = true, .bad = true},
        {.name = "priority queue, 1% unanswered", .priority = true, .unanswered_ppm = 10000},
        {.name = "priority queue, 1% unanswered, bad",
         .priority = true,
         .unanswered_ppm = 10000,
         .bad = true},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (unsigned clients = 10; clients <= CLIENTS_MAX; clients += 40) {
            double at_10k = measure(&shapes[i], 10000, clients);
            measure(&shapes[i], 100000, clients);
            double at_1m = measure(&shapes[i], 1000000, clients);
            printf("%-32s grows as n^%.2f\n", shapes[i].name, log10(at_1m / at_10k) / 2);
        }
    return 0;
}
