/* Contents: newer versions · how late · how many versions · measuring
 *
 * Of those who found one value, the last who was called is the stalest, by either
 * measure. */
#include "checker/relatives/stale.h"

#include <stdlib.h>

#define NONE VERSION_NONE

struct stale {
    const struct problem *p;
    struct versions versions;
    uint32_t *first_known; /* by version: of it and all called later, who was known first */
    uint32_t *counts;      /* a Fenwick tree over versions: which are known by now */
    struct instant {
        int64_t at_ns;
        uint32_t version;
        bool asks; /* or becomes known */
    } * events;
    uint32_t event_count;
    struct staleness *out;
};

/* --- newer versions --- */

static int64_t known_at_ns(const struct stale *s, uint32_t version)
{
    const struct version *l = &s->versions.at[version];
    return l->kept ? relative_known_at_ns(l) : INT64_MAX;
}

static void find_first_known(struct stale *s)
{
    s->first_known[s->versions.count] = NONE;
    for (uint32_t i = s->versions.count; i-- > 0;) {
        uint32_t later = s->first_known[i + 1];
        bool is_first = later == NONE || known_at_ns(s, i) < known_at_ns(s, later);
        s->first_known[i] = is_first ? i : later;
    }
}

/* The first version newer than `version` to be known, if before `at_ns`; or NONE. */
static uint32_t first_newer(const struct stale *s, uint32_t version, int64_t at_ns)
{
    uint32_t later = relative_first_called_after(&s->versions, known_at_ns(s, version));
    uint32_t newer = s->first_known[later];
    return newer != NONE && known_at_ns(s, newer) < at_ns ? newer : NONE;
}

static struct stale_read story(const struct stale *s, uint32_t read, uint32_t version,
                               uint32_t newer)
{
    return (struct stale_read){.read = read,
                               .writer = s->versions.at[version].writer,
                               .newer = s->versions.at[newer].writer,
                               .observer = relative_first_knower(&s->versions.at[newer])};
}

/* --- how late --- */

static void measure_time(struct stale *s)
{
    for (uint32_t i = 0; i < s->p->count; i++) {
        uint32_t seen = relative_seen(&s->versions, i);
        if (seen == NONE)
            continue;
        s->out->read_count++;
        int64_t called_at_ns = s->p->ops[i].called_at_ns;
        uint32_t newer = first_newer(s, seen, called_at_ns);
        if (newer == NONE)
            continue;
        s->out->stale_count++;
        int64_t late_ns = called_at_ns - known_at_ns(s, newer);
        if (late_ns > s->out->late_ns) {
            s->out->late_ns = late_ns;
            s->out->by_time = story(s, i, seen, newer);
        }
    }
}

/* --- how many versions --- */

static void count_known(struct stale *s, uint32_t version)
{
    for (uint32_t at = version + 1; at <= s->versions.count; at += at & (0 - at))
        s->counts[at]++;
}

static uint32_t known_among_first(const struct stale *s, uint32_t count)
{
    uint32_t sum = 0;
    for (uint32_t at = count; at > 0; at -= at & (0 - at))
        sum += s->counts[at];
    return sum;
}

/* Who asks comes first: what becomes known at that instant is not yet. */
static int by_time(const void *a, const void *b)
{
    const struct instant *x = a, *y = b;
    if (x->at_ns != y->at_ns)
        return x->at_ns < y->at_ns ? -1 : 1;
    if (x->asks != y->asks)
        return x->asks ? -1 : 1;
    return x->version < y->version ? -1 : x->version > y->version;
}

static void collect_events(struct stale *s)
{
    for (uint32_t i = 0; i < s->versions.count; i++) {
        uint32_t looker = relative_last_looker(&s->versions, &s->versions.at[i]);
        int64_t known = known_at_ns(s, i);
        if (known != INT64_MAX)
            s->events[s->event_count++] = (struct instant){.at_ns = known, .version = i};
        if (looker != NONE)
            s->events[s->event_count++] = (struct instant){
                .at_ns = s->p->ops[looker].called_at_ns, .version = i, .asks = true};
    }
    qsort(s->events, s->event_count, sizeof *s->events, by_time);
}

static void ask(struct stale *s, uint32_t version, uint32_t known_count, int64_t at_ns)
{
    uint32_t later = relative_first_called_after(&s->versions, known_at_ns(s, version));
    uint32_t versions = known_count - known_among_first(s, later);
    if (versions <= s->out->versions)
        return;
    s->out->versions = versions;
    s->out->by_versions = story(s, relative_last_looker(&s->versions, &s->versions.at[version]),
                                version, first_newer(s, version, at_ns));
}

static void measure_versions(struct stale *s)
{
    uint32_t known_count = 0;
    collect_events(s);
    for (uint32_t i = 0; i < s->event_count; i++) {
        const struct instant *e = &s->events[i];
        if (e->asks) {
            ask(s, e->version, known_count, e->at_ns);
        } else {
            count_known(s, e->version);
            known_count++;
        }
    }
}

/* --- measuring --- */

static bool allocate(struct stale *s, struct arena *work)
{
    size_t versions = s->versions.count;
    s->first_known = arena_array(work, versions + 1, sizeof *s->first_known);
    s->counts = arena_array(work, versions + 1, sizeof *s->counts);
    s->events = arena_array(work, 2 * versions, sizeof *s->events);
    return s->first_known && s->counts && s->events;
}

enum err_code stale_measure(const struct problem *p, struct budget *budget, struct arena *work,
                            struct staleness *out, struct err *err)
{
    struct stale s = {.p = p, .out = out};
    static const struct stale_read nobody = {NONE, NONE, NONE, NONE};
    *out = (struct staleness){.by_versions = nobody, .by_time = nobody};
    if (relative_collect(p, false, budget, work, &s.versions, &out->state, &out->culprit, err))
        return err->code;
    if (out->state == RELATIVE_KNOWN && !budget_spend(budget, 2 * p->count))
        out->state = RELATIVE_GAVE_UP;
    out->why = budget->why;
    if (out->state != RELATIVE_KNOWN)
        return ERR_OK;
    if (!allocate(&s, work))
        return err_set(err, ERR_NOMEM, "staleness: out of memory");
    find_first_known(&s);
    measure_time(&s);
    if (out->stale_count > 0)
        measure_versions(&s);
    return ERR_OK;
}
