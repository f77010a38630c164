#include "checker/algorithms/stack_elements.h"

#include "checker/algorithms/moments.h"
#include "checker/int_map.h"

struct collector {
    struct stack *s;
    struct int_map element; /* -> its number */
    struct stack_complaint *complaint;
};

static const struct model_op *op_of(const struct stack *s, uint32_t op)
{
    return &s->p->ops[op].op;
}

static bool number_positions(struct stack *s, struct arena *arena)
{
    struct moments time;
    int64_t last_ns = INT64_MIN;
    uint32_t position = 0;
    s->called = arena_array(arena, s->p->count + 1, sizeof *s->called);
    s->returned = arena_array(arena, s->p->count + 1, sizeof *s->returned);
    if (!s->called || !s->returned || !moments_make(s->p, arena, &time))
        return false;
    for (size_t i = 0; i < time.count; i++) {
        uint32_t op = time.at[i].op;
        const struct timed_op *timed = &s->p->ops[op];
        bool returns = time.at[i].is_return;
        int64_t at_ns = returns ? timed->returned_at_ns : timed->called_at_ns;
        if (i > 0 && at_ns != last_ns)
            position++;
        last_ns = at_ns;
        *(returns ? &s->returned[op] : &s->called[op]) = position;
    }
    s->end = position + 1;
    for (uint32_t i = 0; i < s->p->count; i++)
        if (!s->p->ops[i].op.answered)
            s->returned[i] = s->end;
    return true;
}

static bool complain(struct collector *c, enum stack_trouble trouble, uint32_t a, uint32_t b,
                     uint32_t push)
{
    *c->complaint = (struct stack_complaint){trouble, {a, b, push}};
    return false;
}

static bool is_get(const struct model_op *op)
{
    return op->kind == OP_POP || op->kind == OP_PEEK;
}

/* All pushes, seen or not. */
static bool collect_pushes(struct collector *c)
{
    struct stack *s = c->s;
    for (uint32_t i = 0; i < s->p->count; i++) {
        if (op_of(s, i)->kind != OP_PUSH)
            continue;
        if (*int_map_put(&c->element, op_of(s, i)->argument, s->count) != s->count)
            return complain(c, STACK_REPEATED, i, i, i);
        s->elements[s->count++] = (struct stack_element){.push = i, .pop = STACK_NOBODY};
    }
    return true;
}

/* Who got an element: its pop, and how many peeks it has. */
static bool collect_gets(struct collector *c)
{
    struct stack *s = c->s;
    for (uint32_t i = 0; i < s->p->count; i++) {
        const struct model_op *op = op_of(s, i);
        if (!is_get(op))
            continue;
        if (!op->answered) {
            if (op->kind == OP_POP)
                s->open_pops[s->open_pop_count++] = i;
            continue;
        }
        if (op->result == OP_NIL) {
            s->empties[s->empty_count++] = i;
            continue;
        }
        const uint32_t *known = int_map_get(&c->element, op->result);
        if (!known)
            return complain(c, STACK_UNPUSHED, i, i, i);
        struct stack_element *e = &s->elements[*known];
        if (op->kind == OP_PEEK)
            e->peek_count++;
        else if (e->pop != STACK_NOBODY)
            return complain(c, STACK_POPPED_TWICE, e->pop, i, e->push);
        else
            e->pop = i;
    }
    return true;
}

static void collect_peeks(struct collector *c)
{
    struct stack *s = c->s;
    uint32_t next = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        s->elements[i].first_peek = next;
        next += s->elements[i].peek_count;
        s->elements[i].peek_count = 0;
    }
    for (uint32_t i = 0; i < s->p->count; i++) {
        const struct model_op *op = op_of(s, i);
        if (op->kind != OP_PEEK || !model_op_told(op))
            continue;
        struct stack_element *e = &s->elements[*int_map_get(&c->element, op->result)];
        s->peeks[e->first_peek + e->peek_count++] = i;
    }
}

/* Each of them is after its push, and before its pop. */
static bool find_times(struct collector *c, struct stack_element *e)
{
    struct stack *s = c->s;
    e->early = s->returned[e->push];
    e->late = s->called[e->push];
    for (uint32_t i = 0; i <= e->peek_count; i++) {
        uint32_t op = i < e->peek_count ? s->peeks[e->first_peek + i] : e->pop;
        if (op == STACK_NOBODY)
            continue;
        if (s->returned[op] < s->called[e->push])
            return complain(c, STACK_BACKWARDS, op, e->push, e->push);
        if (e->pop != STACK_NOBODY && s->returned[e->pop] < s->called[op])
            return complain(c, STACK_BACKWARDS, e->pop, op, e->push);
        if (s->returned[op] < e->early)
            e->early = s->returned[op];
        if (s->called[op] > e->late)
            e->late = s->called[op];
    }
    return true;
}

static bool keep_seen(struct collector *c)
{
    struct stack *s = c->s;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        struct stack_element *e = &s->elements[i];
        bool seen = e->pop != STACK_NOBODY || e->peek_count > 0;
        if (!find_times(c, e))
            return false;
        if (seen || op_of(s, e->push)->answered)
            s->elements[kept++] = *e;
    }
    s->count = kept;
    return true;
}

bool stack_collect(const struct problem *p, struct arena *arena, struct stack *out,
                   struct stack_complaint *complaint)
{
    struct collector c = {.s = out, .complaint = complaint};
    *out = (struct stack){.p = p};
    *complaint = (struct stack_complaint){.trouble = STACK_FINE};
    out->elements = arena_array(arena, p->count + 1, sizeof *out->elements);
    out->peeks = arena_array(arena, p->count + 1, sizeof *out->peeks);
    out->empties = arena_array(arena, p->count + 1, sizeof *out->empties);
    out->open_pops = arena_array(arena, p->count + 1, sizeof *out->open_pops);
    if (!out->elements || !out->peeks || !out->empties || !out->open_pops ||
        !int_map_init(&c.element, arena, p->count) || !number_positions(out, arena))
        return false;
    if (!collect_pushes(&c) || !collect_gets(&c))
        return true;
    collect_peeks(&c);
    (void)keep_seen(&c);
    return true;
}
