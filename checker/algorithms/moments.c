#include "checker/algorithms/moments.h"

#include <assert.h>

#include "checker/algorithms/heap.h"

static void add(struct moments *t, uint32_t op, bool is_return)
{
    t->at[t->count++] = (struct moment){.op = op & INT32_MAX, .is_return = is_return ? 1 : 0};
}

/* Few operations are under way at a time, so their heap is small and this is as good as
 * linear. */
bool moments_make(const struct problem *p, struct arena *arena, struct moments *out)
{
    struct heap open;
    out->count = 0;
    out->at = arena_array(arena, 2 * p->count + 1, sizeof *out->at);
    if (!out->at || !heap_init(&open, arena, p->count))
        return false;
    for (uint32_t i = 0; i < p->count; i++) {
        assert(i == 0 || p->ops[i - 1].called_at_ns <= p->ops[i].called_at_ns);
        while (open.count > 0 && open.items[0].key < p->ops[i].called_at_ns)
            add(out, heap_take(&open), true);
        add(out, i, false);
        if (p->ops[i].op.answered)
            heap_push(&open, p->ops[i].returned_at_ns, i);
    }
    while (open.count > 0)
        add(out, heap_take(&open), true);
    return true;
}
