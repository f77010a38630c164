/* How long was nothing served? Per fault and table where a majority was in reach
 * (RTO), and per region and table at all (outage). */
#include <stdlib.h>

#include "base/units.h"
#include "checker/measuring.h"
#include "checker/reach.h"

/* Instants in which something happened in one region and table. */
struct instants {
    int64_t *at_ns; /* ascending */
    size_t count;
};

static int by_instant(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

struct place_and_table {
    uint32_t region, table;
};

static bool is_at(const struct measuring *m, struct place_and_table at, size_t row)
{
    return m->columns->region[row] == at.region && m->columns->table[row] == at.table &&
           measuring_tells(m, row);
}

static bool list_successes(const struct measuring *m, struct place_and_table at,
                           struct arena *arena, struct instants *out)
{
    *out = (struct instants){arena_array(arena, m->columns->count, sizeof *out->at_ns), 0};
    for (size_t row = 0; out->at_ns && row < m->columns->count; row++)
        if (is_at(m, at, row) && m->columns->outcome[row] == OUTCOME_OK)
            out->at_ns[out->count++] = m->columns->returned_at_ns[row];
    if (out->at_ns)
        qsort(out->at_ns, out->count, sizeof *out->at_ns, by_instant);
    return out->at_ns != NULL;
}

/* Was anything called from..to? */
static bool tried(const struct measuring *m, struct place_and_table at, int64_t from_ns,
                  int64_t to_ns)
{
    for (size_t row = 0; row < m->columns->count; row++)
        if (is_at(m, at, row) && m->columns->invoked_at_ns[row] >= from_ns &&
            m->columns->invoked_at_ns[row] <= to_ns)
            return true;
    return false;
}

/* --- RTO --- */

/* The longest gap between successes that begins while the fault is felt. The first
 * gap begins with the fault. Without any success after it, it has no end. */
static int64_t longest_gap_ns(const struct instants *successes, const struct fault_window *w)
{
    int64_t last_ns = w->on_at_ns, longest_ns = 0;
    for (size_t i = 0; i < successes->count && last_ns <= w->calm_at_ns; i++) {
        if (successes->at_ns[i] < last_ns)
            continue;
        if (successes->at_ns[i] - last_ns > longest_ns)
            longest_ns = successes->at_ns[i] - last_ns;
        last_ns = successes->at_ns[i];
    }
    return longest_ns;
}

static bool never_again(const struct measuring *m, struct place_and_table at,
                        const struct instants *successes, const struct fault_window *w)
{
    int64_t last_ns =
        successes->count == 0 ? INT64_MIN : successes->at_ns[successes->count - 1];
    if (last_ns < w->on_at_ns)
        last_ns = w->on_at_ns - 1;
    return last_ns <= w->calm_at_ns && tried(m, at, last_ns + 1, INT64_MAX);
}

static bool overlap(const struct fault_window *a, const struct fault_window *b)
{
    return a->applied && b->applied && a->on_at_ns <= b->off_at_ns &&
           b->on_at_ns <= a->off_at_ns;
}

static struct reach reach_during(const struct measuring *m, const struct fault_window *w)
{
    struct reach reach = {0};
    for (size_t i = 0; i < m->out->window_count; i++)
        if (overlap(w, &m->out->windows[i]))
            reach_add_fault(&reach, m->out->windows[i].resolved);
    return reach;
}

static bool measure_region(const struct measuring *m, const struct fault_window *w,
                           struct place_and_table at, struct recovery *out)
{
    struct arena arena = {0};
    struct instants successes;
    bool ready = list_successes(m, at, &arena, &successes);
    if (ready && tried(m, at, w->on_at_ns, w->calm_at_ns)) {
        int64_t gap_ns =
            never_again(m, at, &successes, w) ? INT64_MAX : longest_gap_ns(&successes, w);
        if (!out->has_data || gap_ns > out->rto_ns) {
            out->rto_ns = gap_ns;
            out->worst_region = at.region;
        }
        out->has_data = true;
    }
    arena_done(&arena);
    return ready;
}

static bool measure_fault(const struct measuring *m, const struct fault_window *w,
                          struct recovery *out)
{
    struct reach reach = reach_during(m, w);
    for (uint32_t table = 0; table < m->table_count; table++) {
        out[table] = (struct recovery){.fault = w->fault, .table = table};
        for (uint32_t region = 0; region < m->region_count; region++)
            if (reach_majority(&reach, m->node_count, region) &&
                !measure_region(m, w, (struct place_and_table){region, table}, &out[table]))
                return false;
    }
    return true;
}

enum err_code measure_recoveries(struct measuring *m, struct err *err)
{
    struct recovery *all =
        arena_array(m->arena, m->out->window_count * m->table_count, sizeof *all);
    bool ready = all != NULL;
    m->out->recoveries = all;
    for (size_t i = 0; ready && i < m->out->window_count; i++) {
        if (!m->out->windows[i].applied)
            continue;
        ready = measure_fault(m, &m->out->windows[i], all + m->out->recovery_count);
        m->out->recovery_count += m->table_count;
    }
    return ready ? ERR_OK : err_set(err, ERR_NOMEM, "recoveries: out of memory");
}

/* --- outages --- */

/* The seconds in which an operation was wanted, from its intended time on: a client
 * that waits for one cannot call the next, which is no less of an outage. */
struct demand {
    int64_t first, last;
};

struct seconds {
    struct demand *wanted;
    size_t wanted_count;
    struct instants served; /* in seconds */
};

static int by_first(const void *a, const void *b)
{
    const struct demand *x = a, *y = b;
    return x->first < y->first ? -1 : x->first > y->first;
}

/* The second of a success is wanted, too, even where it begins with it. */
static struct demand demand_of(const struct measuring *m, size_t row)
{
    const struct columns *c = m->columns;
    int64_t end_ns = history_end_ns(m->history), returned_ns = c->returned_at_ns[row];
    bool is_early = c->invoked_at_ns[row] < c->intended_at_ns[row];
    int64_t first = (is_early ? c->invoked_at_ns[row] : c->intended_at_ns[row]) / NS_PER_S;
    if (c->outcome[row] == OUTCOME_OK)
        return (struct demand){first, returned_ns / NS_PER_S};
    int64_t last = ((returned_ns < end_ns ? returned_ns : end_ns) - 1) / NS_PER_S;
    return (struct demand){first, last > first ? last : first};
}

/* A success counts for the second it was wanted in as well, if it took no longer. */
static bool list_seconds(const struct measuring *m, struct place_and_table at,
                         struct arena *arena, struct seconds *out)
{
    const struct columns *c = m->columns;
    struct instants *served = &out->served;
    out->wanted = arena_array(arena, c->count, sizeof *out->wanted);
    served->at_ns = arena_array(arena, 2 * c->count, sizeof *served->at_ns);
    if (!out->wanted || !served->at_ns)
        return false;
    for (size_t row = 0; row < c->count; row++) {
        if (!is_at(m, at, row))
            continue;
        struct demand d = out->wanted[out->wanted_count++] = demand_of(m, row);
        if (c->outcome[row] != OUTCOME_OK)
            continue;
        served->at_ns[served->count++] = d.last;
        if (c->returned_at_ns[row] - c->intended_at_ns[row] <= NS_PER_S)
            served->at_ns[served->count++] = d.first;
    }
    qsort(out->wanted, out->wanted_count, sizeof *out->wanted, by_first);
    qsort(served->at_ns, served->count, sizeof *served->at_ns, by_instant);
    return true;
}

static int64_t count_wanted(const struct seconds *s)
{
    int64_t count = 0, last = INT64_MIN;
    for (size_t i = 0; i < s->wanted_count; i++) {
        const struct demand *d = &s->wanted[i];
        if (d->last <= last)
            continue;
        count += d->last - (d->first > last ? d->first - 1 : last);
        last = d->last;
    }
    return count;
}

/* Every second that was served was wanted. */
static int64_t count_unserved(const struct seconds *s)
{
    int64_t count = count_wanted(s);
    for (size_t i = 0; i < s->served.count; i++)
        count -= i == 0 || s->served.at_ns[i] != s->served.at_ns[i - 1];
    return count;
}

enum err_code measure_outages(struct measuring *m, struct err *err)
{
    size_t pairs = (size_t)m->region_count * m->table_count;
    struct outage *all = arena_array(m->arena, pairs, sizeof *all);
    bool ready = all != NULL;
    m->out->outages = all;
    for (uint32_t i = 0; ready && i < pairs; i++) {
        struct arena arena = {0};
        struct seconds seconds = {0};
        struct place_and_table at = {i / m->table_count, i % m->table_count};
        ready = list_seconds(m, at, &arena, &seconds);
        if (ready && seconds.wanted_count > 0)
            all[m->out->outage_count++] =
                (struct outage){.region = at.region,
                                .table = at.table,
                                .unavailable_ns = count_unserved(&seconds) * NS_PER_S};
        arena_done(&arena);
    }
    return ready ? ERR_OK : err_set(err, ERR_NOMEM, "outages: out of memory");
}
