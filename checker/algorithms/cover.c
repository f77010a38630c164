/* A segment tree. A leaf holds how many stretches cover its position, less one until it
 * has been told that one alone does; once it is told as free it holds FOREVER. So what is
 * to be told is wherever a leaf is not above 0. Adds are not pushed down: the number of
 * a leaf is what it holds and all `add` above it. */
#include "checker/algorithms/cover.h"

#include <assert.h>

enum { FOREVER = INT32_MAX / 2 };

bool cover_init(struct cover *c, uint32_t positions, struct arena *arena)
{
    c->leaves = 1;
    while (c->leaves < positions)
        c->leaves *= 2;
    c->nodes = arena_array(arena, 2 * (size_t)c->leaves, sizeof *c->nodes);
    if (!c->nodes)
        return false;
    for (uint32_t i = 0; i < c->leaves; i++)
        c->nodes[c->leaves + i].least = i < positions ? 0 : FOREVER;
    return true;
}

static void pull(struct cover *c, uint32_t node)
{
    int32_t left = c->nodes[2 * node].least, right = c->nodes[2 * node + 1].least;
    c->nodes[node].least = (left < right ? left : right) + c->nodes[node].add;
}

static void pull_up(struct cover *c, uint32_t node)
{
    for (node /= 2; node > 0; node /= 2)
        pull(c, node);
}

void cover_put(struct cover *c, const struct stretch *stretches, size_t count)
{
    /* First where the numbers change, then the numbers. */
    struct cover_node *leaf = c->nodes + c->leaves;
    int32_t covered = 0;
    uint32_t marks = 0;
    for (size_t i = 0; i < count; i++) {
        const struct stretch *s = &stretches[i];
        assert(s->to <= c->leaves);
        if (s->from >= s->to)
            continue;
        leaf[s->from].add++;
        leaf[s->from].marks ^= s->mark;
        if (s->to < c->leaves) {
            leaf[s->to].add--;
            leaf[s->to].marks ^= s->mark;
        }
    }
    for (uint32_t i = 0; i < c->leaves; i++) {
        covered += leaf[i].add;
        marks ^= leaf[i].marks;
        leaf[i] = (struct cover_node){.least = leaf[i].least == FOREVER ? FOREVER : covered - 1,
                                      .marks = marks};
    }
    for (uint32_t i = c->leaves - 1; i > 0; i--)
        pull(c, i);
}

static void take_node(struct cover *c, uint32_t node, uint32_t mark)
{
    c->nodes[node].least--;
    c->nodes[node].add--;
    c->nodes[node].marks ^= mark;
}

void cover_take(struct cover *c, const struct stretch *stretch)
{
    uint32_t from = stretch->from + c->leaves, to = stretch->to + c->leaves;
    if (from >= to)
        return;
    for (uint32_t l = from, r = to; l < r; l /= 2, r /= 2) {
        if (l & 1)
            take_node(c, l++, stretch->mark);
        if (r & 1)
            take_node(c, --r, stretch->mark);
    }
    /* What is above an end lies above one of these two leaves. */
    pull_up(c, from);
    pull_up(c, to - 1);
}

bool cover_tell(struct cover *c, struct cover_news *out)
{
    if (c->nodes[1].least > 0)
        return false;
    uint32_t node = 1, marks = c->nodes[1].marks;
    int32_t above = 0;
    while (node < c->leaves) {
        above += c->nodes[node].add;
        node *= 2;
        if (c->nodes[node].least + above > 0)
            node++;
        marks ^= c->nodes[node].marks;
    }
    /* Where one stretch is left its mark is; where none is, none. */
    out->position = node - c->leaves;
    out->mark = marks;
    if (marks != 0)
        c->nodes[node].least++;
    else
        c->nodes[node].least = FOREVER;
    pull_up(c, node);
    return true;
}
