/* Contents: what tells · latencies · all of it */
#include <stdlib.h>
#include <string.h>

#include "checker/measuring.h"

static enum err_code no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "measures: out of memory");
}

/* --- what tells --- */

bool measuring_tells(const struct measuring *m, size_t row)
{
    uint8_t kind = m->columns->kind[row];
    if (kind == OP_FINAL)
        return false;
    const struct promise *p = history_promise_get(m->history, m->columns->table[row]);
    bool weak = p && p->level && op_level_find(p->level) != LEVEL_LINEARIZABLE;
    return !weak || (kind != OP_READ && kind != OP_MEMBERS);
}

/* --- latencies --- */

static bool touches_fault(const struct measuring *m, size_t row)
{
    for (size_t i = 0; i < m->out->window_count; i++) {
        const struct fault_window *w = &m->out->windows[i];
        if (w->applied && m->columns->returned_at_ns[row] >= w->on_at_ns &&
            m->columns->intended_at_ns[row] < w->calm_at_ns)
            return true;
    }
    return false;
}

static bool record(const struct measuring *m, size_t row, struct latency_cell *cells)
{
    const struct columns *c = m->columns;
    if (c->outcome[row] != OUTCOME_OK || c->kind[row] == OP_FINAL)
        return true;
    struct latency_cell *cell = &cells[c->region[row] * OP_KIND_COUNT + c->kind[row]];
    return histogram_record(touches_fault(m, row) ? &cell->inside : &cell->outside,
                            c->returned_at_ns[row] - c->intended_at_ns[row]);
}

enum err_code measure_latencies(struct measuring *m, struct err *err)
{
    size_t all = (size_t)m->region_count * OP_KIND_COUNT, kept = 0;
    struct latency_cell *cells = arena_array(m->arena, all, sizeof *cells);
    if (!cells)
        return no_memory(err);
    m->out->latencies = cells; /* from now on measures_done frees the histograms */
    m->out->latency_count = all;
    for (size_t row = 0; row < m->columns->count; row++)
        if (!record(m, row, cells))
            return no_memory(err);
    for (size_t i = 0; i < all; i++) {
        cells[i].region = (uint32_t)(i / OP_KIND_COUNT);
        cells[i].kind = (enum op_kind)(i % OP_KIND_COUNT);
        if (cells[i].inside.total + cells[i].outside.total > 0)
            cells[kept++] = cells[i];
    }
    m->out->latency_count = kept;
    return ERR_OK;
}

/* --- all of it --- */

static void count_outcomes(struct measuring *m)
{
    for (size_t row = 0; row < m->columns->count; row++) {
        if (m->columns->kind[row] == OP_FINAL)
            continue;
        m->out->ok += m->columns->outcome[row] == OUTCOME_OK;
        m->out->failed += m->columns->outcome[row] == OUTCOME_FAIL;
        m->out->unknown += m->columns->outcome[row] == OUTCOME_UNKNOWN;
    }
}

struct reasons {
    struct reason all[REASONS_MAX];
    int64_t errors[REASONS_MAX]; /* 0: none told */
    size_t count;
};

static void count_reason(const struct measuring *m, struct reasons *r, size_t row)
{
    enum op_outcome outcome = (enum op_outcome)m->columns->outcome[row];
    int64_t error = m->columns->error[row];
    /* Room is kept for those without an error, where all others go in the end. */
    if (r->count >= REASONS_MAX - 2)
        error = 0;
    size_t i = 0;
    while (i < r->count && (r->all[i].outcome != outcome || r->errors[i] != error))
        i++;
    if (i == r->count) {
        r->errors[i] = error;
        r->all[r->count++] = (struct reason){
            .outcome = outcome, .error = error ? history_text(m->history, error) : NULL};
    }
    r->all[i].count++;
}

static int by_frequency(const void *a, const void *b)
{
    const struct reason *x = a, *y = b;
    if (x->outcome != y->outcome)
        return x->outcome < y->outcome ? -1 : 1;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return strcmp(x->error ? x->error : "", y->error ? y->error : "");
}

static bool count_reasons(struct measuring *m)
{
    struct reasons *r = arena_alloc(m->arena, sizeof *r);
    if (!r)
        return false;
    r->count = 0;
    for (size_t row = 0; row < m->columns->count; row++)
        if (m->columns->kind[row] != OP_FINAL && m->columns->outcome[row] != OUTCOME_OK)
            count_reason(m, r, row);
    qsort(r->all, r->count, sizeof r->all[0], by_frequency);
    m->out->reasons = r->all;
    m->out->reason_count = r->count;
    return true;
}

/* Histories from elsewhere need not name their regions and tables. */
static void count_places(struct measuring *m)
{
    m->region_count = history_region_count(m->history);
    m->table_count = history_table_count(m->history);
    m->node_count = history_node_count(m->history);
    for (size_t row = 0; row < m->columns->count; row++) {
        if (m->columns->region[row] >= m->region_count)
            m->region_count = m->columns->region[row] + 1;
        if (m->columns->table[row] >= m->table_count)
            m->table_count = m->columns->table[row] + 1;
    }
}

static enum err_code measure(struct measuring *m, struct err *err)
{
    count_places(m);
    count_outcomes(m);
    if (!count_reasons(m))
        return no_memory(err);
    if (measure_windows(m, err) || measure_latencies(m, err) || measure_recoveries(m, err) ||
        measure_outages(m, err) || measure_losses(m, err))
        return err->code;
    return ERR_OK;
}

enum err_code measures_take_from(struct history *history, const struct columns *columns,
                                 struct arena *arena, struct measures *out, struct err *err)
{
    struct measuring m = {.history = history, .columns = columns, .arena = arena, .out = out};
    *out = (struct measures){0};
    return measure(&m, err);
}

enum err_code measures_take(struct history *history, struct arena *arena, struct measures *out,
                            struct err *err)
{
    struct columns columns;
    struct arena own = {0}; /* of the columns: they are large, and not part of `out` */
    *out = (struct measures){0};
    enum err_code code = history_columns(history, HISTORY_ALL_TABLES, &own, &columns, err);
    if (code == ERR_OK)
        code = measures_take_from(history, &columns, arena, out, err);
    arena_done(&own);
    return code;
}

void measures_done(struct measures *m)
{
    for (size_t i = 0; i < m->latency_count; i++) {
        histogram_done(&m->latencies[i].inside);
        histogram_done(&m->latencies[i].outside);
    }
    m->latency_count = 0;
}
