#include "checker/tell.h"

#include <assert.h>

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
    if (t->history && c->region[row] < history_region_count(t->history))
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
    return text ? text : told(arena_format(t->arena, "%lld", (long long)value));
}

const char *tell_when(const struct teller *t, int64_t at_ns)
{
    if (at_ns == INT64_MAX)
        return "never";
    int64_t ms = at_ns / 1000000;
    bool before_zero = ms < 0;
    uint64_t millis = before_zero ? 0 - (uint64_t)ms : (uint64_t)ms;
    return told(arena_format(t->arena, "%s%llu.%03llus", before_zero ? "-" : "",
                             (unsigned long long)(millis / 1000),
                             (unsigned long long)(millis % 1000)));
}

const char *tell_deed(const struct teller *t, size_t row)
{
    const struct columns *c = t->columns;
    assert(row < c->count);
    const char *argument = tell_value(t, c->argument[row]);
    switch (c->kind[row]) {
    case OP_READ: return told(arena_format(t->arena, "read %s", tell_value(t, c->result[row])));
    case OP_WRITE: return told(arena_format(t->arena, "wrote %s", argument));
    case OP_CAS:
        return told(arena_format(t->arena, "replaced %s by %s", tell_value(t, c->expected[row]),
                                 argument));
    case OP_ADD: return told(arena_format(t->arena, "added %s", argument));
    case OP_REMOVE: return told(arena_format(t->arena, "removed %s", argument));
    case OP_MEMBERS: return "read the members";
    case OP_FINAL: return "read the final state";
    default: return "did something";
    }
}

const char *tell_count(const struct teller *t, size_t count, const char *what)
{
    return told(arena_format(t->arena, "%zu %s%s", count, what, count == 1 ? "" : "s"));
}
