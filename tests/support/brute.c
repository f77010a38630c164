#include "tests/support/brute.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "history/history.h"

enum { WORDS_MAX = 256, TRIED_MAX = 1 << 14, HEADS = 1 << 12 };

struct brute {
    const struct problem *p;
    uint32_t done, answered;
    uint32_t before[BRUTE_OPS_MAX]; /* those that returned before it was called */
    /* Where nothing was found: sets of operations, each with its state. */
    struct tried {
        uint32_t done, count, next; /* in its chain, plus one */
        int64_t words[WORDS_MAX];
    } * tried;
    size_t tried_count;
    uint32_t heads[HEADS]; /* chains of equal hash */
};

static void prepare(struct brute *b)
{
    const struct timed_op *ops = b->p->ops;
    for (size_t op = 0; op < b->p->count; op++) {
        b->answered |= (uint32_t)ops[op].op.answered << op;
        for (size_t i = 0; i < b->p->count; i++)
            if (ops[i].returned_at_ns < ops[op].called_at_ns)
                b->before[op] |= UINT32_C(1) << i;
    }
}

static bool may_be_next(const struct brute *b, size_t op)
{
    return (b->before[op] & ~b->done) == 0;
}

static uint32_t *chain_of(struct brute *b, const struct model_state *now)
{
    uint64_t hash = b->done;
    for (uint32_t i = 0; i < now->count; i++)
        hash = (hash ^ (uint64_t)now->words[i]) * UINT64_C(0x9e3779b97f4a7c15);
    return &b->heads[(hash * UINT64_C(0x9e3779b97f4a7c15)) >> 32 & (HEADS - 1)];
}

static bool was_tried(struct brute *b, const struct model_state *now)
{
    size_t size = now->count * sizeof *now->words;
    uint32_t *chain = chain_of(b, now);
    for (uint32_t i = *chain; i != 0; i = b->tried[i - 1].next) {
        const struct tried *t = &b->tried[i - 1];
        if (t->done == b->done && t->count == now->count &&
            (size == 0 || memcmp(t->words, now->words, size) == 0))
            return true;
    }
    if (b->tried_count == TRIED_MAX)
        return false;
    struct tried *t = &b->tried[b->tried_count++];
    t->done = b->done;
    t->count = now->count;
    if (size > 0)
        memcpy(t->words, now->words, size);
    t->next = *chain;
    *chain = (uint32_t)b->tried_count;
    return false;
}

static bool possible(struct brute *b, const struct model_state *now)
{
    int64_t words[WORDS_MAX];
    struct model_state next = {words, 0};
    if ((b->answered & ~b->done) == 0)
        return true;
    if (was_tried(b, now))
        return false;
    for (size_t i = 0; i < b->p->count; i++) {
        if ((b->done >> i & 1) || !may_be_next(b, i))
            continue;
        for (unsigned choice = 0; b->p->model->step(now, &b->p->ops[i].op, choice, &next);
             choice++) {
            assert(next.count <= WORDS_MAX);
            b->done |= UINT32_C(1) << i;
            bool found = possible(b, &next);
            b->done &= ~(UINT32_C(1) << i);
            if (found)
                return true;
        }
    }
    return false;
}

bool brute_possible(const struct problem *p)
{
    static struct tried tried[TRIED_MAX];
    int64_t words[WORDS_MAX];
    struct model_state first = {words, 0};
    struct brute b = {.p = p, .tried = tried};
    assert(p->count <= BRUTE_OPS_MAX);
    prepare(&b);
    p->model->init(p->initial, &first);
    return possible(&b, &first);
}

static bool real_time_permits(const struct problem *p, const uint32_t *order, size_t count)
{
    /* Who comes later was called no later than the earliest return behind it. */
    int64_t latest_call = INT64_MIN;
    for (size_t i = 0; i < count; i++) {
        const struct timed_op *op = &p->ops[order[i]];
        if (op->returned_at_ns < latest_call)
            return false;
        if (op->called_at_ns > latest_call)
            latest_call = op->called_at_ns;
    }
    return true;
}

static bool each_once(const struct problem *p, const uint32_t *order, size_t count)
{
    size_t answered = 0, met = 0;
    for (size_t i = 0; i < p->count; i++)
        answered += p->ops[i].op.answered;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < i; k++)
            if (order[k] == order[i])
                return false;
        met += p->ops[order[i]].op.answered;
    }
    return met == answered;
}

/* A model with several choices is followed along all of them. */
static bool model_allows(const struct problem *p, const uint32_t *order, size_t count,
                         const struct model_state *now)
{
    int64_t words[WORDS_MAX];
    struct model_state next = {words, 0};
    if (count == 0)
        return true;
    for (unsigned choice = 0; p->model->step(now, &p->ops[order[0]].op, choice, &next);
         choice++)
        if (model_allows(p, order + 1, count - 1, &next))
            return true;
    return false;
}

bool brute_accepts(const struct problem *p, const uint32_t *order, size_t count)
{
    int64_t words[WORDS_MAX];
    struct model_state first = {words, 0};
    p->model->init(p->initial, &first);
    return each_once(p, order, count) && real_time_permits(p, order, count) &&
           model_allows(p, order, count, &first);
}

struct problem brute_part(const struct problem *p, const uint32_t *kept, size_t count,
                          struct timed_op *ops)
{
    struct problem part = *p;
    part.ops = ops;
    part.count = 0;
    for (size_t i = 0; i < p->count; i++)
        for (size_t k = 0; k < count; k++)
            if (kept[k] == i) {
                ops[part.count++] = p->ops[i];
                break;
            }
    return part;
}

static void print_word(const char *name, int64_t word)
{
    if (word != OP_NIL)
        fprintf(stderr, " %s %lld", name, (long long)word);
}

void brute_print(const struct problem *p)
{
    fprintf(stderr, "%s from ", p->model->about.name);
    print_word("", p->initial);
    fprintf(stderr, "\n");
    for (size_t i = 0; i < p->count; i++) {
        const struct timed_op *op = &p->ops[i];
        fprintf(stderr, "  %zu process %u: %s", i, op->process, op_kind_name((int)op->op.kind));
        print_word("argument", op->op.argument);
        print_word("expected", op->op.expected);
        print_word("result", op->op.result);
        for (size_t k = 0; op->op.list && k < op->op.list->count; k++)
            print_word(k == 0 ? "list" : ",", op->op.list->at[k]);
        fprintf(stderr, "%s%s [%lld, ", op->op.refused ? " refused" : "",
                op->op.answered ? "" : " unanswered", (long long)op->called_at_ns);
        if (op->op.answered)
            fprintf(stderr, "%lld]\n", (long long)op->returned_at_ns);
        else
            fprintf(stderr, "...\n");
    }
}
