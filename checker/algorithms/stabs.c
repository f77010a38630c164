#include "checker/algorithms/stabs.h"

bool stabs_init(struct stabs *s, uint32_t count, struct arena *arena)
{
    s->leaves = 1;
    while (s->leaves < count)
        s->leaves *= 2;
    s->furthest = arena_array(arena, 2 * (size_t)s->leaves, sizeof *s->furthest);
    return s->furthest != NULL;
}

void stabs_put(struct stabs *s, uint32_t i, uint32_t last)
{
    s->furthest[s->leaves + i] = last + 1;
}

static void pull(struct stabs *s, uint32_t node)
{
    uint32_t left = s->furthest[2 * node], right = s->furthest[2 * node + 1];
    s->furthest[node] = left > right ? left : right;
}

void stabs_ready(struct stabs *s)
{
    for (uint32_t i = s->leaves - 1; i > 0; i--)
        pull(s, i);
}

/* The first leaf from `leaf` on that reaches `point`: up while nothing on the right does,
 * then down. */
static uint32_t find(const struct stabs *s, uint32_t leaf, uint32_t point)
{
    uint32_t node = leaf;
    while (s->furthest[node] <= point) {
        while (node & 1) { /* a right child, or the root */
            node /= 2;
            if (node <= 1)
                return STABS_NONE;
        }
        node++;
    }
    while (node < s->leaves) {
        node *= 2;
        if (s->furthest[node] <= point)
            node++;
    }
    return node;
}

uint32_t stabs_take(struct stabs *s, uint32_t from, uint32_t to, uint32_t point)
{
    if (from >= to)
        return STABS_NONE;
    uint32_t node = find(s, s->leaves + from, point);
    if (node == STABS_NONE || node >= s->leaves + to)
        return STABS_NONE;
    uint32_t found = node - s->leaves;
    s->furthest[node] = 0;
    for (node /= 2; node > 0; node /= 2)
        pull(s, node);
    return found;
}
