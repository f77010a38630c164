/* Contents: blocks · what a proof takes · candidates · choosing */
#include "checker/crossing.h"

#include "checker/int_map.h"

#define NONE ZONES_START

struct crossing {
    const struct timed_op *ops;
    uint32_t count;
    struct arena arena;
    struct int_map writer_of; /* by value */
    uint32_t *root;           /* by operation: the write its block begins with, or NONE */
    uint32_t best[4];
    uint32_t best_cost;
};

static bool is_read(const struct crossing *x, uint32_t op)
{
    return x->ops[op].op.kind == OP_READ;
}

/* --- blocks --- */

/* Who wrote what `op` saw; NONE: it saw nothing, or did not look. */
static uint32_t source(const struct crossing *x, uint32_t op)
{
    const struct model_op *seen = &x->ops[op].op;
    if (seen->kind == OP_WRITE)
        return NONE;
    const uint32_t *writer =
        int_map_get(&x->writer_of, seen->kind == OP_READ ? seen->result : seen->expected);
    return writer ? *writer : NONE;
}

#define UNKNOWN (NONE - 1)

/* Zones has made sure that no chain of CAS bites its tail. */
static void find_root(struct crossing *x, uint32_t op)
{
    uint32_t last = op;
    while (x->root[last] == UNKNOWN && source(x, last) != NONE)
        last = source(x, last);
    uint32_t root = x->root[last];
    if (root == UNKNOWN)
        root = x->ops[last].op.kind == OP_WRITE ? last : NONE;
    for (uint32_t at = op; at != NONE && x->root[at] == UNKNOWN; at = source(x, at))
        x->root[at] = root;
}

static bool find_blocks(struct crossing *x)
{
    x->root = arena_array(&x->arena, x->count, sizeof *x->root);
    if (!x->root || !int_map_init(&x->writer_of, &x->arena, x->count))
        return false;
    for (uint32_t i = 0; i < x->count; i++)
        if (!is_read(x, i))
            int_map_put(&x->writer_of, x->ops[i].op.argument, i);
    for (uint32_t i = 0; i < x->count; i++)
        x->root[i] = UNKNOWN;
    for (uint32_t i = 0; i < x->count; i++)
        find_root(x, i);
    return true;
}

/* --- what a proof takes --- */

static bool before(const struct crossing *x, uint32_t a, uint32_t b)
{
    return a == ZONES_START || x->ops[a].returned_at_ns < x->ops[b].called_at_ns;
}

static uint32_t add_distinct(uint32_t *shown, uint32_t count, uint32_t op)
{
    for (uint32_t i = 0; i < count; i++)
        if (shown[i] == op)
            return count;
    if (op != NONE)
        shown[count++] = op;
    return count;
}

/* Operations to be shown, first of all; then: is the last one a read? */
static uint32_t cost(const struct crossing *x, const uint32_t *four)
{
    uint32_t shown[8], count = 0;
    for (int i = 0; i < 4; i++) {
        count = add_distinct(shown, count, four[i]);
        if (four[i] != ZONES_START)
            count = add_distinct(shown, count, source(x, four[i]));
    }
    return 2 * count + !is_read(x, four[3]);
}

static void consider(struct crossing *x, const uint32_t *four)
{
    if (!before(x, four[0], four[1]) || !before(x, four[2], four[3]))
        return;
    uint32_t its_cost = cost(x, four);
    if (its_cost >= x->best_cost)
        return;
    x->best_cost = its_cost;
    for (int i = 0; i < 4; i++)
        x->best[i] = four[i];
}

/* --- candidates --- */

/* In a block: who returned first, and who was called last, of its writes and of all. */
struct extremes {
    uint32_t first[2], last[2];
};

static void note(const struct crossing *x, uint32_t op, uint32_t *first, uint32_t *last)
{
    if (*first == NONE || x->ops[op].returned_at_ns < x->ops[*first].returned_at_ns)
        *first = op;
    if (*last == NONE || x->ops[op].called_at_ns > x->ops[*last].called_at_ns)
        *last = op;
}

static struct extremes extremes_of(const struct crossing *x, uint32_t root)
{
    struct extremes e = {{NONE, NONE}, {NONE, NONE}};
    for (uint32_t i = 0; i < x->count; i++) {
        if (x->root[i] != root)
            continue;
        if (!is_read(x, i))
            note(x, i, &e.first[0], &e.last[0]);
        note(x, i, &e.first[1], &e.last[1]);
    }
    return e;
}

/* The first operation of the block that was called when `op` had returned. Reads are
 * looked for first: a write is never stale. */
static uint32_t first_after(const struct crossing *x, uint32_t root, uint32_t op)
{
    for (int reads = 1; reads >= 0; reads--)
        for (uint32_t i = 0; i < x->count; i++)
            if (x->root[i] == root && is_read(x, i) == reads && before(x, op, i))
                return i;
    return NONE;
}

/* Every way to say that `other` came between the write of `root` and a read of it. */
static void consider_role(struct crossing *x, uint32_t root, uint32_t other)
{
    struct extremes mine = extremes_of(x, root), its = extremes_of(x, other);
    for (int way = 0; way < 8; way++) {
        uint32_t four[4] = {root == NONE ? ZONES_START : mine.first[way & 1],
                            its.last[(way >> 1) & 1], its.first[(way >> 2) & 1], NONE};
        if (root == NONE)
            four[1] = four[2]; /* all of it is after the start */
        if (four[1] == NONE || four[2] == NONE || (root != NONE && four[0] == NONE))
            continue;
        four[3] = first_after(x, root, four[2]);
        if (four[3] != NONE)
            consider(x, four);
    }
}

/* --- choosing --- */

enum err_code crossing_choose(const struct timed_op *ops, size_t count,
                              struct zones_answer *crossed, struct err *err)
{
    struct crossing x = {.ops = ops, .count = (uint32_t)count, .best_cost = UINT32_MAX};
    bool ready = find_blocks(&x);
    if (ready) {
        uint32_t first = x.root[crossed->ops[3]], other = x.root[crossed->ops[1]];
        consider(&x, crossed->ops);
        consider_role(&x, first, other);
        if (first != NONE && other != NONE)
            consider_role(&x, other, first);
        for (int i = 0; i < 4; i++)
            crossed->ops[i] = x.best[i];
    }
    arena_done(&x.arena);
    return ready ? ERR_OK : err_set(err, ERR_NOMEM, "crossing: out of memory");
}
