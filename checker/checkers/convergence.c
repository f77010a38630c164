/* convergence: after everything is healed, every replica holds the same under every
 * key, and that is something acknowledged operations can have left behind. */
#include <assert.h>

#include "checker/checker.h"
#include "checker/elements.h"
#include "checker/tell.h"
#include "checker/witness.h"

struct judge {
    const struct check_input *in;
    struct teller teller;
    struct verdict *out;
    struct err *err;
    struct finals finals;
    struct promotions promotions;
    bool is_async;
};

#define SAY(j, ...) arena_format((j)->teller.arena, __VA_ARGS__)

static enum err_code no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "out of memory");
}

static enum err_code concluded(struct judge *j, enum verdict_value value, const char *sentence)
{
    j->out->value = value;
    j->out->sentence = sentence;
    return sentence ? ERR_OK : no_memory(j->err);
}

static enum err_code violated(struct judge *j, const char *sentence, struct witness *w)
{
    if (concluded(j, VERDICT_VIOLATED, sentence))
        return j->err->code;
    return witness_give(w, j->in->columns, j->teller.arena, j->out, j->err);
}

static const char *node_name(const struct judge *j, uint32_t node)
{
    const char *name = node < history_node_count(j->in->history)
                           ? history_node_name(j->in->history, node)
                           : NULL;
    return name ? name : "a replica";
}

/* --- the same everywhere --- */

static bool differs(const struct judge *j, size_t *key, uint32_t *node)
{
    for (*key = 0; *key < j->finals.key_count; ++*key)
        for (*node = 1; *node < j->finals.node_count; ++*node)
            if (!finals_equal(j->in->columns, finals_row(&j->finals, *key, 0),
                              finals_row(&j->finals, *key, *node)))
                return true;
    return false;
}

/* The first element that only one of two sets has; both are ascending and differ. */
static int64_t odd_one(const struct int_list *a, const struct int_list *b, bool *in_a)
{
    size_t i = 0;
    while (i < a->count && i < b->count && a->at[i] == b->at[i])
        i++;
    assert(i < a->count || i < b->count);
    *in_a = i == b->count || (i < a->count && a->at[i] < b->at[i]);
    return *in_a ? a->at[i] : b->at[i];
}

static const char *tell_odd_one(struct judge *j, size_t key, uint32_t node)
{
    const struct columns *c = j->in->columns;
    uint32_t a = finals_row(&j->finals, key, 0), b = finals_row(&j->finals, key, node);
    const char *key_text = tell_value(&j->teller, j->finals.keys[key]);
    if (!c->is_list[a] || !c->is_list[b])
        return SAY(j, "%s holds %s under key %s, but %s holds %s", node_name(j, node),
                   tell_value(&j->teller, c->result[b]), key_text, node_name(j, 0),
                   tell_value(&j->teller, c->result[a]));
    bool in_a;
    int64_t element = odd_one(&c->lists[c->result[a]], &c->lists[c->result[b]], &in_a);
    return SAY(j, "%s holds %s in set %s, but %s does not", node_name(j, in_a ? 0 : node),
               tell_value(&j->teller, element), key_text, node_name(j, in_a ? node : 0));
}

static enum err_code tell_difference(struct judge *j, size_t key, uint32_t node)
{
    if (!j->finals.ended)
        return concluded(j, VERDICT_UNDECIDED,
                         "replicas still differ where the history ends, which is before the "
                         "final reads are over");
    uint32_t last = finals_row(&j->finals, key, node);
    struct witness witness = {0};
    witness_add(&witness, finals_row(&j->finals, key, 0));
    witness_add(&witness, last);
    const char *difference = tell_odd_one(j, key, node);
    if (!difference)
        return no_memory(j->err);
    return violated(j,
                    SAY(j, "%s, in the last round of final reads at %s", difference,
                        tell_when(&j->teller, j->in->columns->invoked_at_ns[last])),
                    &witness);
}

/* --- registers: a value that may be the last --- */

static bool is_write(const struct columns *c, size_t row)
{
    return (c->kind[row] == OP_WRITE || c->kind[row] == OP_CAS) &&
           c->outcome[row] != OUTCOME_FAIL;
}

struct last_write {
    uint32_t acknowledged; /* of all writes to the key, the last called; or NO_ROW */
    uint32_t source;       /* of those of the final value, the last to return */
    int64_t source_over_at_ns;
};

static struct last_write find_last(const struct columns *c, int64_t key, int64_t value)
{
    struct last_write last = {.acknowledged = NO_ROW, .source = NO_ROW};
    for (uint32_t row = 0; row < c->count; row++) {
        if (!is_write(c, row) || c->key[row] != key)
            continue;
        bool known = c->outcome[row] == OUTCOME_OK;
        int64_t over_ns = known ? c->returned_at_ns[row] : INT64_MAX;
        if (known && (last.acknowledged == NO_ROW ||
                      c->invoked_at_ns[row] > c->invoked_at_ns[last.acknowledged]))
            last.acknowledged = row;
        if (c->argument[row] != value)
            continue;
        if (last.source == NO_ROW || over_ns > last.source_over_at_ns) {
            last.source = row;
            last.source_over_at_ns = over_ns;
        }
    }
    return last;
}

/* What was called after the source had returned must have replaced it; unless a
 * promotion threw it away. */
static bool may_be_last(const struct judge *j, const struct last_write *last)
{
    if (last->acknowledged == NO_ROW)
        return true;
    int64_t called_at_ns = j->in->columns->invoked_at_ns[last->acknowledged];
    if (last->source != NO_ROW && called_at_ns <= last->source_over_at_ns)
        return true;
    return j->is_async && promotion_losing(&j->promotions, j->in->columns, last->acknowledged);
}

static const char *tell_replaced(struct judge *j, size_t key, int64_t value,
                                 const struct last_write *last)
{
    const struct columns *c = j->in->columns;
    const char *source = "";
    if (last->source != NO_ROW)
        source = SAY(j, ", after that had been acknowledged at %s",
                     tell_when(&j->teller, c->returned_at_ns[last->source]));
    if (!source)
        return NULL;
    return SAY(j,
               "every replica holds %s under key %s at the end, but %s began to write %s at "
               "%s%s, and had it acknowledged at %s",
               tell_value(&j->teller, value), tell_value(&j->teller, j->finals.keys[key]),
               tell_who(&j->teller, last->acknowledged),
               tell_value(&j->teller, c->argument[last->acknowledged]),
               tell_when(&j->teller, c->invoked_at_ns[last->acknowledged]), source,
               tell_when(&j->teller, c->returned_at_ns[last->acknowledged]));
}

/* Judge what all replicas hold under one key; true when nothing is wrong with it. */
static bool register_fits(struct judge *j, size_t key, enum err_code *code)
{
    const struct columns *c = j->in->columns;
    uint32_t row = finals_row(&j->finals, key, 0);
    if (!budget_spend(j->in->budget, c->count)) {
        *code = concluded(j, VERDICT_UNDECIDED, j->in->budget->why);
        return false;
    }
    struct last_write last = find_last(c, j->finals.keys[key], c->result[row]);
    struct witness witness = {0};
    witness_add(&witness, row);
    if (c->result[row] != OP_NIL && last.source == NO_ROW) {
        *code =
            violated(j,
                     SAY(j, "every replica holds %s under key %s, but nobody ever wrote that",
                         tell_value(&j->teller, c->result[row]),
                         tell_value(&j->teller, j->finals.keys[key])),
                     &witness);
        return false;
    }
    if (!j->finals.ended || may_be_last(j, &last))
        return true;
    witness_add(&witness, last.acknowledged);
    witness_add(&witness, last.source);
    *code = violated(j, tell_replaced(j, key, c->result[row], &last), &witness);
    return false;
}

/* --- sets: what was acknowledged is there --- */

static enum err_code tell_loss(struct judge *j, const struct element *e, bool is_lost,
                               size_t count)
{
    uint32_t done = is_lost ? e->add : e->removal;
    struct witness witness = {0};
    witness_add(&witness, e->tried_add);
    witness_add(&witness, done);
    for (size_t k = 0; k < j->finals.key_count; k++)
        if (j->finals.keys[k] == e->key)
            witness_add(&witness, finals_row(&j->finals, k, 0));
    return violated(j,
                    SAY(j,
                        "%s %s, acknowledged at %s, but at the end %s replica of key %s holds "
                        "it (%s in all)",
                        tell_who(&j->teller, done), tell_deed(&j->teller, done),
                        tell_when(&j->teller, j->in->columns->returned_at_ns[done]),
                        is_lost ? "no" : "a", tell_value(&j->teller, e->key),
                        tell_count(&j->teller, count, "such element")),
                    &witness);
}

static bool sets_fit(struct judge *j, enum err_code *code)
{
    struct elements elements;
    struct losses losses;
    bool spent;
    *code = elements_find(j->in->columns, j->in->budget, j->teller.arena, &elements, &spent,
                          j->err);
    if (*code)
        return false;
    uint32_t *count = elements_held(&elements, j->in->columns, &j->finals, j->teller.arena);
    if (!count || spent) {
        *code = count ? concluded(j, VERDICT_UNDECIDED, j->in->budget->why) : no_memory(j->err);
        return false;
    }
    if (elements.unexpected.read != NO_ROW) {
        struct witness witness = {0};
        witness_add(&witness, elements.unexpected.read);
        *code =
            violated(j,
                     SAY(j, "%s read %s in set %s, but nobody ever added it",
                         tell_who(&j->teller, elements.unexpected.read),
                         tell_value(&j->teller, elements.unexpected.value),
                         tell_value(&j->teller, j->in->columns->key[elements.unexpected.read])),
                     &witness);
        return false;
    }
    elements_lost(&elements, j->in->columns, &j->finals, count,
                  j->is_async ? &j->promotions : NULL, &losses);
    if (!j->finals.ended || (!losses.lost && !losses.undead))
        return true;
    *code = losses.lost ? tell_loss(j, losses.lost, true, losses.lost_count)
                        : tell_loss(j, losses.undead, false, losses.undead_count);
    return false;
}

/* --- all of it --- */

static bool holds_sets(const struct judge *j)
{
    return j->finals.key_count > 0 && j->in->columns->is_list[finals_row(&j->finals, 0, 0)];
}

static bool everything_fits(struct judge *j, enum err_code *code)
{
    if (holds_sets(j))
        return sets_fit(j, code);
    for (size_t key = 0; key < j->finals.key_count; key++)
        if (!register_fits(j, key, code))
            return false;
    return true;
}

/* Replicas that were never told anything agree by themselves. */
static bool anything_changed(const struct columns *c)
{
    for (size_t row = 0; row < c->count; row++)
        if (c->outcome[row] == OUTCOME_OK && c->kind[row] != OP_READ &&
            c->kind[row] != OP_MEMBERS && c->kind[row] != OP_FINAL)
            return true;
    return false;
}

static enum err_code judge(struct judge *j)
{
    size_t key;
    uint32_t node;
    enum err_code code = ERR_OK;
    if (!j->finals.recorded)
        return concluded(j, VERDICT_NOT_EXERCISED, "there are no final reads");
    if (!j->finals.complete)
        return concluded(j, VERDICT_UNDECIDED,
                         SAY(j, "final reads are missing: %s", j->finals.missing));
    if (differs(j, &key, &node))
        return tell_difference(j, key, node);
    if (j->finals.unready)
        return concluded(
            j, VERDICT_UNDECIDED,
            "replicas hold the same, but the system had not come up after heal, so "
            "that may be older than what was acknowledged");
    if (!everything_fits(j, &code))
        return code;
    if (!j->finals.ended)
        return concluded(j, VERDICT_UNDECIDED,
                         "the history ends before the final reads are over");
    if (j->finals.node_count < 2)
        return concluded(j, VERDICT_NOT_EXERCISED, "there is only one replica");
    if (!anything_changed(j->in->columns))
        return concluded(j, VERDICT_NOT_EXERCISED, "no change was acknowledged");
    return concluded(j, VERDICT_HOLDS,
                     SAY(j, "%u replicas hold the same, in %s", (unsigned)j->finals.node_count,
                         tell_count(&j->teller, j->finals.key_count, "key")));
}

static enum err_code check(const struct check_input *in, struct arena *arena,
                           struct verdict *out, struct err *err)
{
    struct judge j = {
        .in = in,
        .teller = {.history = in->history, .columns = in->columns, .arena = arena},
        .out = out,
        .err = err,
        .is_async = check_is_async(in)};
    if (finals_find(in->history, in->columns, arena, &j.finals, err) ||
        promotions_find(in->history, in->table, arena, &j.promotions, err))
        return err->code;
    out->checked_count = (int64_t)(j.finals.key_count * j.finals.node_count);
    return judge(&j);
}

const struct checker_ops checker_convergence = {
    .about = {.name = "convergence",
              .summary = "After heal every replica holds the same, and nothing else than was "
                         "acknowledged."},
    .check = check,
};
