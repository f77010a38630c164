/* When was which fault on, and when was all well again? */
#include <string.h>

#include "base/units.h"
#include "checker/measuring.h"

/* The window of a fault, made when it is new. */
static struct fault_window *window_of(struct fault_window *all, size_t *count,
                                      const struct fault_row *row)
{
    for (size_t i = 0; i < *count; i++)
        if (all[i].fault == row->fault)
            return &all[i];
    struct fault_window *w = &all[(*count)++];
    *w = (struct fault_window){.fault = row->fault,
                               .name = row->name,
                               .asked = row->asked,
                               .on_at_ns = row->at_ns,
                               .off_at_ns = INT64_MAX,
                               .calm_at_ns = INT64_MAX};
    return w;
}

static void note(struct fault_window *w, const struct fault_row *row)
{
    if (row->resolved)
        w->resolved = row->resolved;
    if (row->measured)
        w->measured = row->measured;
    if (strcmp(row->state, "on") == 0) {
        w->applied = true;
        w->on_at_ns = row->at_ns;
    } else if (strcmp(row->state, "effective") == 0) {
        w->effective = true;
    } else if (strcmp(row->state, "no effect") == 0) {
        w->without_effect = true;
    } else if (strcmp(row->state, "off") == 0) {
        w->off_at_ns = row->at_ns;
    } else if (strcmp(row->state, "not applied") == 0) {
        w->applied = false;
        w->on_at_ns = row->at_ns;
    }
}

/* --- calm --- */

/* Of one region and table, among operations called after the fault was off: an answer
 * that was on its way before says nothing about now. */
struct after {
    bool tried;
    int64_t first_success_ns; /* INT64_MAX: none */
};

static void note_after(const struct measuring *m, int64_t off_at_ns, struct after *pairs)
{
    const struct columns *c = m->columns;
    for (size_t row = 0; row < c->count; row++) {
        if (!measuring_tells(m, row) || c->invoked_at_ns[row] < off_at_ns)
            continue;
        struct after *a = &pairs[c->region[row] * m->table_count + c->table[row]];
        if (!a->tried)
            *a = (struct after){.tried = true, .first_success_ns = INT64_MAX};
        if (c->outcome[row] == OUTCOME_OK && c->returned_at_ns[row] < a->first_success_ns)
            a->first_success_ns = c->returned_at_ns[row];
    }
}

/* When the last of them succeeds for the first time; INT64_MAX: one never does. */
static int64_t all_served_at_ns(const struct after *pairs, size_t count)
{
    int64_t last_ns = INT64_MIN;
    for (size_t i = 0; i < count; i++)
        if (pairs[i].tried && pairs[i].first_success_ns > last_ns)
            last_ns = pairs[i].first_success_ns;
    return last_ns == INT64_MIN ? INT64_MAX : last_ns;
}

/* An operation called that much later than intended stood in a line that a fault had
 * made, behind clients that were waiting for it to end. */
#define LATE_NS (100 * NS_PER_MS)

/* When a client felt that something is wrong; INT64_MIN: it did not. */
static int64_t felt_at_ns(const struct columns *c, size_t row)
{
    if (c->outcome[row] == OUTCOME_UNKNOWN && c->returned_at_ns[row] != INT64_MAX)
        return c->returned_at_ns[row];
    bool late = c->invoked_at_ns[row] - c->intended_at_ns[row] > LATE_NS;
    return late ? c->invoked_at_ns[row] : INT64_MIN;
}

enum { SECONDS_MAX = 10 * 1000 * 1000 }; /* longer runs have no calm told */

/* Mark the seconds since `off_at_ns` in which somebody felt the fault. */
static void note_trouble(const struct measuring *m, int64_t off_at_ns, bool *troubled,
                         size_t seconds)
{
    for (size_t row = 0; row < m->columns->count; row++) {
        int64_t at_ns = felt_at_ns(m->columns, row);
        size_t second = at_ns < off_at_ns ? seconds : (size_t)((at_ns - off_at_ns) / NS_PER_S);
        if (second < seconds)
            troubled[second] = true;
    }
}

/* The first second from `served_at_ns` on in which nobody felt the fault. */
static bool find_quiet(const struct measuring *m, struct fault_window *w, int64_t served_at_ns,
                       struct arena *arena)
{
    int64_t rest_ns = history_end_ns(m->history) - w->off_at_ns;
    size_t seconds = rest_ns < 0 ? 0 : (size_t)(rest_ns / NS_PER_S) + 1;
    if (served_at_ns == INT64_MAX || seconds > SECONDS_MAX)
        return true;
    bool *troubled = arena_array(arena, seconds, sizeof *troubled);
    if (!troubled)
        return false;
    note_trouble(m, w->off_at_ns, troubled, seconds);
    size_t second = (size_t)((served_at_ns - w->off_at_ns) / NS_PER_S);
    while (second < seconds && troubled[second])
        second++;
    if (second < seconds)
        w->calm_at_ns = w->off_at_ns + (int64_t)second * NS_PER_S;
    return true;
}

/* Then there is no calm, and whoever reads that wants to know where. */
static void note_unserved(const struct measuring *m, const struct after *pairs, size_t count,
                          struct fault_window *w)
{
    for (size_t i = 0; i < count && !w->unserved; i++) {
        if (!pairs[i].tried || pairs[i].first_success_ns != INT64_MAX)
            continue;
        w->unserved = true;
        w->unserved_region = (uint32_t)(i / m->table_count);
        w->unserved_table = (uint32_t)(i % m->table_count);
    }
}

static bool find_calm(const struct measuring *m, struct fault_window *w)
{
    struct arena arena = {0};
    size_t count = (size_t)m->region_count * m->table_count;
    struct after *pairs = arena_array(&arena, count, sizeof *pairs);
    bool ready = pairs != NULL;
    if (ready) {
        note_after(m, w->off_at_ns, pairs);
        note_unserved(m, pairs, count, w);
        ready = find_quiet(m, w, all_served_at_ns(pairs, count), &arena);
    }
    arena_done(&arena);
    return ready;
}

enum err_code measure_windows(struct measuring *m, struct err *err)
{
    const struct fault_row *rows;
    size_t row_count;
    if (history_faults(m->history, m->arena, &rows, &row_count, err))
        return err->code;
    struct fault_window *windows = arena_array(m->arena, row_count, sizeof *windows);
    bool ready = windows != NULL;
    for (size_t i = 0; ready && i < row_count; i++)
        note(window_of(windows, &m->out->window_count, &rows[i]), &rows[i]);
    m->out->windows = windows;
    for (size_t i = 0; ready && i < m->out->window_count; i++)
        if (windows[i].applied && windows[i].off_at_ns != INT64_MAX)
            ready = find_calm(m, &windows[i]);
    return ready ? ERR_OK : err_set(err, ERR_NOMEM, "fault windows: out of memory");
}
