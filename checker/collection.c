/* Contents: lines · heaps · sets · all of it */
#include "checker/collection.h"

#include <assert.h>
#include <stdlib.h>

bool collection_fits(const struct problem *p)
{
    if (p->model->collection == COLLECTION_NONE)
        return false;
    for (size_t i = 0; i < p->count; i++)
        if (p->ops[i].op.list)
            return false;
    return true;
}

static bool is_answer(const struct model_op *op, int64_t truth)
{
    return !op->answered || op->result == truth;
}

/* The same where it need not have been told. */
static bool is_told(const struct model_op *op, int64_t truth)
{
    return op->result == OP_NIL || is_answer(op, truth);
}

/* --- lines: a queue, a stack, a log --- */

static void put_last(struct collection *c, int64_t element)
{
    c->words[c->first + c->count++] = element;
}

static int64_t first(const struct collection *c)
{
    return c->count > 0 ? c->words[c->first] : OP_NIL;
}

static int64_t last(const struct collection *c)
{
    return c->count > 0 ? c->words[c->first + c->count - 1] : OP_NIL;
}

static bool take_of_queue(struct collection *c, const struct model_op *op)
{
    bool fits = op->kind == OP_ENQUEUE || is_answer(op, first(c));
    if (op->kind == OP_ENQUEUE)
        put_last(c, op->argument);
    if (op->kind == OP_DEQUEUE && fits && c->count > 0) {
        c->first++;
        c->count--;
    }
    return fits;
}

static bool take_of_stack(struct collection *c, const struct model_op *op)
{
    bool fits = op->kind == OP_PUSH || is_answer(op, last(c));
    if (op->kind == OP_PUSH)
        put_last(c, op->argument);
    if (op->kind == OP_POP && fits)
        c->count -= c->count > 0;
    return fits;
}

static bool take_of_log(struct collection *c, const struct model_op *op)
{
    int64_t at = op->argument;
    if (op->kind == OP_READ)
        return is_answer(op, at >= 0 && at < (int64_t)c->count ? c->words[at] : OP_NIL);
    if (!is_told(op, (int64_t)c->count))
        return false;
    put_last(c, op->argument);
    return true;
}

/* --- heaps --- */

static void swap(int64_t *a, int64_t *b)
{
    int64_t old = *a;
    *a = *b;
    *b = old;
}

static void insert(struct collection *c, int64_t element)
{
    uint32_t at = c->count++;
    c->words[at] = element;
    for (; at > 0 && c->words[(at - 1) / 2] < c->words[at]; at = (at - 1) / 2)
        swap(&c->words[(at - 1) / 2], &c->words[at]);
}

static void remove_greatest(struct collection *c)
{
    c->words[0] = c->words[--c->count];
    for (uint32_t at = 0, child = 1; child < c->count; at = child, child = 2 * at + 1) {
        child += child + 1 < c->count && c->words[child + 1] > c->words[child];
        if (c->words[at] >= c->words[child])
            return;
        swap(&c->words[at], &c->words[child]);
    }
}

static bool take_of_heap(struct collection *c, const struct model_op *op)
{
    bool fits = op->kind == OP_INSERT || is_answer(op, first(c));
    if (op->kind == OP_INSERT)
        insert(c, op->argument);
    if (op->kind == OP_POLL && fits && c->count > 0)
        remove_greatest(c);
    return fits;
}

/* --- sets --- */

static bool *place_in_set(struct collection *c, int64_t element)
{
    uint32_t number = *int_map_put(&c->numbers, element, c->count);
    if (number == c->count)
        c->words[c->count++] = element;
    return &c->there[number];
}

static bool take_of_set(struct collection *c, const struct model_op *op)
{
    bool *there = place_in_set(c, op->argument);
    if (op->kind == OP_CONTAINS)
        return is_answer(op, *there);
    if (op->kind != OP_ADD && op->kind != OP_REMOVE)
        return false;
    bool adds = op->kind == OP_ADD;
    if (!is_told(op, *there != adds))
        return false;
    *there = adds;
    return true;
}

static bool take_of_ids(struct collection *c, const struct model_op *op)
{
    if (!op->answered || op->result == OP_NIL)
        return true;
    bool *there = place_in_set(c, op->result), is_new = !*there;
    *there = true;
    return is_new;
}

/* --- all of it --- */

bool collection_init(struct collection *c, const struct problem *p, struct arena *arena)
{
    struct model_state start;
    size_t room = p->count + p->model->words_at_start + 1;
    *c = (struct collection){.kind = p->model->collection};
    c->words = arena_array(arena, room, sizeof *c->words);
    bool is_set = c->kind == COLLECTION_SET || c->kind == COLLECTION_IDS;
    if (is_set)
        c->there = arena_array(arena, room, sizeof *c->there);
    if (!c->words || (is_set && (!c->there || !int_map_init(&c->numbers, arena, room))))
        return false;
    start.words = c->words;
    p->model->init(p->initial, &start);
    assert(!is_set || start.count == 0);
    c->count = start.count;
    return true;
}

bool collection_take(struct collection *c, const struct model_op *op)
{
    switch (c->kind) {
    case COLLECTION_QUEUE: return take_of_queue(c, op);
    case COLLECTION_STACK: return take_of_stack(c, op);
    case COLLECTION_PRIORITY_QUEUE: return take_of_heap(c, op);
    case COLLECTION_SET: return take_of_set(c, op);
    case COLLECTION_IDS: return take_of_ids(c, op);
    case COLLECTION_LOG: return take_of_log(c, op);
    case COLLECTION_NONE: break;
    }
    assert(false);
    return false;
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

bool collection_state(const struct collection *c, struct arena *arena, struct model_state *out)
{
    out->words = arena_array(arena, c->count, sizeof *out->words);
    out->count = 0;
    if (!out->words)
        return false;
    for (uint32_t i = 0; i < c->count; i++)
        if (!c->there || c->there[i])
            out->words[out->count++] = c->words[c->first + i];
    bool is_sorted = c->there || c->kind == COLLECTION_PRIORITY_QUEUE;
    if (is_sorted && out->count > 1)
        qsort(out->words, out->count, sizeof *out->words, by_number);
    return true;
}
