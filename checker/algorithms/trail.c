#include "checker/algorithms/trail.h"

#include <assert.h>

#include "base/counted.h"

enum { NODES_FIRST = 1024 };

static bool grow(struct trail *t)
{
    uint32_t capacity = t->capacity ? t->capacity * 2 : NODES_FIRST;
    if (capacity > UINT32_MAX / 2)
        return false;
    struct trail_node *nodes = counted_resize(t->memory, t->nodes, t->capacity * sizeof *nodes,
                                              capacity * sizeof *nodes);
    if (!nodes)
        return false;
    t->nodes = nodes;
    t->capacity = capacity;
    if (t->count == 0)
        t->nodes[t->count++] = (struct trail_node){.parent = TRAIL_START};
    return true;
}

uint32_t trail_add(struct trail *t, uint32_t parent, struct trail_step step)
{
    if (t->count == t->capacity && !grow(t))
        return UINT32_MAX;
    assert(parent < t->count);
    t->nodes[t->count] = (struct trail_node){parent, step.op, step.rank};
    return t->count++;
}

/* Parents come before their children, so one pass marks and one moves. */
bool trail_prune(struct trail *t, uint32_t *ends, size_t count)
{
    if (t->count == 0)
        return true;
    uint32_t all = t->count;
    uint32_t *place = counted_zeroed(t->memory, all, sizeof *place);
    if (!place)
        return false;
    for (size_t i = 0; i < count; i++)
        for (uint32_t at = ends[i]; at != TRAIL_START && !place[at]; at = t->nodes[at].parent)
            place[at] = 1;
    uint32_t kept = 1;
    for (uint32_t at = 1; at < t->count; at++) {
        if (!place[at])
            continue;
        t->nodes[kept] = t->nodes[at];
        t->nodes[kept].parent = place[t->nodes[at].parent];
        place[at] = kept++;
    }
    place[TRAIL_START] = TRAIL_START;
    for (size_t i = 0; i < count; i++)
        ends[i] = place[ends[i]];
    t->count = kept;
    counted_free(t->memory, place, all * sizeof *place);
    return true;
}

struct trail_step *trail_path(const struct trail *t, uint32_t end, struct arena *arena,
                              size_t *count)
{
    *count = 0;
    for (uint32_t at = end; at != TRAIL_START; at = t->nodes[at].parent)
        ++*count;
    struct trail_step *steps = arena_array(arena, *count, sizeof *steps);
    size_t left = *count;
    for (uint32_t at = end; steps && at != TRAIL_START; at = t->nodes[at].parent)
        steps[--left] = (struct trail_step){t->nodes[at].op, t->nodes[at].rank};
    return steps;
}

void trail_done(struct trail *t)
{
    counted_free(t->memory, t->nodes, t->capacity * sizeof *t->nodes);
    *t = (struct trail){.memory = t->memory};
}
