/* How stale the stalest read of a register was, in a sentence. */
#include "checker/staleness.h"

#include "base/units.h"
#include "checker/relatives/stale.h"

enum { STEPS = 4 * 1000 * 1000, STEPS_PER_OP = 16 };

static long long id_of(const struct problem *p, const struct teller *t, uint32_t op)
{
    return (long long)t->columns->id[p->ops[op].row];
}

static const char *tell(const struct problem *p, const struct staleness *s,
                        const struct teller *t)
{
    char late[64];
    const char *others = "";
    if (s->stale_count > 1)
        others =
            arena_format(t->arena, " (%llu of %llu reads were stale)",
                         (unsigned long long)s->stale_count, (unsigned long long)s->read_count);
    const char *versions = tell_count(t, (size_t)s->versions, "newer write");
    units_duration_short(s->late_ns, late, sizeof late);
    if (s->by_time.read == RELATIVE_NOBODY) /* it was known at the very instant */
        return arena_format(t->arena, "the stalest read, operation %lld, missed %s%s",
                            id_of(p, t, s->by_versions.read), versions, others ? others : "");
    if (s->by_versions.read == s->by_time.read)
        return arena_format(t->arena,
                            "the stalest read, operation %lld, missed %s, the first of which "
                            "was known %s before it%s",
                            id_of(p, t, s->by_versions.read), versions, late,
                            others ? others : "");
    return arena_format(t->arena,
                        "the stalest reads: operation %lld missed %s; what operation %lld "
                        "missed was known %s before it%s",
                        id_of(p, t, s->by_versions.read), versions,
                        id_of(p, t, s->by_time.read), late, others ? others : "");
}

const char *staleness_tell(const struct problem *p, const struct budget *budget,
                           const struct teller *t)
{
    struct budget part = budget_part(budget, STEPS + STEPS_PER_OP * (uint64_t)p->count);
    struct arena work = {.memory = budget->memory};
    struct staleness s;
    struct err err;
    if (!p->model->is_register)
        return NULL;
    bool known = stale_measure(p, &part, &work, &s, &err) == ERR_OK &&
                 s.state == RELATIVE_KNOWN && s.by_versions.read != RELATIVE_NOBODY &&
                 s.stale_count > 0;
    arena_done(&work);
    return known ? tell(p, &s, t) : NULL;
}
