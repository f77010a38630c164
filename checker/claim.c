/* Contents: words · origins · templates */
#include "checker/claim.h"

#include <string.h>

/* What is being told, and what has been said. */
struct telling {
    const struct claim *claim;
    const struct teller *t;
    char *text; /* NULL: memory ran out */
};

/* --- words --- */

/* What it saw: a CAS that happened saw what it expected, whatever it answered. */
static int64_t seen(const struct columns *c, size_t row)
{
    bool replaced = c->kind[row] == OP_CAS && c->outcome[row] != OUTCOME_FAIL;
    return replaced ? c->expected[row] : c->result[row];
}

static bool gives(const struct columns *c, size_t row)
{
    switch (c->kind[row]) {
    case OP_CAS: return c->outcome[row] != OUTCOME_FAIL;
    case OP_WRITE:
    case OP_RMW:
    case OP_ADD:
    case OP_REMOVE:
    case OP_APPEND:
    case OP_INCREMENT:
    case OP_CONTAINS:
    case OP_ENQUEUE:
    case OP_PUSH:
    case OP_INSERT:
    case OP_RELEASE: return true;
    default: return false;
    }
}

/* What it wrote, or else answered. */
static int64_t value(const struct columns *c, size_t row)
{
    return gives(c, row) ? c->argument[row] : c->result[row];
}

/* --- origins --- */

static size_t failed_write(const struct telling *l, int64_t wanted)
{
    const struct columns *c = l->t->columns;
    for (size_t row = 0; row < c->count; row++)
        if (c->outcome[row] == OUTCOME_FAIL && c->key[row] == l->claim->key &&
            c->argument[row] == wanted && c->kind[row] != OP_READ)
            return row;
    return c->count;
}

static bool was_written_elsewhere(const struct telling *l, int64_t wanted)
{
    const struct columns *c = l->t->columns;
    if (l->claim->key == OP_NIL)
        return false;
    for (size_t row = 0; row < c->count; row++)
        if (c->key[row] != l->claim->key && c->outcome[row] != OUTCOME_FAIL && gives(c, row) &&
            c->argument[row] == wanted)
            return true;
    return false;
}

/* "nobody ever wrote 11", or who failed to. */
static const char *origin(const struct telling *l, size_t row)
{
    const struct columns *c = l->t->columns;
    int64_t wanted = seen(c, row);
    size_t failed = failed_write(l, wanted);
    const char *text = tell_value(l->t, wanted);
    if (failed == c->count && wanted == OP_NIL && l->claim->initial != OP_NIL)
        return arena_format(l->t->arena, "%s was there at the start",
                            tell_value(l->t, l->claim->initial));
    if (failed == c->count && was_written_elsewhere(l, wanted))
        return arena_format(l->t->arena, "nobody ever wrote %s to key %s", text,
                            tell_value(l->t, l->claim->key));
    if (failed == c->count)
        return arena_format(l->t->arena, "nobody ever wrote %s", text);
    return arena_format(l->t->arena, "the write of %s by %s at %s had failed", text,
                        tell_who(l->t, failed), tell_when(l->t, c->invoked_at_ns[failed]));
}

/* --- templates --- */

struct word {
    const char *at;
    size_t length;
};

static bool is(struct word w, const char *name)
{
    return strlen(name) == w.length && memcmp(w.at, name, w.length) == 0;
}

/* NULL: there is no such word, or no memory. */
static const char *say_word(const struct telling *l, struct word w, size_t row)
{
    const struct teller *t = l->t;
    const struct columns *c = t->columns;
    if (is(w, "who"))
        return tell_who(t, row);
    if (is(w, "deed"))
        return tell_deed(t, row);
    if (is(w, "did"))
        return tell_did(t, row);
    if (is(w, "value"))
        return tell_value(t, value(c, row));
    if (is(w, "argument"))
        return tell_value(t, c->argument[row]);
    if (is(w, "expected"))
        return tell_value(t, c->expected[row]);
    if (is(w, "result"))
        return tell_value(t, c->result[row]);
    if (is(w, "called"))
        return tell_when(t, c->invoked_at_ns[row]);
    if (is(w, "returned"))
        return tell_when(t, c->outcome[row] == OUTCOME_UNKNOWN ? INT64_MAX
                                                               : c->returned_at_ns[row]);
    return is(w, "origin") ? origin(l, row) : NULL;
}

/* What stands between braces: "key", or a role, a dot and a word. */
static const char *say(const struct telling *l, struct word inside)
{
    if (is(inside, "key"))
        return tell_value(l->t, l->claim->key);
    if (inside.length < 3 || inside.at[1] != '.' || inside.at[0] < '0' ||
        inside.at[0] >= '0' + ROLES_MAX)
        return NULL;
    uint32_t row = l->claim->rows[inside.at[0] - '0'];
    struct word w = {inside.at + 2, inside.length - 2};
    return row < l->t->columns->count ? say_word(l, w, row) : NULL;
}

static void add(struct telling *l, const char *text, size_t length)
{
    if (l->text)
        l->text = arena_format(l->t->arena, "%s%.*s", l->text, (int)length, text);
}

/* One piece of the template; returns where the next begins. */
static const char *tell_piece(struct telling *l, const char *at)
{
    size_t plain = strcspn(at, "{");
    if (plain > 0) {
        add(l, at, plain);
        return at + plain;
    }
    const char *end = at[1] == '{' ? NULL : strchr(at, '}');
    if (!end) {
        add(l, "{", 1);
        return at + (at[1] == '{' ? 2 : 1);
    }
    const char *said = say(l, (struct word){at + 1, (size_t)(end - at) - 1});
    if (said)
        add(l, said, strlen(said));
    else
        add(l, at, (size_t)(end - at) + 1);
    return end + 1;
}

const char *claim_tell(const struct claim *claim, const struct teller *t)
{
    struct telling l = {.claim = claim, .t = t, .text = arena_copy_text(t->arena, "")};
    for (const char *at = claim->template; *at != '\0';)
        at = tell_piece(&l, at);
    return l.text;
}

uint32_t claim_origin(const struct claim *claim, const struct teller *t)
{
    const struct telling l = {.claim = claim, .t = t};
    const char *word = strstr(claim->template, ".origin}");
    if (!word || word == claim->template || word[-1] < '0' || word[-1] >= '0' + ROLES_MAX)
        return UINT32_MAX;
    uint32_t row = claim->rows[word[-1] - '0'];
    if (row >= t->columns->count)
        return UINT32_MAX;
    size_t failed = failed_write(&l, seen(t->columns, row));
    return failed < t->columns->count ? (uint32_t)failed : UINT32_MAX;
}
