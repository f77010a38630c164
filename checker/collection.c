/* Contents: lines · heaps · sets · all of it */
#include "checker/collection.h"

#include <assert.h>
#include <stdlib.h>

#include "checker/sorting.h"

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

/* The heap gives its least first, and so of the greatest elements their complements. */
static int64_t turned(int64_t element)
{
    return ~element;
}

static void insert(struct collection *c, int64_t element)
{
    heap_push(&c->heap, turned(element), 0);
}

static int64_t greatest(const struct collection *c)
{
    return c->heap.count > 0 ? turned(c->heap.items[0].key) : OP_NIL;
}

static bool take_of_heap(struct collection *c, const struct model_op *op)
{
    bool fits = op->kind == OP_INSERT || is_answer(op, greatest(c));
    if (op->kind == OP_INSERT)
        insert(c, op->argument);
    if (op->kind == OP_POLL && fits && c->heap.count > 0)
        heap_pop(&c->heap);
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
    if (!model_op_told(op))
        return true;
    bool *there = place_in_set(c, op->result), is_new = !*there;
    *there = true;
    return is_new;
}

/* --- all of it --- */

static bool start_heap(struct collection *c, size_t room, struct arena *arena)
{
    if (!heap_init(&c->heap, arena, room))
        return false;
    for (; c->count > 0; c->count--)
        insert(c, c->words[c->count - 1]);
    return true;
}

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
    return c->kind != COLLECTION_PRIORITY_QUEUE || start_heap(c, room, arena);
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

bool collection_state(const struct collection *c, struct arena *arena, struct model_state *out)
{
    out->words = arena_array(arena, c->count + c->heap.count, sizeof *out->words);
    out->count = 0;
    if (!out->words)
        return false;
    for (uint32_t i = 0; i < c->heap.count; i++)
        out->words[out->count++] = turned(c->heap.items[i].key);
    for (uint32_t i = 0; i < c->count; i++)
        if (!c->there || c->there[i])
            out->words[out->count++] = c->words[c->first + i];
    bool is_sorted = c->there || c->kind == COLLECTION_PRIORITY_QUEUE;
    if (is_sorted && out->count > 1)
        qsort(out->words, out->count, sizeof *out->words, sorting_by_number);
    return true;
}
