#include "tests/support/small.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 4 * SMALL_OPS_MAX + 64, PROCESSES_MAX = 8 };

static const uint64_t with_lists = UINT64_C(1) << OP_MEMBERS;

struct game {
    const struct small_form *form;
    struct random_stream *random;
    struct small *out;
    int64_t words[2][WORDS_MAX];
    struct model_state now, next;
    int64_t clock_ns, fresh; /* distinct values so far */
    int64_t distinct[SMALL_OPS_MAX];
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
    if (!g->form->kinds)
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
           kind == OP_ENQUEUE || kind == OP_PUSH || kind == OP_INSERT || kind == OP_APPEND;
}

/* Mostly what fits a lock, else few of those who ask for it would get it. */
static enum op_kind draw_turn(struct game *g)
{
    bool there = g->now.words[0] > 0, is_lock = strcmp(g->form->model, "semaphore") != 0;
    bool fits = !chance(g, 250000);
    return (there != is_lock) == fits ? OP_ACQUIRE : OP_RELEASE;
}

static int64_t draw_value(struct game *g)
{
    return (int64_t)random_below(g->random, (uint64_t)g->form->values);
}

static void make_distinct(struct game *g)
{
    for (int64_t i = 0; i < (int64_t)g->form->ops; i++) {
        int64_t at = g->form->shuffled ? (int64_t)random_below(g->random, (uint64_t)i + 1) : i;
        g->distinct[i] = g->distinct[at];
        g->distinct[at] = i;
    }
}

/* Values are below this, but for those that nobody wrote. */
static int64_t value_span(const struct game *g)
{
    return g->form->values + (g->form->shuffled ? (int64_t)g->form->ops : g->fresh);
}

static int64_t draw_argument(struct game *g, enum op_kind kind)
{
    int64_t from = g->form->distinct_from;
    switch (kind) {
    case OP_DEQUEUE:
    case OP_POP:
    case OP_POLL:
    case OP_PEEK:
    case OP_ACQUIRE:
    case OP_RELEASE:
    case OP_MEMBERS:
    case OP_GENERATE: return OP_NIL;
    case OP_READ: return strcmp(g->form->model, "log") == 0 ? draw_value(g) : OP_NIL;
    default: break;
    }
    if (g->form->distinct && is_new_value(kind))
        return from + g->distinct[g->fresh++ - from];
    return g->form->distinct && g->fresh > from
               ? from + g->distinct[random_below(g->random, (uint64_t)(g->fresh - from))]
               : draw_value(g);
}

/* --- lists --- */

enum { PART_WORDS = 3, PARTS_MAX = 4, KEYS = 2 };

/* Reads and writes of two registers; what the reads answer comes later. */
static void draw_parts(struct game *g, int64_t *words, struct int_list *list)
{
    size_t parts = 1 + (size_t)random_below(g->random, PARTS_MAX);
    for (size_t i = 0; i < parts; i++) {
        words[PART_WORDS * i] = random_below(g->random, 2) ? OP_READ : OP_WRITE;
        words[PART_WORDS * i + 1] = (int64_t)random_below(g->random, KEYS);
        words[PART_WORDS * i + 2] = draw_value(g);
    }
    list->count = PART_WORDS * parts;
}

/* The states of a kv are the nodes of a binary tree, numbered as in a heap; `token` 0
 * and 1 lead to a child, 2 and up to a child's child. */
static void draw_pairs(struct game *g, int64_t *words, struct int_list *list)
{
    uint64_t token = random_below(g->random, 4);
    assert(g->form->values <= SMALL_LIST_MAX / 2);
    list->count = 0;
    for (int64_t node = 0; node < g->form->values; node++) {
        int64_t to = 2 * node + 1 + (int64_t)(token & 1);
        if (token >= 2)
            to = 2 * to + 1;
        if (to >= g->form->values)
            continue;
        words[list->count++] = node;
        words[list->count++] = to;
    }
}

static void draw_list(struct game *g, struct timed_op *op)
{
    struct int_list *list = &g->out->lists[op->row];
    int64_t *words = g->out->listed[op->row];
    bool kv = strcmp(g->form->model, "kv") == 0;
    list->at = words;
    if (op->op.kind == OP_TXN)
        draw_parts(g, words, list);
    else if (kv && op->op.kind == OP_APPEND)
        draw_pairs(g, words, list);
    else
        return;
    op->op.list = list;
    op->op.argument = OP_NIL;
}

/* Part after part, give the reads the answer that fits. */
static void answer_parts(struct game *g, const struct timed_op *op)
{
    struct int_list *list = &g->out->lists[op->row];
    int64_t *words = g->out->listed[op->row];
    size_t count = list->count;
    for (list->count = PART_WORDS; list->count <= count; list->count += PART_WORDS) {
        int64_t *value = &words[list->count - 1];
        if (words[list->count - PART_WORDS] == OP_WRITE)
            continue;
        for (*value = -1; *value < g->form->values; ++*value) {
            int64_t tried = *value;
            *value = tried < 0 ? OP_NIL : tried;
            if (g->out->problem.model->step(&g->now, &op->op, 0, &g->next))
                break;
            *value = tried;
        }
    }
    list->count = count;
}

/* Words of the list, from the first, that a read answered; or nothing. */
static void change_a_part(struct game *g, const struct timed_op *op)
{
    const struct int_list *list = &g->out->lists[op->row];
    int64_t *words = g->out->listed[op->row];
    for (size_t i = 0; i < list->count; i += PART_WORDS)
        if (words[i] == OP_READ)
            words[i + 2] = draw_value(g);
}

static void call(struct game *g, uint32_t process)
{
    struct problem *p = &g->out->problem;
    enum op_kind kind = draw_kind(g);
    if (kind == OP_ACQUIRE || kind == OP_RELEASE)
        kind = draw_turn(g);
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
    if (kind == OP_WRITE && strcmp(g->form->model, "kv") == 0 && chance(g, 200000))
        op->op.argument = -1; /* a text that nobody gets */
    draw_list(g, op);
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

/* All of the set; now and then without one of them. */
static void list_members(struct game *g, struct model_op *op)
{
    struct small *out = g->out;
    struct int_list *list = &out->members[out->member_list_count++];
    uint32_t hidden = chance(g, 50000) ? (uint32_t)random_below(g->random, 8) : UINT32_MAX;
    list->at = out->member_words + out->member_count;
    list->count = 0;
    for (uint32_t i = 0; i < g->now.count; i++)
        if (i != hidden) {
            out->member_words[out->member_count++] = g->now.words[i];
            list->count++;
        }
    op->list = list;
}

/* An answer that no draw would find: a token, a sum, an offset. */
static int64_t likely_answer(struct game *g, const struct model_op *op)
{
    bool has_sum = strcmp(g->form->model, "counter") == 0;
    int64_t offset = has_sum ? 0 : op->argument;
    switch (op->kind) {
    case OP_ACQUIRE:
        return g->now.count > 1 && g->now.words[1] != OP_NIL
                   ? g->now.words[1] + 1 + (int64_t)random_below(g->random, 2)
                   : 1;
    case OP_INCREMENT: return g->now.words[0] + op->argument;
    case OP_APPEND: return (int64_t)g->now.count;
    default: return offset >= 0 && offset < g->now.count ? g->now.words[offset] : OP_NIL;
    }
}

/* Releases of a fenced lock, whose state is held or not and a token, may name it. */
static bool answer_likely(struct game *g, struct model_op *op)
{
    bool is_fenced = op->kind == OP_RELEASE && g->now.count > 1;
    if (is_fenced && g->now.words[0] > 0 && chance(g, 500000))
        op->argument = g->now.words[1];
    else if (is_fenced || chance(g, op->kind == OP_ACQUIRE ? 50000 : 400000))
        return false;
    op->result = is_fenced ? OP_NIL : likely_answer(g, op);
    return step(g, op);
}

static bool has_likely_answer(const struct game *g)
{
    static const char *const models[] = {"fenced-mutex", "counter", "log"};
    bool found = false;
    for (size_t i = 0; i < sizeof models / sizeof *models; i++)
        found |= strcmp(g->form->model, models[i]) == 0;
    return found;
}

/* Give it an answer that fits; or, where none of the few that are tried does, none. */
static void take_effect(struct game *g, uint32_t process)
{
    struct timed_op *op = &g->out->ops[g->open[process] - 1];
    int64_t span = value_span(g) + 2;
    int64_t first = (int64_t)random_below(g->random, (uint64_t)span);
    g->done[process] = true;
    if (!op->op.answered) {
        if (chance(g, 500000))
            (void)step(g, &op->op);
        return;
    }
    if (op->op.kind == OP_TXN)
        answer_parts(g, op);
    if (op->op.kind == OP_MEMBERS) {
        list_members(g, &op->op);
        return;
    }
    if (has_likely_answer(g) && answer_likely(g, &op->op))
        return;
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

/* Some answer yes or no. */
static bool answers_a_bit(const struct game *g, enum op_kind kind)
{
    return kind == OP_ADD || kind == OP_REMOVE || kind == OP_CONTAINS ||
           (kind == OP_ACQUIRE && strcmp(g->form->model, "semaphore") == 0);
}

static void change_an_answer(struct game *g)
{
    const struct problem *p = &g->out->problem;
    struct timed_op *op = &g->out->ops[random_below(g->random, p->count)];
    int64_t span = answers_a_bit(g, op->op.kind) ? 2 : value_span(g) + 1;
    if (op->op.kind == OP_TXN)
        change_a_part(g, op);
    else if (op->op.answered && op->op.result != OP_NIL && !chance(g, 200000))
        op->op.result = (int64_t)random_below(g->random, (uint64_t)span);
    else if (op->op.answered && (op->op.kind == OP_READ || chance(g, 300000)))
        op->op.result = (int64_t)random_below(g->random, (uint64_t)span);
    else if (op->op.answered && op->op.kind == OP_CAS)
        op->op.expected = draw_value(g);
    else if (op->op.answered) /* later than it was: others may now be stale */
        op->called_at_ns = op->returned_at_ns;
}

/* Who asks for a lock mostly waits until it is free. */
static bool waits(struct game *g, uint32_t process)
{
    const struct timed_op *op = &g->out->ops[g->open[process] - 1];
    bool takes_turns = op->op.kind == OP_ACQUIRE || op->op.kind == OP_RELEASE;
    return takes_turns && op->op.answered && !g->done[process] &&
           !g->out->problem.model->step(&g->now, &op->op, 0, &g->next) && !chance(g, 150000);
}

static void swap_answers(struct game *g)
{
    struct problem *p = &g->out->problem;
    struct timed_op *a = &g->out->ops[random_below(g->random, p->count)];
    for (size_t i = 0; i < p->count; i++) {
        struct timed_op *b = &g->out->ops[i];
        if (a->op.kind != b->op.kind || !a->op.answered || !b->op.answered ||
            a->op.result == b->op.result || a->op.list || !chance(g, 500000))
            continue;
        int64_t result = a->op.result;
        a->op.result = b->op.result;
        b->op.result = result;
        return;
    }
}

static void lose_something(struct game *g)
{
    struct problem *p = &g->out->problem;
    if (chance(g, 500000)) {
        swap_answers(g);
        return;
    }
    struct timed_op *op = &g->out->ops[random_below(g->random, p->count)];
    if (chance(g, 300000))
        *op = g->out->ops[--p->count];
    else if (op->op.answered && chance(g, 500000))
        op->returned_at_ns = op->called_at_ns;
    else if (op->op.answered)
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
    out->member_list_count = out->member_count = 0;
    out->problem.model->init(OP_NIL, &g.now);
    make_distinct(&g);
    while (out->problem.count < ops) {
        uint32_t process = (uint32_t)random_below(random, form->processes);
        /* Now and then at one instant. */
        g.clock_ns += random_below(random, 5) != 0;
        if (!g.open[process])
            call(&g, process);
        else if (waits(&g, process))
            continue;
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
    if (form->lost_ppm > 0 && chance(&g, form->lost_ppm))
        lose_something(&g);
    normalise(out);
}
