/* Contents: words · sentences · witness */
#include "checker/contradiction.h"

#include <assert.h>

#include "checker/witness.h"

/* --- words --- */

struct story {
    const struct contradiction *c;
    const struct teller *t;
    struct verdict *out;
    struct witness witness;
};

static const struct timed_op *at(const struct story *s, uint32_t op)
{
    assert(op < s->c->count);
    return &s->c->ops[op];
}

static const char *who(const struct story *s, uint32_t op)
{
    return tell_who(s->t, at(s, op)->row);
}

static const char *deed(const struct story *s, uint32_t op)
{
    return tell_deed(s->t, at(s, op)->row);
}

static const char *called(const struct story *s, uint32_t op)
{
    return tell_when(s->t, at(s, op)->called_at_ns);
}

static const char *returned(const struct story *s, uint32_t op)
{
    return tell_when(s->t, at(s, op)->returned_at_ns);
}

static bool is_read(const struct story *s, uint32_t op)
{
    return at(s, op)->op.kind == OP_READ;
}

/* The value an operation left the register with. */
static int64_t value_of(const struct timed_op *op)
{
    return op->op.kind == OP_READ ? op->op.result : op->op.argument;
}

static const char *value(const struct story *s, uint32_t op)
{
    return tell_value(s->t, value_of(at(s, op)));
}

static const char *key(const struct story *s)
{
    return tell_value(s->t, s->c->key);
}

#define SAY(s, ...) arena_format((s)->t->arena, __VA_ARGS__)

/* For a part of a sentence: see tell.c. */
static const char *part(const char *made)
{
    return made ? made : "?";
}

/* "57 had been acknowledged to process 3 in eu-west at 12.050s" */
static const char *had_happened(const struct story *s, uint32_t op)
{
    if (is_read(s, op))
        return part(SAY(s, "%s had read %s by %s", who(s, op), value(s, op), returned(s, op)));
    return part(SAY(s, "%s had been acknowledged to %s at %s", value(s, op), who(s, op),
                    returned(s, op)));
}

/* --- witness --- */

static void show(struct story *s, uint32_t op)
{
    witness_add(&s->witness, at(s, op)->row);
}

/* Show also who wrote what `op` saw: without that its value would come from nowhere. */
static void show_source(struct story *s, uint32_t op)
{
    const struct model_op *seen = &at(s, op)->op;
    if (seen->kind == OP_WRITE)
        return;
    int64_t wanted = seen->kind == OP_READ ? seen->result : seen->expected;
    for (uint32_t i = 0; i < s->c->count; i++)
        if (!is_read(s, i) && value_of(at(s, i)) == wanted) {
            show(s, i);
            return;
        }
}

/* --- sentences --- */

/* A write of `value` to the same key that was refused: its row, or the count of rows. */
static size_t refused_write(const struct story *s, int64_t wanted)
{
    const struct columns *c = s->t->columns;
    for (size_t row = 0; row < c->count; row++)
        if ((c->kind[row] == OP_WRITE || c->kind[row] == OP_CAS) &&
            c->outcome[row] == OUTCOME_FAIL && c->key[row] == s->c->key &&
            c->argument[row] == wanted)
            return row;
    return c->count;
}

static const char *tell_unwritten(struct story *s, const uint32_t *ops)
{
    const struct timed_op *op = at(s, ops[0]);
    int64_t seen = op->op.kind == OP_READ ? op->op.result : op->op.expected;
    size_t refused = refused_write(s, seen);
    show(s, ops[0]);
    if (refused == s->t->columns->count)
        return SAY(s, "%s %s in key %s at %s, but nobody ever wrote %s", who(s, ops[0]),
                   deed(s, ops[0]), key(s), called(s, ops[0]), tell_value(s->t, seen));
    witness_add(&s->witness, (uint32_t)refused);
    return SAY(s, "%s %s in key %s at %s, but the write of %s by %s at %s had failed",
               who(s, ops[0]), deed(s, ops[0]), key(s), called(s, ops[0]),
               tell_value(s->t, seen), tell_who(s->t, refused),
               tell_when(s->t, s->t->columns->invoked_at_ns[refused]));
}

static const char *tell_consumed(struct story *s, const uint32_t *ops)
{
    show(s, ops[0]);
    show(s, ops[1]);
    show_source(s, ops[0]);
    return SAY(s, "%s %s in key %s at %s, and %s %s at %s, but %s was there only once",
               who(s, ops[0]), deed(s, ops[0]), key(s), called(s, ops[0]), who(s, ops[1]),
               deed(s, ops[1]), called(s, ops[1]),
               tell_value(s->t, at(s, ops[0])->op.expected));
}

static const char *tell_cycle(struct story *s, const uint32_t *ops)
{
    show(s, ops[0]);
    show_source(s, ops[0]);
    return SAY(s, "%s %s in key %s at %s, but what it found could only come from it",
               who(s, ops[0]), deed(s, ops[0]), key(s), called(s, ops[0]));
}

/* ops[0] returned before ops[1] was called, but belongs after it. */
static const char *tell_backwards(struct story *s, const uint32_t *ops)
{
    show(s, ops[0]);
    show(s, ops[1]);
    show_source(s, ops[0]);
    show_source(s, ops[1]);
    if (is_read(s, ops[1]))
        return SAY(s, "%s read %s in key %s at %s, but %s, and that follows %s", who(s, ops[1]),
                   value(s, ops[1]), key(s), called(s, ops[1]), had_happened(s, ops[0]),
                   value(s, ops[1]));
    return SAY(s, "%s %s in key %s by %s, but %s did not begin to write %s before %s",
               who(s, ops[0]), deed(s, ops[0]), key(s), returned(s, ops[0]), who(s, ops[1]),
               value(s, ops[1]), called(s, ops[1]));
}

/* "57 came after 41: ..." */
static const char *why_later(const struct story *s, const uint32_t *ops)
{
    if (ops[0] == ZONES_START)
        return "nothing was there only before the first write";
    return part(SAY(s, "%s came after %s: %s, before %s began to %s %s at %s", value(s, ops[1]),
                    value(s, ops[0]), had_happened(s, ops[0]), who(s, ops[1]),
                    is_read(s, ops[1]) ? "read" : "write", value(s, ops[1]),
                    called(s, ops[1])));
}

static const char *tell_crossed(struct story *s, const uint32_t *ops)
{
    for (size_t i = 0; i < 4; i++) {
        if (ops[i] == ZONES_START)
            continue;
        show(s, ops[i]);
    }
    for (size_t i = 0; i < 4; i++)
        if (ops[i] != ZONES_START)
            show_source(s, ops[i]);
    return SAY(s, "%s %s in key %s at %s, but %s, and %s", who(s, ops[3]), deed(s, ops[3]),
               key(s), called(s, ops[3]), had_happened(s, ops[2]), why_later(s, ops));
}

/* Nothing is known but that no order works. The last operations before the one that
 * is stuck are the ones to look at. */
static const char *tell_searched(struct story *s)
{
    const struct search_answer *found = &s->c->answer->search;
    char state[64];
    struct model_state left = {(int64_t *)found->state, 1};
    uint32_t stuck = (uint32_t)found->stuck;
    show(s, stuck);
    for (size_t i = s->c->count; i-- > 0;)
        if (at(s, (uint32_t)i)->called_at_ns <= at(s, stuck)->returned_at_ns)
            show(s, (uint32_t)i);
    return SAY(
        s,
        "these operations on key %s have no order: the best one leaves %s there, and then "
        "%s could not have %s by %s",
        key(s), model_find("cas-register")->describe(&left, state, sizeof state), who(s, stuck),
        deed(s, stuck), returned(s, stuck));
}

static const char *tell(struct story *s)
{
    const struct zones_answer *zones = &s->c->answer->zones;
    assert(zones->result != ZONES_POSSIBLE);
    switch (zones->result) {
    case ZONES_UNWRITTEN: return tell_unwritten(s, zones->ops);
    case ZONES_CONSUMED: return tell_consumed(s, zones->ops);
    case ZONES_CYCLE: return tell_cycle(s, zones->ops);
    case ZONES_BACKWARDS: return tell_backwards(s, zones->ops);
    case ZONES_CROSSED: return tell_crossed(s, zones->ops);
    case ZONES_REPEATED: return tell_searched(s);
    case ZONES_POSSIBLE: break;
    }
    return NULL;
}

enum err_code contradiction_tell(const struct contradiction *c, const struct teller *t,
                                 struct verdict *out, struct err *err)
{
    assert(c->answer->result == REGISTER_IMPOSSIBLE);
    struct story s = {.c = c, .t = t, .out = out};
    out->value = VERDICT_VIOLATED;
    out->sentence = tell(&s);
    if (!out->sentence)
        return err_set(err, ERR_NOMEM, "out of memory");
    return witness_give(&s.witness, t->columns, t->arena, out, err);
}
