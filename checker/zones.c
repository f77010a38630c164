/* Contents: values · blocks · crossing
 *
 * Levels: level 0 is the value before all writes, level i + 1 the value written by
 * the i-th writer. Returns and calls are compared as instants and remembered as the
 * operations they belong to, so that an answer can name them. */
#include "checker/zones.h"

#include <assert.h>
#include <stdlib.h>

#include "checker/int_map.h"

#define NONE UINT32_MAX

/* What happened to one value. */
struct level {
    uint32_t writer;               /* NONE: the value before all writes */
    uint32_t first_ret, last_call; /* of its reads; NONE: not read */
    uint32_t successor;            /* level of the CAS that replaced it; NONE: none did */
    bool in_block;
};

struct block {
    int64_t first_ret_ns, last_call_ns;
    uint32_t first_ret, last_call; /* operations; NONE in the first: since ever */
};

struct zones {
    const struct timed_op *ops;
    uint32_t count;
    struct arena arena;
    struct int_map level_of; /* by value */
    struct level *levels;
    struct block *blocks, **forward;
    uint32_t level_count, block_count, forward_count;
    struct zones_answer *out;
};

static bool answer(struct zones *z, enum zones_result result, uint32_t a, uint32_t b)
{
    *z->out = (struct zones_answer){.result = result, .ops = {a, b, NONE, NONE}};
    return false;
}

/* --- values --- */

static bool add_level(struct zones *z, int64_t value, uint32_t writer)
{
    uint32_t *level = int_map_put(&z->level_of, value, z->level_count);
    if (*level != z->level_count)
        return false;
    z->levels[z->level_count++] = (struct level){
        .writer = writer, .first_ret = NONE, .last_call = NONE, .successor = NONE};
    return true;
}

static bool writes(const struct model_op *op)
{
    return op->kind != OP_READ && !op->refused;
}

/* False when values do not tell who wrote them. All are put in the map even then. */
static bool collect_writers(struct zones *z)
{
    bool distinct = add_level(z, OP_NIL, NONE);
    for (uint32_t i = 0; i < z->count; i++) {
        const struct model_op *op = &z->ops[i].op;
        if (op->refused)
            distinct = false; /* tells what was not there: beyond zones */
        else if (writes(op))
            distinct = add_level(z, op->argument, i) && distinct;
    }
    return distinct;
}

/* Where values repeat, a CAS that never returned need not have happened. */
static bool values_were_written(struct zones *z, bool all_happened)
{
    for (uint32_t i = 0; i < z->count; i++) {
        const struct model_op *op = &z->ops[i].op;
        int64_t seen = op->kind == OP_READ ? op->result : op->expected;
        bool sees = op->kind == OP_READ || (op->kind == OP_CAS && !op->refused);
        sees = sees && (all_happened || z->ops[i].returned_at_ns != INT64_MAX);
        if (sees && !int_map_get(&z->level_of, seen))
            return answer(z, ZONES_UNWRITTEN, i, NONE);
    }
    return true;
}

static void add_read(struct zones *z, struct level *level, uint32_t read)
{
    if (level->first_ret == NONE ||
        z->ops[read].returned_at_ns < z->ops[level->first_ret].returned_at_ns)
        level->first_ret = read;
    if (level->last_call == NONE ||
        z->ops[read].called_at_ns > z->ops[level->last_call].called_at_ns)
        level->last_call = read;
}

static bool add_successor(struct zones *z, struct level *level, uint32_t cas)
{
    if (level->successor != NONE)
        return answer(z, ZONES_CONSUMED, z->levels[level->successor].writer, cas);
    level->successor = *int_map_get(&z->level_of, z->ops[cas].op.argument);
    return true;
}

static bool collect_readers(struct zones *z)
{
    for (uint32_t i = 0; i < z->count; i++) {
        const struct model_op *op = &z->ops[i].op;
        if (op->kind == OP_READ)
            add_read(z, &z->levels[*int_map_get(&z->level_of, op->result)], i);
        else if (op->kind == OP_CAS &&
                 !add_successor(z, &z->levels[*int_map_get(&z->level_of, op->expected)], i))
            return false;
    }
    return true;
}

/* --- blocks --- */

static bool extend(struct zones *z, struct block *b, uint32_t returns, uint32_t called)
{
    const struct timed_op *first = &z->ops[returns], *last = &z->ops[called];
    if (b->last_call != NONE && first->returned_at_ns < b->last_call_ns)
        return answer(z, ZONES_BACKWARDS, returns, b->last_call);
    if (b->last_call == NONE || last->called_at_ns > b->last_call_ns) {
        b->last_call = called;
        b->last_call_ns = last->called_at_ns;
    }
    if (first->returned_at_ns < b->first_ret_ns) {
        b->first_ret = returns;
        b->first_ret_ns = first->returned_at_ns;
    }
    return true;
}

/* A writer must not have returned before anything earlier in the block was called,
 * nor a read before its writer; reads of one value are free among themselves. */
static bool extend_by_level(struct zones *z, struct block *b, struct level *level)
{
    level->in_block = true;
    if (level->writer != NONE && !extend(z, b, level->writer, level->writer))
        return false;
    if (level->first_ret == NONE)
        return true;
    return extend(z, b, level->first_ret, level->last_call);
}

static bool build_block(struct zones *z, uint32_t root)
{
    struct block *b = &z->blocks[z->block_count++];
    *b = (struct block){.first_ret_ns = root == 0 ? INT64_MIN : INT64_MAX,
                        .last_call_ns = INT64_MIN,
                        .first_ret = NONE,
                        .last_call = NONE};
    for (uint32_t at = root; at != NONE; at = z->levels[at].successor)
        if (!extend_by_level(z, b, &z->levels[at]))
            return false;
    if (b->first_ret_ns < b->last_call_ns)
        z->forward[z->forward_count++] = b;
    return true;
}

static bool build_blocks(struct zones *z)
{
    for (uint32_t i = 0; i < z->level_count; i++) {
        uint32_t writer = z->levels[i].writer;
        bool root = writer == NONE || z->ops[writer].op.kind == OP_WRITE;
        if (root && !build_block(z, i))
            return false;
    }
    /* Every CAS follows from another value: one that no chain from a root reaches is
     * on a chain that bites its tail. */
    for (uint32_t i = 0; i < z->level_count; i++)
        if (!z->levels[i].in_block)
            return answer(z, ZONES_CYCLE, z->levels[i].writer, NONE);
    return true;
}

/* --- crossing --- */

static int by_first_ret(const void *a, const void *b)
{
    const struct block *x = *(struct block *const *)a, *y = *(struct block *const *)b;
    if (x->first_ret_ns != y->first_ret_ns)
        return x->first_ret_ns < y->first_ret_ns ? -1 : 1;
    return x < y ? -1 : x > y; /* both in one array, in the order of their writers */
}

/* Must `a` come before `b`? */
static bool precedes(const struct block *a, const struct block *b)
{
    return a->first_ret_ns < b->last_call_ns;
}

static bool crossed(struct zones *z, const struct block *a, const struct block *b)
{
    bool a_is_first =
        a->first_ret == NONE || (b->first_ret != NONE && a->last_call_ns >= b->last_call_ns);
    const struct block *first = a_is_first ? a : b, *other = a_is_first ? b : a;
    assert(precedes(first, other));
    assert(precedes(other, first));
    *z->out =
        (struct zones_answer){.result = ZONES_CROSSED,
                              .ops = {first->first_ret == NONE ? ZONES_START : first->first_ret,
                                      other->last_call, other->first_ret, first->last_call}};
    return false;
}

static bool forward_are_apart(struct zones *z)
{
    qsort(z->forward, z->forward_count, sizeof(struct block *), by_first_ret);
    for (uint32_t i = 1; i < z->forward_count; i++)
        if (z->forward[i]->first_ret_ns < z->forward[i - 1]->last_call_ns)
            return crossed(z, z->forward[i - 1], z->forward[i]);
    return true;
}

/* The last forward block with its first return before `at_ns`, or NULL. */
static const struct block *forward_before(const struct zones *z, int64_t at_ns)
{
    uint32_t low = 0, high = z->forward_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (z->forward[middle]->first_ret_ns < at_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? NULL : z->forward[low - 1];
}

/* Forward blocks are apart by now, so those before the last one that could cross
 * ended before it began. Two backward blocks never cross. */
static bool backward_fit(struct zones *z)
{
    for (uint32_t i = 0; i < z->block_count; i++) {
        const struct block *b = &z->blocks[i];
        if (b->last_call == NONE || b->first_ret_ns < b->last_call_ns)
            continue;
        const struct block *f = forward_before(z, b->last_call_ns);
        if (f && precedes(b, f))
            return crossed(z, f, b);
    }
    return true;
}

static bool allocate(struct zones *z)
{
    size_t most = (size_t)z->count + 1;
    z->levels = arena_array(&z->arena, most, sizeof *z->levels);
    z->blocks = arena_array(&z->arena, most, sizeof *z->blocks);
    z->forward = arena_array(&z->arena, most, sizeof(struct block *));
    return z->levels && z->blocks && z->forward && int_map_init(&z->level_of, &z->arena, most);
}

enum err_code zones_check(const struct timed_op *ops, size_t count, struct zones_answer *out,
                          struct err *err)
{
    assert(count < ZONES_START / 4);
    struct zones z = {.ops = ops, .count = (uint32_t)count, .out = out};
    bool ready = allocate(&z);
    answer(&z, ZONES_POSSIBLE, NONE, NONE);
    if (ready) {
        bool distinct = collect_writers(&z);
        if (values_were_written(&z, distinct) && !distinct)
            answer(&z, ZONES_REPEATED, NONE, NONE);
        else if (out->result == ZONES_POSSIBLE && collect_readers(&z) && build_blocks(&z) &&
                 forward_are_apart(&z))
            backward_fit(&z);
    }
    arena_done(&z.arena);
    return ready ? ERR_OK : err_set(err, ERR_NOMEM, "zones: out of memory");
}
