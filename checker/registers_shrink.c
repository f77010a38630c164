/* A long list of operations without an order, made into a short one. */
#include <assert.h>

#include "checker/int_map.h"
#include "checker/registers.h"

struct shrink {
    struct timed_op *ops;
    size_t count;
    uint32_t *value_of; /* by operation: the number of the value it writes or reads */
    bool *removed;      /* by value */
    struct timed_op *left;
    struct arena numbering;
    struct budget *budget;
    struct err *err;
};

static int64_t value_of(const struct model_op *op)
{
    return op->kind == OP_READ ? op->result : op->argument;
}

/* Values are numbered in the order of `ops`; returns how many there are. */
static uint32_t number_values(struct shrink *s, struct int_map *numbers)
{
    uint32_t count = 0;
    for (size_t i = 0; i < s->count; i++) {
        s->value_of[i] = *int_map_put(numbers, value_of(&s->ops[i].op), count);
        count += s->value_of[i] == count;
    }
    return count;
}

/* A CAS on a removed value cannot stay, nor then who reads what it wrote. */
static void close_over_cas(struct shrink *s, const struct int_map *numbers)
{
    for (bool again = true; again;) {
        again = false;
        for (size_t i = 0; i < s->count; i++) {
            const struct model_op *op = &s->ops[i].op;
            const uint32_t *from =
                op->kind == OP_CAS ? int_map_get(numbers, op->expected) : NULL;
            if (!from || !s->removed[*from] || s->removed[s->value_of[i]])
                continue;
            s->removed[s->value_of[i]] = true;
            again = true;
        }
    }
}

/* Keep the first `count` of `left`, if they are still impossible. A write may have
 * lost whoever saw it: then it goes too. */
static bool keep_if_impossible(struct shrink *s, size_t count)
{
    struct register_answer answer;
    if (registers_drop_unseen(s->left, &count, s->err) ||
        registers_decide(s->left, count, s->budget, &answer, s->err) ||
        answer.result != REGISTER_IMPOSSIBLE)
        return false;
    for (size_t i = 0; i < count; i++)
        s->ops[i] = s->left[i];
    s->count = count;
    return true;
}

/* Try without `size` values, from the one numbered `from`. True when they are gone. */
static bool try_without_values(struct shrink *s, const struct int_map *numbers, uint32_t values,
                               uint32_t from, uint32_t size)
{
    for (uint32_t v = 0; v < values; v++)
        s->removed[v] = v >= from && v - from < size;
    close_over_cas(s, numbers);
    size_t left = 0;
    for (size_t i = 0; i < s->count; i++)
        if (!s->removed[s->value_of[i]])
            s->left[left++] = s->ops[i];
    return left < s->count && keep_if_impossible(s, left);
}

/* Number what is left; false without memory. */
static bool renumber(struct shrink *s, struct int_map *numbers, uint32_t *values)
{
    arena_done(&s->numbering);
    if (!int_map_init(numbers, &s->numbering, s->count))
        return false;
    *values = number_values(s, numbers);
    return true;
}

/* Halves, quarters, ... single values: a list that needs few values loses most of
 * them in the first tries. */
static bool shrink_values(struct shrink *s)
{
    struct int_map numbers;
    uint32_t values;
    if (!renumber(s, &numbers, &values))
        return false;
    for (uint32_t size = values; size >= 1; size /= 2)
        for (uint32_t from = 0; from < values && !s->budget->why;) {
            if (!try_without_values(s, &numbers, values, from, size))
                from += size;
            else if (!renumber(s, &numbers, &values))
                return false;
        }
    return true;
}

/* Then single reads: nothing follows from a read. */
static void shrink_reads(struct shrink *s)
{
    for (size_t i = s->count; i-- > 0;) {
        if (s->ops[i].op.kind != OP_READ)
            continue;
        size_t left = 0;
        for (size_t k = 0; k < s->count; k++)
            if (k != i)
                s->left[left++] = s->ops[k];
        keep_if_impossible(s, left);
        if (i > s->count)
            i = s->count;
    }
}

enum err_code registers_shrink(struct timed_op *ops, size_t *count, struct budget *budget,
                               struct err *err)
{
    struct arena arena = {0};
    struct shrink s = {.ops = ops, .count = *count, .budget = budget, .err = err};
    s.value_of = arena_array(&arena, *count, sizeof *s.value_of);
    s.removed = arena_array(&arena, *count, sizeof *s.removed);
    s.left = arena_array(&arena, *count, sizeof *s.left);
    bool ready = s.value_of && s.removed && s.left && shrink_values(&s);
    if (ready)
        shrink_reads(&s);
    *count = s.count;
    arena_done(&s.numbering);
    arena_done(&arena);
    return ready ? ERR_OK : err_set(err, ERR_NOMEM, "shrinking: out of memory");
}
