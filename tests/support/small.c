#include "tests/support/small.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 4 * SMALL_OPS_MAX + 64, PROCESSES_MAX = 8 };

static const uint64_t with_lists = UINT64_C(1) << OP_MEMBERS | UINT64_C(1) << OP_TXN;

struct game {
    const struct small_form *form;
    struct random_stream *random;
    struct small *out;
    int64_t words[2][WORDS_MAX];
    struct model_state now, next;
    int64_t clock_ns, fresh;      /* the next distinct value */
    uint32_t open[PROCESSES_MAX]; /* index plus one of the process's operation */
    bool done[PROCESSES_MAX];     /* it took effect */
};

static bool chance(struct game *g, unsigned ppm)
{
    return random_below(g->random, 1000000) < ppm;
}

static enum op_kind draw_kind(struct game *g)
{
    uint64_t kinds = g->form->kinds ? g->form->kinds : g->out->problem.model->kinds;
    kinds &= ~with_lists;
    assert(kinds != 0);
    for (;;) {
        int kind = (int)random_below(g->random, OP_KIND_COUNT);
        if (kinds >> kind & 1)
            return (enum op_kind)kind;
    }
}

static bool is_new_value(enum op_kind kind)
{
    return kind == OP_WRITE || kind == OP_CAS || kind == OP_RMW || kind == OP_ADD ||
           kind == OP_ENQUEUE || kind == OP_PUSH || kind == OP_INSERT;
}

static int64_t draw_value(struct game *g)
{
    return (int64_t)random_below(g->random, (uint64_t)g->form->values);
}

static int64_t draw_argument(struct game *g, enum op_kind kind)
{
    switch (kind) {
    case OP_DEQUEUE:
    case OP_POP:
    case OP_POLL:
    case OP_PEEK:
    case OP_ACQUIRE:
    case OP_RELEASE:
    case OP_GENERATE: return OP_NIL;
    case OP_READ: return strcmp(g->form->model, "log") == 0 ? draw_value(g) : OP_NIL;
    default: break;
    }
    if (g->form->distinct && is_new_value(kind))
        return g->fresh++;
    return g->form->distinct && g->fresh > 0
               ? (int64_t)random_below(g->random, (uint64_t)g->fresh)
               : draw_value(g);
}

static void call(struct game *g, uint32_t process)
{
    struct problem *p = &g->out->problem;
    enum op_kind kind = draw_kind(g);
    struct timed_op *op = &g->out->ops[p->count++];
    *op = (struct timed_op){.op = {.kind = kind,
                                   .answered = !chance(g, g->form->unanswered_ppm),
                                   .argument = draw_argument(g, kind),
                                   .expected = OP_NIL,
                                   .result = OP_NIL},
                            .called_at_ns = g->clock_ns,
                            .returned_at_ns = INT64_MAX,
                            .row = (uint32_t)p->count - 1,
                            .process = process};
    if (kind == OP_CAS) {
        /* Mostly what is there, else nearly all would be refused. */
        bool fits = g->now.count > 0 && !chance(g, 300000);
        op->op.expected = fits ? g->now.words[0] : draw_value(g);
        op->op.refused = g->form->refused && op->op.answered && chance(g, 300000);
    }
    g->open[process] = (uint32_t)p->count;
    g->done[process] = false;
}

static bool step(struct game *g, const struct model_op *op)
{
    if (!g->out->problem.model->step(&g->now, op, 0, &g->next))
        return false;
    assert(g->next.count <= WORDS_MAX);
    struct model_state old = g->now;
    g->now = g->next;
    g->next = old;
    return true;
}

/* Give it an answer that fits; or, where none of the few that are tried does, none. */
static void take_effect(struct game *g, uint32_t process)
{
    struct timed_op *op = &g->out->ops[g->open[process] - 1];
    int64_t span = g->form->values + g->fresh + 2;
    int64_t first = (int64_t)random_below(g->random, (uint64_t)span);
    g->done[process] = true;
    if (!op->op.answered) {
        if (chance(g, 500000))
            (void)step(g, &op->op);
        return;
    }
    for (int64_t i = 0; i < 2 * span; i++) {
        int64_t tried = (first + i) % span;
        op->op.result = tried == span - 1 ? OP_NIL : tried;
        if (op->op.kind == OP_RELEASE && op->op.argument == OP_NIL && i > span)
            op->op.argument = tried; /* a token, perhaps */
        if (step(g, &op->op))
            return;
        if (op->op.kind == OP_CAS && g->form->refused && i == span - 1)
            op->op.refused = !op->op.refused;
    }
    op->op.answered = false;
    op->op.refused = false;
    op->op.result = OP_NIL;
}

static void finish(struct game *g, uint32_t process)
{
    struct timed_op *op = &g->out->ops[g->open[process] - 1];
    if (!g->done[process])
        take_effect(g, process);
    if (op->op.answered)
        op->returned_at_ns = g->clock_ns;
    g->open[process] = 0;
}

static void change_an_answer(struct game *g)
{
    const struct problem *p = &g->out->problem;
    struct timed_op *op = &g->out->ops[random_below(g->random, p->count)];
    int64_t span = g->form->values + g->fresh + 1;
    if (op->op.answered && op->op.result != OP_NIL && !chance(g, 200000))
        op->op.result = (int64_t)random_below(g->random, (uint64_t)span);
    else if (op->op.answered && (op->op.kind == OP_READ || chance(g, 300000)))
        op->op.result = (int64_t)random_below(g->random, (uint64_t)span);
    else if (op->op.answered && op->op.kind == OP_CAS)
        op->op.expected = draw_value(g);
    else if (op->op.answered) /* later than it was: others may now be stale */
        op->called_at_ns = op->returned_at_ns;
}

static int by_call(const void *a, const void *b)
{
    const struct timed_op *x = a, *y = b;
    if (x->called_at_ns != y->called_at_ns)
        return x->called_at_ns < y->called_at_ns ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

/* As the checkers do: what is unanswered and only looks says nothing. */
static void normalise(struct small *out)
{
    struct problem *p = &out->problem;
    size_t left = 0;
    for (size_t i = 0; i < p->count; i++)
        if (out->ops[i].op.answered || !p->model->only_looks(&out->ops[i].op))
            out->ops[left++] = out->ops[i];
    p->count = left;
    qsort(out->ops, p->count, sizeof *out->ops, by_call);
}

void small_make(const struct small_form *form, struct random_stream *random, struct small *out)
{
    struct game g = {.form = form, .random = random, .out = out, .fresh = form->distinct_from};
    size_t ops = 1 + (size_t)random_below(random, form->ops);
    assert(form->ops <= SMALL_OPS_MAX && form->processes <= PROCESSES_MAX);
    g.now.words = g.words[0];
    g.next.words = g.words[1];
    out->problem =
        (struct problem){.model = model_find(form->model), .initial = OP_NIL, .ops = out->ops};
    assert(out->problem.model);
    out->problem.model->init(OP_NIL, &g.now);
    while (out->problem.count < ops) {
        uint32_t process = (uint32_t)random_below(random, form->processes);
        /* Now and then at one instant. */
        g.clock_ns += random_below(random, 5) != 0;
        if (!g.open[process])
            call(&g, process);
        else if (!g.done[process] && random_below(random, 2))
            take_effect(&g, process);
        else
            finish(&g, process);
    }
    for (uint32_t process = 0; process < form->processes; process++) {
        g.clock_ns++;
        if (g.open[process])
            finish(&g, process);
    }
    if (chance(&g, form->changed_ppm))
        change_an_answer(&g);
    normalise(out);
}
