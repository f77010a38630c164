/* Contents: deeds · events · names · beginning and end */
#include "checker/algorithms/standing.h"

#include <assert.h>

/* What is kept of the configurations of one moment. Those of a frontier cost less. */
enum { FRONTIER_CONFIGS_MAX = 1 << 15, WAYS_CONFIGS_MAX = 1 << 12 };

/* --- deeds --- */

bool standing_is_register(const struct model_ops *model)
{
    const uint64_t known = 1 << OP_READ | 1 << OP_WRITE | 1 << OP_CAS | 1 << OP_RMW;
    return model->words_at_start == 1 && model->words_per_op == 0 &&
           (model->kinds & ~known) == 0;
}

struct naming {
    struct word_table *names;
    bool full;
};

/* The name of a state that is one value; a frontier counts from 1. */
static uint32_t name_of(struct naming *n, int64_t value)
{
    uint32_t name = word_table_add(n->names, &value, 1);
    n->full |= name == NO_STRING;
    return name == NO_STRING ? 0 : name + 1;
}

static struct deed replacing(struct naming *n, int64_t from, int64_t to)
{
    struct deed d = {.kind = DEED_LOOK, .from = name_of(n, from)};
    if (from == to)
        return d;
    d.kind = DEED_CAS;
    d.to = name_of(n, to);
    return d;
}

/* A CAS that was refused and told what it expected found what is never there: 0. */
static struct deed refused(struct naming *n, const struct model_op *op)
{
    if (op->result == OP_NIL)
        return (struct deed){.kind = DEED_UNLIKE, .from = name_of(n, op->expected)};
    bool never = op->result == op->expected;
    return (struct deed){.kind = DEED_LOOK, .from = never ? 0 : name_of(n, op->result)};
}

static struct deed deed_of(struct naming *n, const struct model_op *op)
{
    switch (op->kind) {
    case OP_READ: return (struct deed){.kind = DEED_LOOK, .from = name_of(n, op->result)};
    case OP_CAS: return op->refused ? refused(n, op) : replacing(n, op->expected, op->argument);
    case OP_RMW:
        if (op->answered)
            return replacing(n, op->result, op->argument);
        break;
    default: break;
    }
    return (struct deed){.kind = DEED_WRITE, .to = name_of(n, op->argument)};
}

/* --- events --- */

bool standing_call(struct standing *s, const struct standing_kit *kit, uint32_t slot,
                   const struct model_op *op, uint32_t return_at)
{
    if (s->ways) {
        ways_call(s->ways, slot, op);
        return true;
    }
    struct naming naming = {.names = kit->names};
    struct deed deed = deed_of(&naming, op);
    deed.optional = !op->answered;
    deed.return_at = return_at;
    if (!naming.full)
        frontier_call(s->frontier, slot, &deed);
    return !naming.full;
}

/* Somebody may always come who wants what it leaves. */
void standing_return(struct standing *s, uint32_t slot)
{
    if (s->ways)
        ways_return(s->ways, slot);
    else
        frontier_return(s->frontier, slot, true);
}

enum frontier_state standing_state(const struct standing *s)
{
    return s->ways ? ways_state(s->ways) : frontier_state(s->frontier);
}

bool standing_was_cut(const struct standing *s)
{
    return s->ways ? ways_were_cut(s->ways) : frontier_was_cut(s->frontier);
}

/* --- names --- */

uint32_t standing_only(const struct standing *s)
{
    if (s->ways)
        return ways_only_state(s->ways);
    uint32_t value = frontier_only_value(s->frontier);
    return value == UINT32_MAX ? NO_STRING : value - 1;
}

static void keep_state(void *user, uint32_t name)
{
    word_table_keep(user, name);
}

static void keep_value(void *user, uint32_t value)
{
    if (value > 0)
        word_table_keep(user, value - 1);
}

void standing_keep(const struct standing *s, struct word_table *names)
{
    if (s->ways)
        ways_each_state(s->ways, keep_state, names);
    else
        frontier_each_value(s->frontier, keep_value, names);
}

static uint32_t moved_state(void *user, uint32_t name)
{
    return word_table_moved(user, name);
}

static uint32_t moved_value(void *user, uint32_t value)
{
    return value > 0 ? word_table_moved(user, value - 1) + 1 : 0;
}

void standing_copy(struct standing *to, const struct standing *from,
                   const struct word_table *moved)
{
    struct renaming renaming = {.user = (void *)moved};
    if (moved)
        renaming.of = from->ways ? moved_state : moved_value;
    if (from->ways)
        ways_copy(to->ways, from->ways, renaming);
    else
        frontier_copy(to->frontier, from->frontier, renaming);
}

enum { NAMES_PER_CALL = 2 };

bool standing_has_names(const struct standing_kit *kit)
{
    return kit->names->count + NAMES_PER_CALL < kit->values && kit->names->used < kit->words;
}

/* --- beginning and end --- */

bool standing_make(struct standing *s, const struct standing_kit *kit)
{
    *s = (struct standing){0};
    if (!standing_is_register(kit->model)) {
        struct ways_limits limits = {
            .configs_max = WAYS_CONFIGS_MAX, .budget = kit->budget, .states = kit->names};
        s->ways = ways_new(kit->model, kit->slots, limits);
        return s->ways != NULL;
    }
    /* All that could come is not known, so nothing is too late to come: source 0. */
    struct frontier_limits limits = {.configs_max = FRONTIER_CONFIGS_MAX,
                                     .budget = kit->budget,
                                     .next_source = kit->next_source};
    s->frontier = frontier_new(kit->values + 1, kit->slots, 1, limits);
    return s->frontier != NULL;
}

void standing_done(struct standing *s)
{
    frontier_free(s->frontier);
    ways_free(s->ways);
    *s = (struct standing){0};
}

void standing_begin(struct standing *s, uint32_t name)
{
    if (s->ways)
        ways_begin(s->ways, name);
    else
        frontier_begin(s->frontier, name + 1);
}
