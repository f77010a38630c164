/* Contents: values · deeds · who wants what for how long · events */
#include "checker/algorithms/timeline.h"

#include <assert.h>
#include <stdlib.h>

#include "checker/algorithms/radix.h"
#include "checker/int_map.h"
#include "checker/value_index.h"

#define NEVER UINT32_MAX

struct making {
    const struct problem *p;
    struct arena *arena;
    struct timeline *t;
    struct value_index values;
    struct int_map lists; /* by where it is: the first append that has this list */
    uint32_t *returns;    /* operations in the order of their returns */
    uint32_t return_count;
    uint32_t nowhere; /* a value that nobody leaves */
};

/* --- values --- */

static uint32_t value_of(const struct making *m, int64_t value)
{
    uint32_t number = value_index_get(&m->values, value);
    return number == VALUE_ABSENT ? 0 : number;
}

/* Lists are shared by equal appends, and looked at once. */
static bool is_first_with_list(struct making *m, uint32_t op)
{
    const struct int_list *list = m->p->ops[op].op.list;
    return *int_map_put(&m->lists, (int64_t)(uintptr_t)list, op) == op;
}

static bool gather_lists(struct making *m, size_t *listed)
{
    size_t appends = 0;
    for (uint32_t i = 0; i < m->p->count; i++)
        appends += m->p->ops[i].op.kind == OP_APPEND;
    m->t->has_appends = appends > 0;
    *listed = 0;
    if (appends == 0)
        return true;
    if (!int_map_init(&m->lists, m->arena, appends))
        return false;
    for (uint32_t i = 0; i < m->p->count; i++)
        if (m->p->ops[i].op.kind == OP_APPEND && is_first_with_list(m, i))
            *listed += m->p->ops[i].op.list->count;
    return true;
}

/* Then it is a read of that. */
static bool told_what_it_found(const struct model_op *op)
{
    return op->kind == OP_CAS && op->refused && op->result != OP_NIL;
}

/* What somebody may want to see, into `out`; returns how many. */
static uint32_t gather_values(struct making *m, int64_t *out)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < m->p->count; i++) {
        const struct model_op *op = &m->p->ops[i].op;
        if (op->kind == OP_READ || (op->kind == OP_RMW && op->answered))
            out[count++] = op->result;
        else if (op->kind == OP_CAS)
            out[count++] = told_what_it_found(op) ? op->result : op->expected;
        else if (op->kind == OP_APPEND && is_first_with_list(m, i))
            for (size_t k = 0; k < op->list->count; k++)
                out[count++] = op->list->at[k];
    }
    return count;
}

/* Numbers from 1 for what somebody may want to see; 0 is all the rest. */
static bool number_values(struct making *m)
{
    size_t listed;
    if (!gather_lists(m, &listed))
        return false;
    int64_t *values = arena_array(m->arena, m->p->count + listed, sizeof *values);
    if (!values)
        return false;
    uint32_t count = gather_values(m, values);
    if (!value_index_init(&m->values, m->arena, values, count))
        return false;
    uint32_t next = 1;
    for (uint32_t i = 0; i < count; i++)
        next += value_index_put(&m->values, values[i], next) == next;
    m->nowhere = next;
    m->t->value_count = next + 1;
    return true;
}

/* Refused for what it expected it found what never is there. */
static uint32_t found_by(const struct making *m, const struct model_op *op)
{
    return op->result == op->expected ? m->nowhere : value_of(m, op->result);
}

static uint32_t first_value(const struct making *m)
{
    int64_t word;
    struct model_state first = {&word, 0};
    m->p->model->init(m->p->initial, &first);
    return value_of(m, word);
}

/* --- deeds --- */

/* A change that leaves what it finds only looks. */
static struct deed replacing(uint32_t from, uint32_t to, bool same)
{
    return (struct deed){.kind = same ? DEED_LOOK : DEED_CAS, .from = from, .to = to};
}

static struct deed deed_of(const struct making *m, const struct model_op *op)
{
    uint32_t argument = value_of(m, op->argument);
    switch (op->kind) {
    case OP_READ: return (struct deed){.kind = DEED_LOOK, .from = value_of(m, op->result)};
    case OP_CAS:
        if (told_what_it_found(op))
            return (struct deed){.kind = DEED_LOOK, .from = found_by(m, op)};
        if (op->refused)
            return (struct deed){.kind = DEED_UNLIKE, .from = value_of(m, op->expected)};
        return replacing(value_of(m, op->expected), argument, op->expected == op->argument);
    case OP_RMW:
        if (op->answered)
            return replacing(value_of(m, op->result), argument, op->result == op->argument);
        break;
    case OP_APPEND: return (struct deed){.kind = DEED_APPEND};
    default: break;
    }
    return (struct deed){.kind = DEED_WRITE, .to = argument};
}

static int by_from(const void *a, const void *b)
{
    const struct deed_pair *x = a, *y = b;
    return x->from < y->from ? -1 : x->from > y->from;
}

static bool fill_pairs(const struct making *m, const struct int_list *list, struct deed *d)
{
    struct deed_pair *pairs = arena_array(m->arena, list->count / 2, sizeof *pairs);
    d->pairs = pairs;
    d->pair_count = (uint32_t)(list->count / 2);
    if (!pairs)
        return false;
    for (uint32_t i = 0; i < d->pair_count; i++)
        pairs[i] =
            (struct deed_pair){value_of(m, list->at[2 * i]), value_of(m, list->at[2 * i + 1])};
    qsort(pairs, d->pair_count, sizeof *pairs, by_from);
    return true;
}

static bool make_deeds(struct making *m)
{
    struct deed *deeds = m->t->deeds;
    for (uint32_t i = 0; i < m->p->count; i++) {
        const struct model_op *op = &m->p->ops[i].op;
        deeds[i] = deed_of(m, op);
        deeds[i].op = i;
        deeds[i].optional = !op->answered;
        if (op->kind != OP_APPEND)
            continue;
        uint32_t first = *int_map_get(&m->lists, (int64_t)(uintptr_t)op->list);
        deeds[i].pairs = deeds[first].pairs;
        deeds[i].pair_count = deeds[first].pair_count;
        if (first == i && !fill_pairs(m, op->list, &deeds[i]))
            return false;
    }
    return true;
}

/* --- who wants what for how long --- */

static void want_value(struct timeline *t, uint32_t value, uint32_t until)
{
    if (t->wanted_until[value] < until)
        t->wanted_until[value] = until;
}

static void want(struct timeline *t, const struct deed *d, uint32_t until)
{
    if (d->kind == DEED_UNLIKE && t->unlike_until < until)
        t->unlike_until = until;
    if (d->kind == DEED_LOOK || d->kind == DEED_CAS)
        want_value(t, d->from, until);
    for (uint32_t i = 0; d->kind == DEED_APPEND && i < d->pair_count; i++)
        want_value(t, d->pairs[i].from, until);
}

static uint32_t wanted_value_for(const struct timeline *t, uint32_t value)
{
    uint32_t until = t->wanted_until[value];
    return until > t->unlike_until ? until : t->unlike_until;
}

static uint32_t wanted_for(const struct timeline *t, const struct deed *d)
{
    return d->kind == DEED_APPEND ? NEVER : wanted_value_for(t, d->to);
}

bool timeline_wants(const struct timeline *t, const struct deed *deed, uint32_t rank)
{
    return wanted_for(t, deed) > rank;
}

/* Unanswered CAS, listed by what they leave. */
struct cas_lists {
    uint32_t *first; /* by value; NEVER: none */
    uint32_t *after; /* by operation */
};

static bool list_unanswered_cas(const struct making *m, struct cas_lists *lists, size_t *count)
{
    const struct timeline *t = m->t;
    *count = 0;
    lists->first = arena_array(m->arena, t->value_count, sizeof *lists->first);
    lists->after = arena_array(m->arena, m->p->count, sizeof *lists->after);
    if (!lists->first || !lists->after)
        return false;
    for (uint32_t value = 0; value < t->value_count; value++)
        lists->first[value] = NEVER;
    for (uint32_t i = 0; i < m->p->count; i++) {
        const struct deed *d = &t->deeds[i];
        if (!d->optional || d->kind != DEED_CAS)
            continue;
        lists->after[i] = lists->first[d->to];
        lists->first[d->to] = i;
        ++*count;
    }
    return true;
}

/* From the value that is wanted longest, whoever leads to it is wanted as long. */
static void flood(struct timeline *t, const struct cas_lists *lists, uint32_t value,
                  uint32_t *stack, bool *reached)
{
    uint32_t depth = 0, until = wanted_value_for(t, value);
    stack[depth++] = value;
    reached[value] = true;
    while (depth > 0)
        for (uint32_t cas = lists->first[stack[--depth]]; cas != NEVER;
             cas = lists->after[cas]) {
            uint32_t from = t->deeds[cas].from;
            if (reached[from])
                continue;
            reached[from] = true;
            want_value(t, from, until);
            stack[depth++] = from;
        }
}

/* An unanswered CAS wants what it finds for as long as somebody wants what it leaves.
 * Values in the order of how long they are wanted: each is reached once, and then by
 * whom it is wanted longest. */
static bool pass_wants_on(struct making *m, const struct cas_lists *lists)
{
    struct timeline *t = m->t;
    struct keyed *values = arena_array(m->arena, t->value_count, sizeof *values);
    struct keyed *spare = arena_array(m->arena, t->value_count, sizeof *spare);
    uint32_t *stack = arena_array(m->arena, t->value_count, sizeof *stack);
    bool *reached = arena_array(m->arena, t->value_count, sizeof *reached);
    if (!values || !spare || !stack || !reached)
        return false;
    for (uint32_t value = 0; value < t->value_count; value++)
        values[value] = (struct keyed){NEVER - wanted_value_for(t, value), value};
    radix_sort(values, spare, t->value_count);
    for (uint32_t i = 0; i < t->value_count; i++)
        if (!reached[values[i].item])
            flood(t, lists, values[i].item, stack, reached);
    return true;
}

static bool find_wants(struct making *m)
{
    struct timeline *t = m->t;
    struct cas_lists lists;
    size_t count;
    for (uint32_t rank = 0; rank < m->return_count; rank++)
        want(t, &t->deeds[m->returns[rank]], rank + 1);
    for (uint32_t i = 0; i < m->p->count; i++)
        if (t->deeds[i].optional && t->deeds[i].kind == DEED_APPEND)
            want(t, &t->deeds[i], NEVER);
    if (!list_unanswered_cas(m, &lists, &count))
        return false;
    return count == 0 || pass_wants_on(m, &lists);
}

/* --- events --- */

static bool order_returns(struct making *m)
{
    struct keyed *items = arena_array(m->arena, m->p->count, sizeof *items);
    struct keyed *spare = arena_array(m->arena, m->p->count, sizeof *spare);
    if (!items || !spare)
        return false;
    int64_t first_ns = m->p->count > 0 ? m->p->ops[0].called_at_ns : 0;
    for (uint32_t i = 0; i < m->p->count; i++)
        if (m->p->ops[i].op.answered)
            items[m->return_count++] =
                (struct keyed){(uint64_t)m->p->ops[i].returned_at_ns - (uint64_t)first_ns, i};
    radix_sort(items, spare, m->return_count);
    for (uint32_t rank = 0; rank < m->return_count; rank++)
        m->returns[rank] = items[rank].item;
    return true;
}

/* Unanswered operations leave when nobody wants what they leave any more. */
struct leaving {
    uint32_t after, op;
};

static int by_after(const void *a, const void *b)
{
    const struct leaving *x = a, *y = b;
    if (x->after != y->after)
        return x->after < y->after ? -1 : 1;
    return x->op < y->op ? -1 : x->op > y->op;
}

static void add_event(struct timeline *t, uint32_t op, bool is_return)
{
    t->events[t->event_count++] = (struct event){op, is_return};
}

/* Calls up to and at the instant of each return come before it. One that nobody wants
 * when it is called is never there. */
static void line_up(struct making *m, const struct leaving *leaving, uint32_t leaving_count)
{
    struct timeline *t = m->t;
    const struct timed_op *ops = m->p->ops;
    uint32_t call = 0, left = 0;
    for (uint32_t rank = 0; rank <= m->return_count; rank++) {
        bool last = rank == m->return_count;
        int64_t until_ns = last ? INT64_MAX : ops[m->returns[rank]].returned_at_ns;
        for (; call < m->p->count && ops[call].called_at_ns <= until_ns; call++)
            if (!t->deeds[call].optional || wanted_for(t, &t->deeds[call]) > rank)
                add_event(t, call, false);
        if (last)
            return;
        add_event(t, m->returns[rank], true);
        for (; left < leaving_count && leaving[left].after <= rank + 1; left++)
            add_event(t, leaving[left].op, true);
    }
}

/* Chains of who can leave a value, in the order of calls. Appends can leave anything:
 * a frontier with one pending does not ask. */
static bool chain_sources(struct making *m)
{
    struct timeline *t = m->t;
    t->first_source = arena_array(m->arena, t->value_count, sizeof *t->first_source);
    t->source_after = arena_array(m->arena, m->p->count, sizeof *t->source_after);
    t->cas_after = arena_array(m->arena, m->p->count, sizeof *t->cas_after);
    if (!t->first_source || !t->source_after || !t->cas_after)
        return false;
    t->first_cas = NEVER;
    for (uint32_t value = 0; value < t->value_count; value++)
        t->first_source[value] = NEVER;
    for (uint32_t i = (uint32_t)m->p->count; i-- > 0;) {
        const struct deed *d = &t->deeds[i];
        t->source_after[i] = NEVER;
        if (d->kind != DEED_WRITE && d->kind != DEED_CAS)
            continue;
        t->source_after[i] = t->first_source[d->to];
        t->first_source[d->to] = i;
        t->cas_after[i] = t->first_cas;
        if (d->kind == DEED_CAS)
            t->first_cas = i;
    }
    return true;
}

static void rank_returns(struct making *m)
{
    for (uint32_t i = 0; i < m->p->count; i++)
        m->t->deeds[i].return_at = m->return_count + i;
    for (uint32_t rank = 0; rank < m->return_count; rank++)
        m->t->deeds[m->returns[rank]].return_at = rank;
}

/* An unanswered operation is in the row if somebody wanted it when it was called, and
 * leaves it when nobody does any more. */
static bool make_events(struct making *m)
{
    struct timeline *t = m->t;
    uint32_t count = 0, rank = 0;
    struct leaving *leaving = arena_array(m->arena, m->p->count, sizeof *leaving);
    t->events = arena_array(m->arena, 2 * m->p->count, sizeof *t->events);
    t->call_at = arena_array(m->arena, m->p->count, sizeof *t->call_at);
    if (!leaving || !t->events || !t->call_at)
        return false;
    for (uint32_t i = 0; i < m->p->count; i++) {
        const struct timed_op *op = &m->p->ops[i];
        while (rank < m->return_count &&
               m->p->ops[m->returns[rank]].returned_at_ns < op->called_at_ns)
            rank++;
        t->call_at[i] = rank;
        uint32_t until = wanted_for(t, &t->deeds[i]);
        if (t->deeds[i].optional && until > rank && until != NEVER)
            leaving[count++] = (struct leaving){until, i};
    }
    qsort(leaving, count, sizeof *leaving, by_after);
    line_up(m, leaving, count);
    rank_returns(m);
    return chain_sources(m);
}

static bool prepare(struct making *m)
{
    struct timeline *t = m->t;
    if (!number_values(m))
        return false;
    t->first_value = first_value(m);
    t->deeds = arena_array(m->arena, m->p->count, sizeof *t->deeds);
    t->wanted_until = arena_array(m->arena, t->value_count, sizeof *t->wanted_until);
    m->returns = arena_array(m->arena, m->p->count, sizeof *m->returns);
    if (!t->deeds || !t->wanted_until || !m->returns || !make_deeds(m) || !order_returns(m))
        return false;
    find_wants(m);
    return make_events(m);
}

/* A state has to be one value. */
static bool is_mine(const struct problem *p)
{
    if (p->model->words_at_start != 1 || p->model->words_per_op != 0)
        return false;
    for (size_t i = 0; i < p->count; i++)
        switch (p->ops[i].op.kind) {
        case OP_READ:
        case OP_WRITE:
        case OP_CAS:
        case OP_RMW: break;
        case OP_APPEND:
            if (p->ops[i].op.list)
                break;
            return false;
        default: return false;
        }
    return true;
}

bool timeline_make(const struct problem *p, struct arena *arena, struct timeline *out,
                   enum err_code *code, struct err *err)
{
    *out = (struct timeline){.op_count = p->count};
    struct making m = {.p = p, .arena = arena, .t = out};
    if (!is_mine(p))
        return false;
    if (prepare(&m))
        return true;
    *code = err_set(err, ERR_NOMEM, "timeline: out of memory");
    return false;
}
