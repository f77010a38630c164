/* Contents: operations · writers · readers · unanswered writers · successors */
#include "checker/levels.h"

#include <assert.h>

#define NONE LEVEL_NONE

/* Of a level whose writer found a value that nobody wrote. */
#define NOWHERE (NONE - 1)

/* --- operations --- */

bool levels_is_reader(const struct model_op *op)
{
    return op->kind == OP_READ || (op->kind == OP_CAS && op->refused && op->result != OP_NIL);
}

bool levels_replaces(const struct model_op *op)
{
    return (op->kind == OP_CAS && !op->refused) || (op->kind == OP_RMW && op->answered);
}

int64_t levels_seen(const struct model_op *op)
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
static bool find_initial(struct levels *l)
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
static uint32_t number_writers(struct levels *l, int64_t *values)
{
    uint32_t count = 0;
    values[count++] = l->initial;
    for (uint32_t i = 0; i < l->p->count; i++) {
        const struct model_op *op = &l->p->ops[i].op;
        l->of[i] = NONE;
        if (is_foreign(op))
            l->state = LEVELS_FOREIGN;
        if (is_writer(op)) {
            l->of[i] = count;
            values[count++] = op->argument;
        }
    }
    return count;
}

static void clear(struct levels *l)
{
    for (uint32_t i = 0; i < l->count; i++)
        l->at[i] = (struct level){.first_return_at_ns = INT64_MAX,
                                  .last_call_at_ns = INT64_MIN,
                                  .writer = NONE,
                                  .from = NONE,
                                  .successor = NONE,
                                  .first_reader = NONE,
                                  .last_reader = NONE};
    l->at[0].called_at_ns = l->at[0].returned_at_ns = INT64_MIN;
    l->at[0].kept = true;
}

/* A value that is there already keeps its first level; the other stays unused. The
 * initial value is not in the index: it is seldom near the others. */
static void index_values(struct levels *l, const int64_t *values)
{
    for (uint32_t i = 1; i < l->count; i++) {
        uint32_t first = 0;
        if (values[i] != l->initial)
            first = value_index_put(&l->index, values[i], i);
        l->at[first].repeated |= first != i;
    }
}

uint32_t levels_find(const struct levels *l, int64_t value)
{
    return value == l->initial ? 0 : value_index_get(&l->index, value);
}

/* --- readers --- */

static void add_reader(struct level *level, const struct timed_op *op, uint32_t number)
{
    level->reader_count++;
    if (op->returned_at_ns < level->first_return_at_ns || level->first_reader == NONE) {
        level->first_return_at_ns = op->returned_at_ns;
        level->first_reader = number;
    }
    if (op->called_at_ns > level->last_call_at_ns || level->last_reader == NONE) {
        level->last_call_at_ns = op->called_at_ns;
        level->last_reader = number;
    }
}

/* The first accusation stands. */
static void accuse(struct levels *l, enum levels_state state, uint32_t op, uint32_t other)
{
    if (l->state != LEVELS_DISTINCT)
        return;
    l->state = state;
    l->culprit = op;
    l->other = other;
}

static void add_writer(struct levels *l, uint32_t number)
{
    const struct timed_op *op = &l->p->ops[number];
    struct level *level = &l->at[l->of[number]];
    level->writer = number;
    level->called_at_ns = op->called_at_ns;
    level->returned_at_ns = op->returned_at_ns;
    level->kept |= op->op.answered;
    if (!levels_replaces(&op->op))
        return;
    uint32_t from = levels_find(l, levels_seen(&op->op));
    level->from = from == NONE ? NOWHERE : from;
    if (from == NONE && op->op.answered)
        accuse(l, LEVELS_NOWHERE, number, NONE);
}

/* Which level a reader belongs to. Waiting for memory is most of the time: so readers
 * are looked up some operations ahead, and the level is fetched meanwhile. */
static void look_up(struct levels *l, uint32_t number)
{
    const struct model_op *op = &l->p->ops[number].op;
    if (levels_is_reader(op))
        l->of[number] = levels_find(l, levels_seen(op));
    if (l->of[number] != NONE)
        __builtin_prefetch(&l->at[l->of[number]], 1);
}

static void add_operation(struct levels *l, uint32_t number)
{
    const struct timed_op *op = &l->p->ops[number];
    if (is_blind(&op->op))
        l->blind_count++;
    else if (!levels_is_reader(&op->op))
        add_writer(l, number);
    else if (l->of[number] == NONE)
        accuse(l, LEVELS_NOWHERE, number, NONE);
    else
        add_reader(&l->at[l->of[number]], op, number);
}

static void add_operations(struct levels *l)
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

/* Each level is marked once, so all the walks together are as long as the list. */
static void keep_sources(struct levels *l, uint32_t level)
{
    for (; level < NOWHERE && l->at[level].place == 0; level = l->at[level].from) {
        l->at[level].kept = true;
        l->at[level].place = 1;
    }
}

static void keep_seen(struct levels *l)
{
    for (uint32_t i = 0; i < l->count; i++)
        if (l->at[i].kept || l->at[i].reader_count > 0)
            keep_sources(l, i);
    for (uint32_t i = 0; i < l->count; i++)
        l->at[i].place = 0;
}

/* --- successors --- */

static void find_repeated(struct levels *l)
{
    for (uint32_t i = 0; i < l->count && l->state == LEVELS_DISTINCT; i++)
        if (l->at[i].kept && l->at[i].repeated)
            l->state = LEVELS_REPEATED;
}

/* Only where values are distinct does everything that is kept certainly happen. */
static void link_successors(struct levels *l)
{
    if (l->state != LEVELS_DISTINCT)
        return;
    for (uint32_t i = 0; i < l->count; i++) {
        const struct level *level = &l->at[i];
        if (!level->kept || level->from == NONE)
            continue;
        if (level->from == NOWHERE) {
            accuse(l, LEVELS_NOWHERE, level->writer, NONE);
            continue;
        }
        uint32_t *successor = &l->at[level->from].successor;
        if (*successor == NONE)
            *successor = i;
        else
            accuse(l, LEVELS_TAKEN_TWICE, l->at[*successor].writer, level->writer);
    }
}

bool levels_collect(const struct problem *p, struct budget *budget, struct arena *work,
                    struct levels *out)
{
    *out = (struct levels){.p = p, .culprit = NONE, .other = NONE};
    if (!find_initial(out)) {
        out->state = LEVELS_FOREIGN;
        return true;
    }
    int64_t *values = arena_array(work, p->count + 1, sizeof *values);
    out->of = arena_array(work, p->count, sizeof *out->of);
    if (!values || !out->of || !budget_spend(budget, p->count))
        return false;
    out->count = number_writers(out, values);
    if (out->state == LEVELS_FOREIGN)
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
