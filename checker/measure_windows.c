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

/* A map of seconds by region and table; longer runs have no calm told. */
enum { SECONDS_MAX = 10 * 1000 * 1000 };

struct calm {
    const struct measuring *m;
    bool *tried;     /* by pair of region and table */
    bool *succeeded; /* [second * pairs + pair] */
    bool *troubled;  /* by second: something of the fault was still felt */
    size_t pairs, seconds;
};

static size_t pair_of(const struct calm *c, size_t row)
{
    return c->m->columns->region[row] * c->m->table_count + c->m->columns->table[row];
}

static bool is_calm(const struct calm *c, size_t second)
{
    if (c->troubled[second])
        return false;
    for (size_t pair = 0; pair < c->pairs; pair++)
        if (c->tried[pair] && !c->succeeded[second * c->pairs + pair])
            return false;
    return true;
}

/* An operation called that much later than intended stood in a line that a fault had
 * made, behind clients that were waiting for it to end. */
#define LATE_NS (100 * NS_PER_MS)

static void note_trouble(struct calm *c, int64_t off_at_ns)
{
    const struct columns *columns = c->m->columns;
    for (size_t row = 0; row < columns->count; row++) {
        bool late = columns->invoked_at_ns[row] - columns->intended_at_ns[row] > LATE_NS;
        bool gave_up = columns->outcome[row] == OUTCOME_UNKNOWN &&
                       columns->returned_at_ns[row] != INT64_MAX;
        int64_t felt_at_ns =
            gave_up ? columns->returned_at_ns[row] : columns->invoked_at_ns[row];
        if ((!late && !gave_up) || felt_at_ns < off_at_ns)
            continue;
        size_t second = (size_t)((felt_at_ns - off_at_ns) / NS_PER_S);
        if (second < c->seconds)
            c->troubled[second] = true;
    }
}

/* Only what was called after the fault was off counts: an answer that was on its way
 * says nothing about now. */
static void note_successes(struct calm *c, int64_t off_at_ns)
{
    const struct columns *columns = c->m->columns;
    for (size_t row = 0; row < columns->count; row++) {
        if (!measuring_tells(c->m, row))
            continue;
        c->tried[pair_of(c, row)] = true;
        if (columns->outcome[row] != OUTCOME_OK || columns->invoked_at_ns[row] < off_at_ns)
            continue;
        size_t second = (size_t)((columns->returned_at_ns[row] - off_at_ns) / NS_PER_S);
        if (second < c->seconds)
            c->succeeded[second * c->pairs + pair_of(c, row)] = true;
    }
}

static bool find_calm(const struct measuring *m, struct fault_window *w)
{
    int64_t rest_ns = history_end_ns(m->history) - w->off_at_ns;
    struct arena arena = {0};
    struct calm c = {.m = m,
                     .pairs = (size_t)m->region_count * m->table_count,
                     .seconds = rest_ns < 0 ? 0 : (size_t)(rest_ns / NS_PER_S) + 1};
    if (c.seconds > SECONDS_MAX)
        return true;
    c.tried = arena_array(&arena, c.pairs, sizeof *c.tried);
    c.succeeded = arena_array(&arena, c.pairs * c.seconds, sizeof *c.succeeded);
    c.troubled = arena_array(&arena, c.seconds, sizeof *c.troubled);
    bool ready = c.tried && c.succeeded && c.troubled;
    if (ready) {
        note_successes(&c, w->off_at_ns);
        note_trouble(&c, w->off_at_ns);
    }
    for (size_t second = 0; ready && second < c.seconds; second++)
        if (is_calm(&c, second)) {
            w->calm_at_ns = w->off_at_ns + (int64_t)second * NS_PER_S;
            break;
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
