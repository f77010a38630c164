/* Contents: counting · checks · objectives · faults · all of it */
#include "reports/outcome.h"

static const char *or_unknown(const char *made)
{
    return made ? made : "?";
}

static const char *add(struct evidence *e, const char *told, const char *by, const char *more)
{
    return or_unknown(arena_format(&e->arena, "%s%s%s", told, *told ? by : "", more));
}

/* --- counting --- */

/* "1 of 5 checks", and from the second mention on only "1". */
static const char *share(struct evidence *e, const char *told, size_t count, size_t all,
                         const char *what)
{
    if (*told)
        return or_unknown(arena_format(&e->arena, "%zu", count));
    return or_unknown(
        arena_format(&e->arena, "%zu of %zu %s%s", count, all, what, all == 1 ? "" : "s"));
}

/* --- checks --- */

static const char *unchecked(const struct evidence *e)
{
    return history_row_count(e->j->history) == 0 ? "the history is empty"
                                                 : "nothing was checked";
}

static const char *checks(struct evidence *e)
{
    static const struct {
        enum verdict_value value;
        const char *words;
    } grave[] = {{VERDICT_VIOLATED, "violated"},
                 {VERDICT_UNDECIDED, "undecided"},
                 {VERDICT_NOT_EXERCISED, "not exercised"}};
    size_t all = e->j->verdict_count;
    const char *told = "";
    for (size_t i = 0; i < ARRAY_LEN(grave); i++) {
        size_t count = evidence_count(e->j, grave[i].value);
        if (count > 0)
            told = add(e, told, ", ",
                       or_unknown(arena_format(&e->arena, "%s %s %s",
                                               share(e, told, count, all, "check"),
                                               count == 1 ? "is" : "are", grave[i].words)));
    }
    if (*told)
        return told;
    return all == 0 ? unchecked(e) : all == 1 ? "the check holds" : "all checks hold";
}

/* --- objectives --- */

static size_t count_objectives(const struct judgement *j, int state)
{
    size_t count = 0;
    for (size_t i = 0; i < j->objective_count; i++)
        count += (int)j->objectives[i].state == state;
    return count;
}

static const char *objectives(struct evidence *e)
{
    size_t missed = count_objectives(e->j, OBJECTIVE_MISSED);
    size_t unknown = count_objectives(e->j, OBJECTIVE_NO_DATA), all = e->j->objective_count;
    const char *told = "";
    if (missed > 0)
        told = or_unknown(
            arena_format(&e->arena, "%s missed", share(e, told, missed, all, "objective")));
    if (unknown > 0)
        told = add(e, told, ", ",
                   or_unknown(arena_format(&e->arena, "%s without data",
                                           share(e, told, unknown, all, "objective"))));
    return told;
}

/* --- faults --- */

static bool had_no_effect(const struct fault_window *w)
{
    return w->applied && w->without_effect;
}

static bool was_not_applied(const struct fault_window *w)
{
    return !w->applied;
}

/* "faults 2, 5 had no effect"; nothing where it is true of none. */
static const char *faults(struct evidence *e, bool (*is)(const struct fault_window *),
                          const char *one, const char *many)
{
    const char *numbers = "";
    size_t count = 0;
    for (size_t i = 0; i < e->j->measures->window_count; i++) {
        const struct fault_window *w = &e->j->measures->windows[i];
        if (!is(w))
            continue;
        numbers = add(e, numbers, ", ", or_unknown(arena_format(&e->arena, "%u", w->fault)));
        count++;
    }
    if (count == 0)
        return "";
    return or_unknown(arena_format(&e->arena, "fault%s %s %s", count == 1 ? "" : "s", numbers,
                                   count == 1 ? one : many));
}

/* --- all of it --- */

const char *outcome_words(struct evidence *e)
{
    const char *told = checks(e);
    bool as_hoped =
        e->j->verdict_count > 0 && evidence_count(e->j, VERDICT_HOLDS) == e->j->verdict_count;
    const char *goals = objectives(e);
    if (*goals)
        told = add(e, told, ", ", goals);
    const char *const troubles[] = {
        faults(e, was_not_applied, "was not applied", "were not applied"),
        faults(e, had_no_effect, "had no effect", "had no effect"),
        e->j->ending ? e->j->ending : ""};
    for (size_t i = 0; i < ARRAY_LEN(troubles); i++) {
        if (!*troubles[i])
            continue;
        told = add(e, told, as_hoped && !*goals ? ", but " : ", ", troubles[i]);
        as_hoped = false;
    }
    return told;
}
