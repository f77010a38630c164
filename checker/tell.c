#include "checker/tell.h"

#include <assert.h>

#include "base/units.h"
#include "history/telling.h"

/* Without memory the sentence as a whole cannot be made; its parts need not care. */
static const char *told(const char *made)
{
    return made ? made : "?";
}

const char *tell_who(const struct teller *t, size_t row)
{
    const struct columns *c = t->columns;
    assert(row < c->count);
    const char *region = NULL;
    if (t->history && telling_has_regions(t->history) &&
        c->region[row] < history_region_count(t->history))
        region = history_region_name(t->history, c->region[row]);
    if (!region)
        return told(arena_format(t->arena, "process %lld", (long long)c->process[row]));
    return told(
        arena_format(t->arena, "process %lld in %s", (long long)c->process[row], region));
}

const char *tell_value(const struct teller *t, int64_t value)
{
    if (value == OP_NIL)
        return "nothing";
    const char *text = t->history ? history_text(t->history, value) : NULL;
    int64_t integer = t->history ? history_integer(t->history, value) : value;
    return text ? text : told(arena_format(t->arena, "%lld", (long long)integer));
}

const char *tell_when(const struct teller *t, int64_t at_ns)
{
    if (at_ns == INT64_MAX)
        return "never";
    char text[48];
    int64_t end_ns = t->history ? history_end_ns(t->history) : INT64_MAX;
    int digits = telling_digits(t->columns, end_ns);
    return told(arena_copy_text(t->arena, units_instant(at_ns, digits, text, sizeof text)));
}

/* --- deeds --- */

/* A row, and whether it is told as something that had happened before. */
struct deed {
    const struct teller *t;
    size_t row;
    bool had;
};

static const char *argument(const struct deed *d)
{
    return tell_value(d->t, d->t->columns->argument[d->row]);
}

static const char *expected(const struct deed *d)
{
    return tell_value(d->t, d->t->columns->expected[d->row]);
}

static const char *result(const struct deed *d)
{
    return tell_value(d->t, d->t->columns->result[d->row]);
}

static bool has_result(const struct deed *d)
{
    return d->t->columns->result[d->row] != OP_NIL;
}

static bool ended_as(const struct deed *d, enum op_outcome outcome)
{
    return d->t->columns->outcome[d->row] == outcome;
}

/* "read", or "had read" of what is told as past. */
static const char *verb(const struct deed *d, const char *did, const char *had)
{
    return d->had ? had : did;
}

#define SAY(d, ...) told(arena_format((d)->t->arena, __VA_ARGS__))

/* `what` and a word for the rest, if there is one. */
static const char *with(const struct deed *d, const char *what, const char *joint,
                        const char *value, bool is_there)
{
    return is_there ? SAY(d, "%s %s %s", what, joint, value) : what;
}

static const char *tell_read(const struct deed *d)
{
    const char *what = SAY(d, "%s %s", verb(d, "read", "had read"), result(d));
    return with(d, what, "at", argument(d), d->t->columns->argument[d->row] != OP_NIL);
}

static const char *tell_replaced(const struct deed *d, const char *found)
{
    return SAY(d, "%s %s by %s", verb(d, "replaced", "had replaced"), found, argument(d));
}

static const char *tell_cas(const struct deed *d)
{
    if (!ended_as(d, OUTCOME_FAIL))
        return tell_replaced(d, expected(d));
    if (!has_result(d))
        return SAY(d, "%s %s", verb(d, "did not find", "had not found"), expected(d));
    return SAY(d, "%s %s instead of %s", verb(d, "found", "had found"), result(d), expected(d));
}

/* Without an answer nobody knows what it found. */
static const char *tell_rmw(const struct deed *d)
{
    if (ended_as(d, OUTCOME_OK))
        return tell_replaced(d, result(d));
    return SAY(d, "%s %s", verb(d, "wrote", "had written"), argument(d));
}

static const char *tell_increment(const struct deed *d)
{
    const char *what =
        SAY(d, "%s by %s", verb(d, "incremented it", "had incremented it"), argument(d));
    return with(d, what, "to", result(d), has_result(d));
}

static const char *tell_contains(const struct deed *d)
{
    if (!has_result(d))
        return SAY(d, "%s %s", verb(d, "looked for", "had looked for"), argument(d));
    if (d->t->columns->result[d->row] == 0)
        return SAY(d, "%s %s", verb(d, "did not find", "had not found"), argument(d));
    return SAY(d, "%s %s", verb(d, "found", "had found"), argument(d));
}

/* dequeue, pop, poll, peek: `did` and `tried` name what it does. */
static const char *tell_taken(const struct deed *d, const char *did, const char *tried)
{
    if (!ended_as(d, OUTCOME_OK))
        return SAY(d, "%s to %s", verb(d, "tried", "had tried"), tried);
    if (!has_result(d))
        return verb(d, "found it empty", "had found it empty");
    return SAY(d, "%s%s %s", d->had ? "had " : "", did, result(d));
}

/* A token, or how many units were got: 0 where none was left. */
static const char *tell_acquire(const struct deed *d)
{
    if (!ended_as(d, OUTCOME_OK))
        return verb(d, "tried to acquire it", "had tried to acquire it");
    if (d->t->columns->result[d->row] == 0)
        return verb(d, "found none left", "had found none left");
    const char *what = verb(d, "acquired it", "had acquired it");
    return with(d, what, "with token", result(d), has_result(d));
}

static const char *tell_release(const struct deed *d)
{
    const char *what = verb(d, "released it", "had released it");
    return with(d, what, "with token", argument(d), d->t->columns->argument[d->row] != OP_NIL);
}

/* What is done with the argument, and answers nothing that is told. */
static const char *tell_given(const struct deed *d, const char *did)
{
    return SAY(d, "%s%s %s", d->had ? "had " : "", did, argument(d));
}

static const char *tell(const struct deed *d)
{
    switch (d->t->columns->kind[d->row]) {
    case OP_READ: return tell_read(d);
    case OP_WRITE: return SAY(d, "%s %s", verb(d, "wrote", "had written"), argument(d));
    case OP_CAS: return tell_cas(d);
    case OP_RMW: return tell_rmw(d);
    case OP_ADD: return tell_given(d, "added");
    case OP_REMOVE: return tell_given(d, "removed");
    case OP_CONTAINS: return tell_contains(d);
    case OP_MEMBERS: return verb(d, "read the members", "had read the members");
    case OP_FINAL: return verb(d, "read the final state", "had read the final state");
    case OP_TXN: return verb(d, "did a transaction", "had done a transaction");
    case OP_APPEND: return with(d, tell_given(d, "appended"), "at", result(d), has_result(d));
    case OP_INCREMENT: return tell_increment(d);
    case OP_ENQUEUE: return tell_given(d, "enqueued");
    case OP_DEQUEUE: return tell_taken(d, "dequeued", "dequeue");
    case OP_PUSH: return tell_given(d, "pushed");
    case OP_POP: return tell_taken(d, "popped", "pop");
    case OP_INSERT: return tell_given(d, "inserted");
    case OP_POLL: return tell_taken(d, "polled", "poll");
    case OP_PEEK: return tell_taken(d, "peeked at", "peek");
    case OP_ACQUIRE: return tell_acquire(d);
    case OP_RELEASE: return tell_release(d);
    case OP_GENERATE: return SAY(d, "%s %s", verb(d, "was given", "had been given"), result(d));
    default: return verb(d, "did something", "had done something");
    }
}

const char *tell_deed(const struct teller *t, size_t row)
{
    assert(row < t->columns->count);
    return tell(&(struct deed){.t = t, .row = row});
}

const char *tell_did(const struct teller *t, size_t row)
{
    assert(row < t->columns->count);
    return tell(&(struct deed){.t = t, .row = row, .had = true});
}

const char *tell_count(const struct teller *t, size_t count, const char *what)
{
    return told(arena_format(t->arena, "%zu %s%s", count, what, count == 1 ? "" : "s"));
}
