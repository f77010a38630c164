#include "checker/algorithms/op_set.h"

#include <assert.h>

bool op_sets_init(struct op_sets *s, uint32_t op_count, struct arena *work)
{
    s->greater = arena_array(work, op_count, sizeof *s->greater);
    return s->greater && word_table_add(&s->pairs, NULL, 0) == EMPTY_SET;
}

void op_sets_done(struct op_sets *s)
{
    word_table_done(&s->pairs);
}

/* Equal sets are equal pairs all the way down. */
static uint32_t pair(struct op_sets *s, uint32_t greatest, uint32_t others)
{
    return word_table_add(&s->pairs, (int64_t[]){greatest, others}, 2);
}

static const int64_t *pair_of(const struct op_sets *s, uint32_t set)
{
    uint32_t count;
    const int64_t *words = word_table_at(&s->pairs, set, &count);
    assert(count == 2);
    return words;
}

uint32_t op_set_with(struct op_sets *s, uint32_t set, uint32_t op)
{
    uint32_t count = 0;
    for (; set != EMPTY_SET && pair_of(s, set)[0] > op; count++) {
        s->greater[count] = (uint32_t)pair_of(s, set)[0];
        set = (uint32_t)pair_of(s, set)[1];
    }
    assert(set == EMPTY_SET || pair_of(s, set)[0] != op);
    set = pair(s, op, set);
    while (count > 0 && set != NO_STRING)
        set = pair(s, s->greater[--count], set);
    return set;
}

bool op_set_is_within(const struct op_sets *s, uint32_t part, uint32_t whole)
{
    while (part != EMPTY_SET && part != whole && whole != EMPTY_SET) {
        const int64_t *p = pair_of(s, part), *w = pair_of(s, whole);
        if (p[0] > w[0])
            return false;
        if (p[0] == w[0])
            part = (uint32_t)p[1];
        whole = (uint32_t)w[1];
    }
    return part == EMPTY_SET || part == whole;
}

void op_sets_clear(struct op_sets *s)
{
    word_table_clear(&s->pairs);
    uint32_t empty = word_table_add(&s->pairs, NULL, 0);
    assert(empty == EMPTY_SET); /* there was room for it before */
    (void)empty;
}

bool op_sets_are_roomy(const struct op_sets *s)
{
    return word_table_is_roomy(&s->pairs);
}
