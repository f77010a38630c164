#include "checker/algorithms/soonest.h"

#include <assert.h>

bool soonest_init(struct soonest *s, struct arena *arena, size_t max)
{
    s->heap = arena_array(arena, max + 1, sizeof *s->heap);
    s->count = 0;
    s->max = max;
    return s->heap != NULL;
}

static bool is_before(const struct waiting *a, const struct waiting *b)
{
    return a->until_ns != b->until_ns ? a->until_ns < b->until_ns : a->op < b->op;
}

void soonest_put(struct soonest *s, int64_t until_ns, uint32_t op)
{
    struct waiting item = {until_ns, op};
    assert(s->count < s->max);
    size_t at = s->count++;
    for (; at > 0 && is_before(&item, &s->heap[(at - 1) / 2]); at = (at - 1) / 2)
        s->heap[at] = s->heap[(at - 1) / 2];
    s->heap[at] = item;
}

uint32_t soonest_first(const struct soonest *s)
{
    assert(s->count > 0);
    return s->heap[0].op;
}

uint32_t soonest_take(struct soonest *s)
{
    uint32_t first = soonest_first(s);
    struct waiting item = s->heap[--s->count];
    size_t at = 0;
    for (;;) {
        size_t below = 2 * at + 1;
        if (below + 1 < s->count && is_before(&s->heap[below + 1], &s->heap[below]))
            below++;
        if (below >= s->count || !is_before(&s->heap[below], &item))
            break;
        s->heap[at] = s->heap[below];
        at = below;
    }
    s->heap[at] = item;
    return first;
}
