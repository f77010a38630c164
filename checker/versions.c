/* Contents: operations · writers · readers · unanswered writers · successors */
#include "checker/versions.h"

#include <assert.h>

#define NONE VERSION_NONE

/* Of a version whose writer found a value that nobody wrote. */
#define NOWHERE (NONE - 1)

/* --- operations --- */

bool versions_is_reader(const struct model_op *op)
{
    return op->kind == OP_READ || (op->kind == OP_CAS && op->refused && op->result != OP_NIL);
}

bool versions_replaces(const struct model_op *op)
{
    return (op->kind == OP_CAS && !op->refused) || (op->kind == OP_RMW && op->answered);
}

/* What `op`, which is a reader or replaces, saw. */
static int64_t seen_by(const struct model_op *op)
{
    return op->kind == OP_CAS && !op->refused ? op->expected : op->result;
}

static bool is_writer(const struct model_op *op)
{
    return op->kind == OP_WRITE || op->kind == OP_RMW || (op->kind == OP_CAS && !op->refused);
}

static bool is_blind(const struct model_op *op)
{
    return op->kind == OP_CAS && op->refused && op->result == OP_NIL;
}

/* What is none of a register's, or contradicts itself, or should have been left out. */
static bool is_foreign(const struct model_op *op)
{
    if (!op->answered && !is_writer(op))
        return true;
    if (op->kind == OP_CAS && op->refused)
        return op->result != OP_NIL && op->result == op->expected;
    return op->kind != OP_READ && !is_writer(op);
}

/* The state at the start is the one word of a register; false: of something else. */
static bool find_initial(struct versions *l)
{
    const struct model_ops *model = l->p->model;
    struct model_state state = {&l->initial, 1};
    if (model->words_at_start != 1 || model->words_per_op != 0)
        return false;
    model->init(l->p->initial, &state);
    return state.count == 1;
}

/* --- writers --- */

/* Number the writers into `of`, their values into `values`. */
static uint32_t number_writers(struct versions *l, int64_t *values)
{
    uint32_t count = 0;
    values[count++] = l->initial;
    for (uint32_t i = 0; i < l->p->count; i++) {
        const struct model_op *op = &l->p->ops[i].op;
        l->of[i] = NONE;
        if (is_foreign(op))
            l->state = VERSIONS_FOREIGN;
        if (is_writer(op)) {
            l->of[i] = count;
            values[count++] = op->argument;
        }
    }
    return count;
}

static void clear(struct versions *l)
{
    for (uint32_t i = 0; i < l->count; i++)
        l->at[i] = (struct version){.first_return_at_ns = INT64_MAX,
                                    .last_call_at_ns = INT64_MIN,
                                    .writer = NONE,
                                    .from = NONE,
                                    .successor = NONE,
                                    .first_reader = NONE,
                                    .last_reader = NONE};
    l->at[0].called_at_ns = l->at[0].returned_at_ns = INT64_MIN;
    l->at[0].kept = true;
}

/* A value that is there already keeps its first version; the other stays unused. The
 * initial value is not in the index: it is seldom near the others. */
static void index_values(struct versions *l, const int64_t *values)
{
    for (uint32_t i = 1; i < l->count; i++) {
        uint32_t first = 0;
        if (values[i] != l->initial)
            first = value_index_put(&l->index, values[i], i);
        l->at[first].repeated |= first != i;
    }
}

uint32_t versions_find(const struct versions *l, int64_t value)
{
    return value == l->initial ? 0 : value_index_get(&l->index, value);
}

/* --- readers --- */

static void add_reader(struct version *version, const struct timed_op *op, uint32_t number)
{
    version->reader_count++;
    if (op->returned_at_ns < version->first_return_at_ns || version->first_reader == NONE) {
        version->first_return_at_ns = op->returned_at_ns;
        version->first_reader = number;
    }
    if (op->called_at_ns > version->last_call_at_ns || version->last_reader == NONE) {
        version->last_call_at_ns = op->called_at_ns;
        version->last_reader = number;
    }
}

/* The first accusation stands. */
static void accuse(struct versions *l, enum versions_state state, uint32_t op, uint32_t other)
{
    if (l->state != VERSIONS_DISTINCT)
        return;
    l->state = state;
    l->culprit = op;
    l->other = other;
}

static void add_writer(struct versions *l, uint32_t number)
{
    const struct timed_op *op = &l->p->ops[number];
    struct version *version = &l->at[l->of[number]];
    version->writer = number;
    version->called_at_ns = op->called_at_ns;
    version->returned_at_ns = op->returned_at_ns;
    version->kept |= op->op.answered;
    if (!versions_replaces(&op->op))
        return;
    uint32_t from = versions_find(l, seen_by(&op->op));
    version->from = from == NONE ? NOWHERE : from;
    if (from == NONE && op->op.answered)
        accuse(l, VERSIONS_NOWHERE, number, NONE);
}

/* Which version a reader belongs to. Waiting for memory is most of the time: so readers
 * are looked up some operations ahead, and the version is fetched meanwhile. */
static void look_up(struct versions *l, uint32_t number)
{
    const struct model_op *op = &l->p->ops[number].op;
    if (versions_is_reader(op))
        l->of[number] = versions_find(l, seen_by(op));
    if (l->of[number] != NONE)
        __builtin_prefetch(&l->at[l->of[number]], 1);
}

static void add_operation(struct versions *l, uint32_t number)
{
    const struct timed_op *op = &l->p->ops[number];
    if (is_blind(&op->op))
        l->blind_count++;
    else if (!versions_is_reader(&op->op))
        add_writer(l, number);
    else if (l->of[number] == NONE)
        accuse(l, VERSIONS_NOWHERE, number, NONE);
    else
        add_reader(&l->at[l->of[number]], op, number);
}

static void add_operations(struct versions *l)
{
    enum { AHEAD = 16 };
    uint32_t count = (uint32_t)l->p->count;
    for (uint32_t i = 0; i < count && i < AHEAD; i++)
        look_up(l, i);
    for (uint32_t i = 0; i < count; i++) {
        if (count - i > AHEAD)
            look_up(l, i + AHEAD);
        add_operation(l, i);
    }
}

/* --- unanswered writers --- */

/* Each version is marked once, so all the walks together are as long as the list. */
static void keep_sources(struct versions *l, uint32_t version)
{
    for (; version < NOWHERE && l->at[version].place == 0; version = l->at[version].from) {
        l->at[version].kept = true;
        l->at[version].place = 1;
    }
}

static void keep_seen(struct versions *l)
{
    for (uint32_t i = 0; i < l->count; i++)
        if (l->at[i].kept || l->at[i].reader_count > 0)
            keep_sources(l, i);
    for (uint32_t i = 0; i < l->count; i++)
        l->at[i].place = 0;
}

/* --- successors --- */

static void find_repeated(struct versions *l)
{
    for (uint32_t i = 0; i < l->count && l->state == VERSIONS_DISTINCT; i++)
        if (l->at[i].kept && l->at[i].repeated)
            l->state = VERSIONS_REPEATED;
}

/* Only where values are distinct does everything that is kept certainly happen. */
static void link_successors(struct versions *l)
{
    if (l->state != VERSIONS_DISTINCT)
        return;
    for (uint32_t i = 0; i < l->count; i++) {
        const struct version *version = &l->at[i];
        if (!version->kept || version->from == NONE)
            continue;
        if (version->from == NOWHERE) {
            accuse(l, VERSIONS_NOWHERE, version->writer, NONE);
            continue;
        }
        uint32_t *successor = &l->at[version->from].successor;
        if (*successor == NONE)
            *successor = i;
        else
            accuse(l, VERSIONS_TAKEN_TWICE, l->at[*successor].writer, version->writer);
    }
}

bool versions_collect(const struct problem *p, struct budget *budget, struct arena *work,
                      struct versions *out)
{
    *out = (struct versions){.p = p, .culprit = NONE, .other = NONE};
    if (!find_initial(out)) {
        out->state = VERSIONS_FOREIGN;
        return true;
    }
    int64_t *values = arena_array(work, p->count + 1, sizeof *values);
    out->of = arena_array(work, p->count, sizeof *out->of);
    if (!values || !out->of || !budget_spend(budget, p->count))
        return false;
    out->count = number_writers(out, values);
    if (out->state == VERSIONS_FOREIGN)
        return true;
    out->at = arena_array(work, out->count, sizeof *out->at);
    if (!out->at || !value_index_init(&out->index, work, values + 1, out->count - 1))
        return false;
    clear(out);
    index_values(out, values);
    if (!budget_spend(budget, p->count))
        return false;
    add_operations(out);
    keep_seen(out);
    find_repeated(out);
    link_successors(out);
    return budget_spend(budget, out->count);
}
