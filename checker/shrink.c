/* Contents: what may go together · trying · halving · all of it
 *
 * What may be taken out of any history that has an order, so that the rest has one:
 * - an operation that was answered and leaves every state as it is;
 * - all that has to do with one value of a register: its writes, its reads, and every
 *   CAS from or to it with all that follows from that. What others saw was written by
 *   others. Not so where a refused CAS stays: without the value it may be refused for
 *   nothing;
 * - all that has to do with one element of a queue, stack, set, ...: the others keep
 *   their order. An unanswered removal that got it may as well not happen. Not so
 *   where somebody saw all elements at once. */
#include "checker/shrink.h"

#include <assert.h>
#include <string.h>

#include "checker/numbering.h"
#include "checker/part.h"

#define NO_UNIT UINT32_MAX

struct shrink {
    struct problem *p;
    struct timed_op *ops;
    struct budget *budget;
    struct arena *keep;
    struct decision *last;
    struct arena arena, numbers;
    uint32_t *unit_of; /* by operation: what it would go with; NO_UNIT: it stays */
    uint32_t unit_count;
    uint32_t *from_unit; /* by operation: the unit of what it found, a CAS or RMW */
    bool *removed;       /* by unit */
    /* Operations by the unit of what they found, as lists that end with NO_UNIT: the
     * first, by unit; the next, by operation. */
    uint32_t *first_from, *next_from;
    uint32_t *waiting; /* units that are removed, and what follows from that is not yet */
    uint32_t *kept;
    struct timed_op *tried;
    bool is_short; /* an algorithm gave a proof: there is no shorter one to look for */
};

/* --- what may go together --- */

/* Is there any operation that forbids to take out values or elements? */
static bool is_tied(const struct shrink *s)
{
    for (size_t i = 0; i < s->p->count; i++)
        if (s->ops[i].op.refused || s->ops[i].op.list)
            return true;
    return false;
}

static bool gets_something(enum op_kind kind)
{
    return kind == OP_READ || kind == OP_DEQUEUE || kind == OP_POP || kind == OP_POLL ||
           kind == OP_PEEK || kind == OP_GENERATE;
}

/* The value or element that an operation goes with; false: with none. */
static bool goes_with(const struct timed_op *op, enum grouping grouping, int64_t *value)
{
    if (!gets_something(op->op.kind)) {
        *value = op->op.argument;
        return true;
    }
    *value = op->op.result;
    return op->op.answered && (grouping == GROUPING_VALUE || op->op.result != OP_NIL);
}

/* What a CAS or an RMW found; false: it found nothing that is known. */
static bool found(const struct model_op *op, int64_t *value)
{
    *value = op->kind == OP_CAS ? op->expected : op->result;
    return op->kind == OP_CAS || (op->kind == OP_RMW && op->answered);
}

/* Who would find nothing without which unit. */
static void list_by_found(struct shrink *s)
{
    for (uint32_t u = 0; u < s->unit_count; u++)
        s->first_from[u] = NO_UNIT;
    for (size_t i = 0; i < s->p->count; i++) {
        uint32_t from = s->from_unit[i];
        if (from == NO_UNIT)
            continue;
        s->next_from[i] = s->first_from[from];
        s->first_from[from] = (uint32_t)i;
    }
}

static bool unite_by_value(struct shrink *s, enum grouping grouping)
{
    struct numbering numbers;
    int64_t value;
    arena_done(&s->numbers);
    if (!numbering_init(&numbers, &s->numbers))
        return false;
    for (size_t i = 0; i < s->p->count; i++) {
        s->unit_of[i] = s->from_unit[i] = NO_UNIT;
        if (goes_with(&s->ops[i], grouping, &value))
            s->unit_of[i] = numbering_of(&numbers, value);
        if (grouping == GROUPING_VALUE && found(&s->ops[i].op, &value))
            s->from_unit[i] = numbering_of(&numbers, value);
    }
    s->unit_count = numbers.count;
    list_by_found(s);
    return true;
}

/* Each operation that only looks, for itself. */
static bool unite_looks(struct shrink *s, enum grouping grouping)
{
    (void)grouping;
    s->unit_count = 0;
    for (size_t i = 0; i < s->p->count; i++) {
        const struct model_op *op = &s->ops[i].op;
        bool looks = op->answered && s->p->model->only_looks(op);
        s->unit_of[i] = looks ? s->unit_count++ : NO_UNIT;
        s->from_unit[i] = NO_UNIT;
    }
    list_by_found(s);
    return true;
}

/* --- trying --- */

/* Decide the operations `kept`, and keep them alone if they are still impossible. */
static bool keep_if_impossible(struct shrink *s, size_t count)
{
    struct arena keep = {.memory = s->budget->memory};
    struct decision d;
    struct problem part = part_kept(s->p, s->kept, count, s->tried);
    portfolio_decide(&part, s->budget, &keep, &d);
    bool impossible = d.finding.value == FINDING_NO_ORDER;
    if (impossible) {
        memcpy(s->ops, s->tried, count * sizeof *s->ops);
        s->p->count = count;
        *s->last = d;
        arena_done(s->keep);
        *s->keep = keep;
    } else {
        arena_done(&keep);
    }
    return impossible;
}

/* Nothing is left to do where an algorithm knows which operations are to blame. */
static bool take_proof(struct shrink *s)
{
    const struct finding *f = &s->last->finding;
    if (!f->proof)
        return false;
    size_t count = f->proof_count;
    memcpy(s->kept, f->proof, count * sizeof *s->kept);
    s->is_short = count == s->p->count || keep_if_impossible(s, count);
    return s->is_short;
}

/* A CAS from what is removed cannot stay, nor then what it made. */
static void close_over_found(struct shrink *s)
{
    uint32_t waiting = 0;
    for (uint32_t u = 0; u < s->unit_count; u++)
        if (s->removed[u])
            s->waiting[waiting++] = u;
    while (waiting > 0)
        for (uint32_t i = s->first_from[s->waiting[--waiting]], next; i != NO_UNIT; i = next) {
            uint32_t to = s->unit_of[i];
            next = s->next_from[i];
            if (to == NO_UNIT || s->removed[to])
                continue;
            s->removed[to] = true;
            s->waiting[waiting++] = to;
        }
}

/* Keep all but `size` units, from the one numbered `from`; returns how many are left. */
static size_t leave_out(struct shrink *s, uint32_t from, uint32_t size)
{
    for (uint32_t u = 0; u < s->unit_count; u++)
        s->removed[u] = u >= from && u - from < size;
    close_over_found(s);
    size_t count = 0;
    for (size_t i = 0; i < s->p->count; i++)
        if (s->unit_of[i] == NO_UNIT || !s->removed[s->unit_of[i]])
            s->kept[count++] = (uint32_t)i;
    return count;
}

static bool try_without(struct shrink *s, uint32_t from, uint32_t size)
{
    size_t count = leave_out(s, from, size);
    return count < s->p->count && keep_if_impossible(s, count);
}

/* --- halving --- */

typedef bool (*unite)(struct shrink *s, enum grouping grouping);

/* Halves, quarters, ... single units: a list that needs few of them loses most in the
 * first tries. False without memory. */
static bool shrink_by(struct shrink *s, unite make, enum grouping grouping)
{
    if (!make(s, grouping))
        return false;
    for (uint32_t size = s->unit_count; size >= 1; size /= 2)
        for (uint32_t from = 0; from < s->unit_count && !s->budget->why && !s->is_short;) {
            if (!try_without(s, from, size))
                from += size;
            else if (take_proof(s))
                return true;
            else if (!make(s, grouping))
                return false;
        }
    return true;
}

/* --- all of it --- */

static bool allocate(struct shrink *s)
{
    size_t n = s->p->count;
    s->unit_of = arena_array(&s->arena, n, sizeof *s->unit_of);
    s->from_unit = arena_array(&s->arena, n, sizeof *s->from_unit);
    s->removed = arena_array(&s->arena, 2 * n, sizeof *s->removed);
    s->first_from = arena_array(&s->arena, 2 * n, sizeof *s->first_from);
    s->next_from = arena_array(&s->arena, n, sizeof *s->next_from);
    s->waiting = arena_array(&s->arena, 2 * n, sizeof *s->waiting);
    s->kept = arena_array(&s->arena, n, sizeof *s->kept);
    s->tried = arena_array(&s->arena, n, sizeof *s->tried);
    return s->unit_of && s->from_unit && s->removed && s->first_from && s->next_from &&
           s->waiting && s->kept && s->tried;
}

/* Whatever ties values together may turn out not to be needed at all. */
static size_t leave_out_ties(struct shrink *s)
{
    size_t count = 0;
    for (size_t i = 0; i < s->p->count; i++) {
        const struct model_op *op = &s->ops[i].op;
        bool goes = (op->refused || op->list) && s->p->model->only_looks(op);
        if (!goes)
            s->kept[count++] = (uint32_t)i;
    }
    return count;
}

static bool shrink(struct shrink *s)
{
    enum grouping grouping = s->p->model->grouping;
    if (!allocate(s))
        return false;
    if (take_proof(s))
        return true;
    if (grouping != GROUPING_NONE && is_tied(s))
        (void)keep_if_impossible(s, leave_out_ties(s));
    if (grouping != GROUPING_NONE && !is_tied(s) && !shrink_by(s, unite_by_value, grouping))
        return false;
    return s->is_short || shrink_by(s, unite_looks, grouping);
}

enum err_code shrink_ops(struct problem *p, struct timed_op *ops, struct budget *budget,
                         struct arena *keep, struct decision *last, struct err *err)
{
    assert(p->ops == ops);
    struct shrink s = {.p = p,
                       .ops = ops,
                       .budget = budget,
                       .keep = keep,
                       .last = last,
                       .arena = {.memory = budget->memory},
                       .numbers = {.memory = budget->memory}};
    bool ready = shrink(&s);
    arena_done(&s.numbers);
    arena_done(&s.arena);
    return ready ? ERR_OK : err_set(err, ERR_NOMEM, "shrinking: out of memory");
}

static bool choose_unit(struct shrink *s, uint32_t number, size_t *count)
{
    enum grouping grouping = s->p->model->grouping;
    if (grouping != GROUPING_NONE && is_tied(s)) {
        if (number == 0)
            *count = leave_out_ties(s);
        if (number-- == 0)
            return true;
    } else if (grouping != GROUPING_NONE) {
        if (!unite_by_value(s, grouping))
            return false;
        if (number < s->unit_count) {
            *count = leave_out(s, number, 1);
            return true;
        }
        number -= s->unit_count;
    }
    if (!unite_looks(s, grouping) || number >= s->unit_count)
        return false;
    *count = leave_out(s, number, 1);
    return true;
}

bool shrink_without(const struct problem *p, uint32_t number, uint32_t *kept, size_t *count)
{
    struct problem own = *p;
    struct shrink s = {.p = &own};
    s.ops = arena_array(&s.arena, p->count, sizeof *s.ops);
    bool ready = s.ops && allocate(&s);
    if (ready) {
        memcpy(s.ops, p->ops, p->count * sizeof *s.ops);
        own.ops = s.ops;
        ready = choose_unit(&s, number, count);
    }
    if (ready)
        memcpy(kept, s.kept, *count * sizeof *kept);
    arena_done(&s.numbers);
    arena_done(&s.arena);
    return ready;
}
