/* set: an acknowledged element is never lost, no element appears that nobody added,
 * or twice in one read, or after its removal; and where reads promise to be
 * linearizable, none misses what was acknowledged before it began. */

#include "checker/checker.h"
#include "checker/elements.h"
#include "checker/tell.h"
#include "checker/witness.h"

struct judge {
    const struct check_input *in;
    struct teller teller;
    struct verdict *out;
    struct err *err;
    struct elements elements;
    struct finals finals;
    struct promotions promotions;
    bool is_async;
};

static enum err_code no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "out of memory");
}

static enum err_code violated(struct judge *j, const char *sentence, struct witness *w)
{
    j->out->value = VERDICT_VIOLATED;
    j->out->sentence = sentence;
    if (!sentence)
        return no_memory(j->err);
    return witness_give(w, j->in->columns, j->teller.arena, j->out, j->err);
}

static enum err_code concluded(struct judge *j, enum verdict_value value, const char *sentence)
{
    j->out->value = value;
    j->out->sentence = sentence;
    return sentence ? ERR_OK : no_memory(j->err);
}

#define SAY(j, ...) arena_format((j)->teller.arena, __VA_ARGS__)

static const char *who(const struct judge *j, uint32_t row)
{
    return tell_who(&j->teller, row);
}

static const char *value(const struct judge *j, int64_t v)
{
    return tell_value(&j->teller, v);
}

static const char *called(const struct judge *j, uint32_t row)
{
    return tell_when(&j->teller, j->in->columns->invoked_at_ns[row]);
}

static const char *returned(const struct judge *j, uint32_t row)
{
    return tell_when(&j->teller, j->in->columns->returned_at_ns[row]);
}

/* --- reads that cannot be right --- */

static enum err_code tell_unexpected(struct judge *j)
{
    const struct wrong_read *w = &j->elements.unexpected;
    struct witness witness = {0};
    witness_add(&witness, w->read);
    bool refused = w->element && w->element->refused_add != NO_ROW;
    if (refused)
        witness_add(&witness, w->element->refused_add);
    return violated(j,
                    SAY(j, "%s read %s in set %s at %s, but %s", who(j, w->read),
                        value(j, w->value), value(j, j->in->columns->key[w->read]),
                        called(j, w->read),
                        refused ? "its only add had failed" : "nobody ever added it"),
                    &witness);
}

static enum err_code tell_twice(struct judge *j)
{
    const struct wrong_read *w = &j->elements.twice;
    struct witness witness = {0};
    witness_add(&witness, w->read);
    return violated(j,
                    SAY(j, "%s read %s twice in set %s at %s", who(j, w->read),
                        value(j, w->value), value(j, j->in->columns->key[w->read]),
                        called(j, w->read)),
                    &witness);
}

static enum err_code tell_early(struct judge *j)
{
    const struct wrong_read *w = &j->elements.early;
    struct witness witness = {0};
    witness_add(&witness, w->read);
    witness_add(&witness, w->element->tried_add);
    return violated(j,
                    SAY(j,
                        "%s read %s in set %s by %s, but %s did not begin to add it before %s",
                        who(j, w->read), value(j, w->value),
                        value(j, j->in->columns->key[w->read]), returned(j, w->read),
                        who(j, w->element->tried_add), called(j, w->element->tried_add)),
                    &witness);
}

/* The first element that a linearizable read missed, or NULL. */
static const struct element *stale(const struct judge *j)
{
    const struct promise *p = j->in->promise;
    if (p && p->level && op_level_find(p->level) != LEVEL_LINEARIZABLE)
        return NULL;
    for (size_t i = 0; i < j->elements.count; i++) {
        const struct element *e = &j->elements.all[i];
        bool excused = j->is_async && e->add != NO_ROW &&
                       promotion_losing(&j->promotions, j->in->columns, e->add);
        if (e->stale_read != NO_ROW && !excused)
            return e;
    }
    return NULL;
}

static enum err_code tell_stale(struct judge *j, const struct element *e)
{
    struct witness witness = {0};
    witness_add(&witness, e->add);
    witness_add(&witness, e->stale_read);
    return violated(j,
                    SAY(j,
                        "%s read set %s at %s without %s, but that had been acknowledged to %s "
                        "at %s",
                        who(j, e->stale_read), value(j, e->key), called(j, e->stale_read),
                        value(j, e->value), who(j, e->add), returned(j, e->add)),
                    &witness);
}

/* --- the end --- */

static void add_finals(const struct judge *j, const struct element *e, struct witness *w)
{
    for (size_t k = 0; k < j->finals.key_count; k++)
        for (uint32_t n = 0; j->finals.keys[k] == e->key && n < j->finals.node_count; n++)
            witness_add(w, finals_row(&j->finals, k, n));
}

static enum err_code tell_lost(struct judge *j, const struct losses *l)
{
    const struct element *e = l->lost;
    struct witness witness = {0};
    witness_add(&witness, e->add);
    witness_add(&witness, e->seen);
    add_finals(j, e, &witness);
    return violated(
        j,
        SAY(j,
            "%s added %s to set %s, acknowledged at %s, but no replica holds it at "
            "the end (%zu of %s lost)",
            who(j, e->add), value(j, e->value), value(j, e->key), returned(j, e->add),
            l->lost_count,
            tell_count(&j->teller, j->elements.acknowledged_count, "acknowledged element")),
        &witness);
}

static enum err_code tell_undead(struct judge *j, const struct losses *l)
{
    const struct element *e = l->undead;
    struct witness witness = {0};
    witness_add(&witness, e->tried_add);
    witness_add(&witness, e->removal);
    add_finals(j, e, &witness);
    return violated(j,
                    SAY(j,
                        "%s removed %s from set %s, acknowledged at %s, but it is there at the "
                        "end (%s in all)",
                        who(j, e->removal), value(j, e->value), value(j, e->key),
                        returned(j, e->removal),
                        tell_count(&j->teller, l->undead_count, "such element")),
                    &witness);
}

/* The same changes that measures count as RPO. */
static const char *tell_excused(const struct judge *j, const struct losses *l)
{
    const char *rpo = "RPO, not a broken promise";
    const char *removals = tell_count(&j->teller, l->excused_removal_count, "removal");
    if (!removals)
        return NULL;
    if (l->excused_add_count + l->excused_removal_count == 0)
        return "none is lost";
    if (l->excused_add_count == 0)
        return SAY(j, "none is lost, but %s fell to a promotion: %s", removals, rpo);
    if (l->excused_removal_count == 0)
        return SAY(j, "%zu fell to a promotion: %s", l->excused_add_count, rpo);
    return SAY(j, "%zu fell to a promotion, and so did %s: %s", l->excused_add_count, removals,
               rpo);
}

static enum err_code tell_kept(struct judge *j, const struct losses *l)
{
    uint64_t stale_count = 0;
    for (size_t i = 0; i < j->elements.count; i++)
        stale_count += j->elements.all[i].stale_count;
    const char *lost = tell_excused(j, l), *late = "";
    if (stale_count > 0)
        late = SAY(j, "; reads missed one that was on its way %s",
                   tell_count(&j->teller, (size_t)stale_count, "time"));
    if (!lost || !late)
        return no_memory(j->err);
    return concluded(
        j, VERDICT_HOLDS,
        SAY(j, "of %s %s%s",
            tell_count(&j->teller, j->elements.acknowledged_count, "acknowledged element"),
            lost, late));
}

static enum err_code judge_end(struct judge *j)
{
    uint32_t *held = elements_held(&j->elements, j->in->columns, &j->finals, j->teller.arena);
    if (!held)
        return no_memory(j->err);
    struct losses losses;
    elements_lost(&j->elements, j->in->columns, &j->finals, held,
                  j->is_async ? &j->promotions : NULL, &losses);
    if (losses.lost)
        return tell_lost(j, &losses);
    if (losses.undead)
        return tell_undead(j, &losses);
    return tell_kept(j, &losses);
}

/* Without the end, whether an element was kept is anybody's guess. */
static enum err_code tell_unknown_end(struct judge *j)
{
    size_t never_read = 0;
    for (size_t i = 0; i < j->elements.count; i++)
        never_read += element_is_owed(&j->elements.all[i]) && !j->elements.all[i].could_be_read;
    const char *why = !j->finals.recorded  ? "there are no final reads"
                      : j->finals.unready  ? "the system had not come up after heal"
                      : j->finals.complete ? "the history ends before the final reads are over"
                                           : j->finals.missing;
    return concluded(
        j, VERDICT_UNDECIDED,
        SAY(j, "%s, so nothing says what became of %s, %zu of them never read",
            why ? why : "there is no memory",
            tell_count(&j->teller, j->elements.acknowledged_count, "acknowledged element"),
            never_read));
}

static enum err_code judge(struct judge *j)
{
    if (j->elements.unexpected.read != NO_ROW)
        return tell_unexpected(j);
    if (j->elements.twice.read != NO_ROW)
        return tell_twice(j);
    if (j->elements.early.read != NO_ROW)
        return tell_early(j);
    const struct element *missed = stale(j);
    if (missed)
        return tell_stale(j, missed);
    if (j->elements.acknowledged_count == 0)
        return concluded(j, VERDICT_NOT_EXERCISED, "no add was acknowledged");
    if (!j->finals.complete || !j->finals.ended || j->finals.unready)
        return tell_unknown_end(j);
    return judge_end(j);
}

static enum err_code check(const struct check_input *in, struct arena *arena,
                           struct verdict *out, struct err *err)
{
    bool spent;
    struct judge j = {
        .in = in,
        .teller = {.history = in->history, .columns = in->columns, .arena = arena},
        .out = out,
        .err = err,
        .is_async = check_is_async(in)};
    if (elements_find(in->columns, in->budget, arena, &j.elements, &spent, err) ||
        finals_find(in->history, in->columns, arena, &j.finals, err) ||
        promotions_find(in->history, in->table, arena, &j.promotions, err))
        return err->code;
    out->checked_count = (int64_t)in->columns->count;
    if (spent)
        return concluded(&j, VERDICT_UNDECIDED, in->budget->why);
    return judge(&j);
}

const struct checker_ops checker_set = {
    .about = {.name = "set",
              .summary = "Acknowledged elements are kept; nothing appears from nowhere.",
              .flags = PLUGIN_OR_SET},
    .check = check,
};
