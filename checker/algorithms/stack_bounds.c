#include "checker/algorithms/stack_bounds.h"

/* Who got an element, by position of his call: a tree for the one who returns first of
 * all who call after a position (Fenwick, from the end). */
struct latest {
    const struct stack *s;
    uint32_t *by, *below;
};

static bool returns_first(const struct latest *l, uint32_t a, uint32_t b)
{
    return b == STACK_NOBODY || l->s->returned[a] < l->s->returned[b];
}

static void put(struct latest *l, uint32_t op, uint32_t element)
{
    for (uint32_t at = l->s->end - l->s->called[op] + 1; at <= l->s->end + 1; at += at & -at)
        if (returns_first(l, op, l->by[at])) {
            l->by[at] = op;
            l->below[at] = element;
        }
}

/* Of those called after `position`. */
static void get(const struct latest *l, uint32_t position, uint32_t *by, uint32_t *below)
{
    *by = *below = STACK_NOBODY;
    for (uint32_t at = l->s->end - position; at > 0; at -= at & -at)
        if (l->by[at] != STACK_NOBODY && returns_first(l, l->by[at], *by)) {
            *by = l->by[at];
            *below = l->below[at];
        }
}

static void put_element(struct latest *l, uint32_t element)
{
    const struct stack_element *e = &l->s->elements[element];
    for (uint32_t i = 0; i < e->peek_count; i++)
        put(l, l->s->peeks[e->first_peek + i], element);
    if (e->pop != STACK_NOBODY)
        put(l, e->pop, element);
}

/* Elements by a position of theirs, those of position i from first[i] on. */
struct shelf {
    uint32_t *first, *elements;
};

static uint32_t place(const struct stack *s, uint32_t element, bool by_push)
{
    const struct stack_element *e = &s->elements[element];
    return by_push ? s->called[e->push] : e->early;
}

static bool shelf_fill(const struct stack *s, bool by_push, struct arena *arena,
                       struct shelf *out)
{
    out->first = arena_array(arena, s->end + (size_t)3, sizeof *out->first);
    out->elements = arena_array(arena, s->count + (size_t)1, sizeof *out->elements);
    if (!out->first || !out->elements)
        return false;
    for (uint32_t i = 0; i < s->count; i++)
        out->first[place(s, i, by_push) + 2]++;
    for (uint32_t i = 2; i <= s->end + 2; i++)
        out->first[i] += out->first[i - 1];
    for (uint32_t i = 0; i < s->count; i++)
        out->elements[out->first[place(s, i, by_push) + 1]++] = i;
    return true;
}

bool stack_bounds_find(const struct stack *s, struct arena *arena, struct stack_bounds *out)
{
    struct latest latest = {.s = s};
    struct shelf pushes, starts;
    size_t positions = s->end + (size_t)2;
    latest.by = arena_array(arena, positions, sizeof *latest.by);
    latest.below = arena_array(arena, positions, sizeof *latest.below);
    out->by = arena_array(arena, s->count + (size_t)1, sizeof *out->by);
    out->below = arena_array(arena, s->count + (size_t)1, sizeof *out->below);
    if (!latest.by || !latest.below || !out->by || !out->below ||
        !shelf_fill(s, true, arena, &pushes) || !shelf_fill(s, false, arena, &starts))
        return false;
    for (size_t i = 0; i < positions; i++)
        latest.by[i] = STACK_NOBODY;
    for (uint32_t i = 0; i < s->empty_count; i++)
        put(&latest, s->empties[i], STACK_NOBODY);
    /* An element lies below those that were pushed after it was there for certain. */
    for (uint32_t at = 0; at <= s->end; at++) {
        for (uint32_t i = pushes.first[at]; i < pushes.first[at + 1]; i++) {
            uint32_t element = pushes.elements[i];
            get(&latest, s->elements[element].early, &out->by[element], &out->below[element]);
        }
        for (uint32_t i = starts.first[at]; i < starts.first[at + 1]; i++)
            put_element(&latest, starts.elements[i]);
    }
    return true;
}
