/* text: the report for people. Verdicts first; whoever reads no further knows whether
 * the store kept its promises.
 *
 * Contents: verdicts · objectives · faults · latency · what was lost · all of it */
#include <inttypes.h>
#include <string.h>

#include "reports/outcome.h"
#include "reports/page.h"
#include "reports/told.h"

/* --- verdicts --- */

static int instant_width(const struct evidence *e)
{
    return e->digits == 9 ? 16 : 12;
}

static void say_operation(struct evidence *e, FILE *out, int64_t id)
{
    size_t row;
    if (!evidence_row(e, id, &row)) {
        page_line(out, "    %8" PRId64 "  is not in this history", id);
        return;
    }
    const struct columns *c = &e->columns;
    bool unknown = c->outcome[row] == OUTCOME_UNKNOWN;
    page_line(out, "    %8" PRId64 "  %7" PRId64 "  %-12s  %*s  %*s  %s", id, c->process[row],
              e->has_regions ? evidence_region(e, c->region[row]) : "-", instant_width(e),
              told_instant(e, c->invoked_at_ns[row]), instant_width(e),
              unknown ? "unknown" : told_instant(e, c->returned_at_ns[row]),
              evidence_deed(e, row));
}

static void say_witness(struct evidence *e, FILE *out, const struct verdict *v)
{
    if (v->witness_count == 0)
        return;
    page_line(out, "    %8s  %7s  %-12s  %*s  %*s  %s", "op", "process", "region",
              instant_width(e), "called", instant_width(e), "returned", "operation");
    for (size_t i = 0; i < v->witness_count; i++)
        say_operation(e, out, v->witness[i]);
}

static bool say_verdicts(struct evidence *e, FILE *out)
{
    const struct verdict **verdicts = evidence_by_gravity(e);
    for (size_t i = 0; verdicts && i < e->j->verdict_count; i++) {
        const struct verdict *v = verdicts[i];
        page_line(out, "  %-13s  %s of %s", verdict_name(v->value), evidence_clean(e, v->check),
                  evidence_clean(e, v->table ? v->table : "?"));
        page_say(out, 17, "", evidence_clean(e, v->sentence));
        say_witness(e, out, v);
        const char *prefix = told_prefix(e, v);
        if (prefix)
            page_say(out, 4, "", prefix);
        if (v->note)
            page_say(out, 4, "", evidence_clean(e, v->note));
    }
    return verdicts != NULL;
}

/* --- objectives --- */

static void say_objectives(struct evidence *e, FILE *out)
{
    static const char *const states[] = {[OBJECTIVE_MET] = "met",
                                         [OBJECTIVE_MISSED] = "missed",
                                         [OBJECTIVE_NO_DATA] = "no data"};
    if (e->j->objective_count > 0)
        page_line(out, "\nobjectives");
    for (size_t i = 0; i < e->j->objective_count; i++) {
        const struct objective_result *o = &e->j->objectives[i];
        page_line(out, "  %-13s  %s: %s (limit %s)", states[o->state],
                  evidence_clean(e, o->name), evidence_clean(e, o->value),
                  evidence_clean(e, o->limit));
    }
}

/* --- faults --- */

/* No run of ours, and nobody recorded a fault: of much there is nothing to say. */
static bool is_bare(const struct evidence *e)
{
    return !e->j->world && e->j->measures->window_count == 0;
}

static void say_fault(struct evidence *e, FILE *out, const struct fault_window *w)
{
    if (!w->applied) {
        page_line(out, "  %u  %s  not applied at %s", w->fault, evidence_clean(e, w->name),
                  told_instant(e, w->on_at_ns));
        page_say(out, 15, "     asked", evidence_clean(e, w->asked ? w->asked : "?"));
        page_say(out, 15, "     because", evidence_clean(e, w->measured ? w->measured : "?"));
        return;
    }
    page_line(out, "  %u  %s  %s to %s; every region served again: %s", w->fault,
              evidence_clean(e, w->name), told_instant(e, w->on_at_ns),
              told_instant(e, w->off_at_ns),
              w->calm_at_ns == INT64_MAX ? "not before the run ended"
                                         : told_instant(e, w->calm_at_ns));
    if (w->unserved)
        page_line(out, "     not       %s was not served in %s after it",
                  evidence_region(e, w->unserved_region), evidence_table(e, w->unserved_table));
    page_say(out, 15, "     asked", evidence_clean(e, w->asked ? w->asked : "?"));
    page_say(out, 15, "     resolved", w->resolved ? told_resolved(e, w->resolved) : "-");
    page_say(out, 15, "     effective",
             w->without_effect ? "no effect was seen"
             : !w->effective   ? "was not measured"
             : w->measured     ? told_measured(e, w)
                               : "yes");
}

static void say_recoveries(struct evidence *e, FILE *out, uint32_t fault)
{
    for (size_t i = 0; i < e->j->measures->recovery_count; i++) {
        const struct recovery *r = &e->j->measures->recoveries[i];
        if (r->fault != fault || !r->has_data)
            continue;
        page_line(out, "     RTO       %s: %s (longest in %s)", evidence_table(e, r->table),
                  told_length(e, r->rto_ns), evidence_region(e, r->worst_region));
    }
}

static void say_faults(struct evidence *e, FILE *out)
{
    const struct measures *m = e->j->measures;
    if (is_bare(e))
        return;
    page_line(out, "\nfaults%s", m->window_count == 0 ? ": none" : "");
    for (size_t i = 0; i < m->window_count; i++) {
        say_fault(e, out, &m->windows[i]);
        say_recoveries(e, out, m->windows[i].fault);
    }
}

/* --- latency --- */

struct shown {
    const char *count, *median, *p99;
};

static struct shown show(struct evidence *e, const struct histogram *h)
{
    if (h->total == 0)
        return (struct shown){"0", "-", "-"};
    const char *count = arena_format(&e->arena, "%" PRIu64, h->total);
    return (struct shown){count ? count : "?", told_length(e, histogram_quantile_ns(h, 500000)),
                          told_length(e, histogram_quantile_ns(h, 990000))};
}

/* Where no fault was recorded. */
static void say_plain_latencies(struct evidence *e, FILE *out)
{
    const struct measures *m = e->j->measures;
    page_line(out, "\nlatency, intended to done");
    page_line(out, "  %-14s %-8s  %8s  %8s  %8s", "region", "op", "count", "median", "p99");
    for (size_t i = 0; i < m->latency_count; i++) {
        const struct latency_cell *cell = &m->latencies[i];
        struct shown all = show(e, &cell->outside);
        page_line(out, "  %-14s %-8s  %8s  %8s  %8s",
                  e->has_regions ? evidence_region(e, cell->region) : "-",
                  op_kind_name((int)cell->kind), all.count, all.median, all.p99);
    }
}

static void say_latencies(struct evidence *e, FILE *out)
{
    const struct measures *m = e->j->measures;
    if (m->latency_count == 0)
        return;
    if (is_bare(e)) {
        say_plain_latencies(e, out);
        return;
    }
    page_line(out, "\n%-25s  %-27s    %s", "latency, intended to done", "outside faults",
              "while a fault was felt");
    page_line(out, "  %-14s %-8s  %8s  %8s  %8s  %8s  %8s  %8s", "region", "op", "count",
              "median", "p99", "count", "median", "p99");
    for (size_t i = 0; i < m->latency_count; i++) {
        const struct latency_cell *cell = &m->latencies[i];
        struct shown outside = show(e, &cell->outside), inside = show(e, &cell->inside);
        page_line(out, "  %-14s %-8s  %8s  %8s  %8s  %8s  %8s  %8s",
                  evidence_region(e, cell->region), op_kind_name((int)cell->kind),
                  outside.count, outside.median, outside.p99, inside.count, inside.median,
                  inside.p99);
    }
}

/* --- what was lost --- */

/* Acknowledged or not, and also what leaves no trace at the end. */
static const char *told_cut_off(struct evidence *e, int64_t count)
{
    if (count < 0)
        return "";
    const char *told =
        arena_format(&e->arena, "; the store says that it cut off %" PRId64, count);
    return told ? told : "";
}

static void say_loss(struct evidence *e, FILE *out, uint32_t table)
{
    const struct measures *m = e->j->measures;
    const char *name = evidence_table(e, table);
    const char *cut_off = told_cut_off(e, m->cut_off_count[table]);
    if (m->rpo_count[table] < 0)
        page_line(out, "  %-14s not measured: the replicas were not all read at the end%s",
                  name, cut_off);
    else if (m->rpo_count[table] == 0)
        page_line(out, "  %-14s nothing that was acknowledged%s", name, cut_off);
    else
        page_line(out, "  %-14s %" PRId64 " acknowledged change%s, the oldest %s old%s", name,
                  m->rpo_count[table], m->rpo_count[table] == 1 ? "" : "s",
                  told_length(e, m->rpo_ns[table]), cut_off);
}

static bool is_any_loss_known(const struct evidence *e)
{
    const struct measures *m = e->j->measures;
    uint32_t tables = history_table_count(e->j->history);
    for (uint32_t t = 0; t < tables && t < MEASURED_TABLES_MAX; t++)
        if (m->rpo_count[t] >= 0 || m->cut_off_count[t] >= 0)
            return true;
    return false;
}

static void say_losses(struct evidence *e, FILE *out)
{
    uint32_t tables = history_table_count(e->j->history);
    if (is_bare(e) && !is_any_loss_known(e))
        return;
    page_line(out, "\nlost (RPO)%s", tables == 0 ? ": no table is known" : "");
    for (uint32_t t = 0; t < tables && t < MEASURED_TABLES_MAX; t++)
        say_loss(e, out, t);
}

static void say_outages(struct evidence *e, FILE *out)
{
    const struct measures *m = e->j->measures;
    bool any = false;
    for (size_t i = 0; i < m->outage_count; i++)
        any |= m->outages[i].unavailable_ns > 0;
    if (is_bare(e) && !any)
        return;
    page_line(out, "\nunavailable (seconds in which operations waited and none succeeded)%s",
              any ? "" : ": none");
    for (size_t i = 0; i < m->outage_count; i++)
        if (m->outages[i].unavailable_ns > 0)
            page_line(out, "  %-14s %s: %s", evidence_region(e, m->outages[i].region),
                      evidence_table(e, m->outages[i].table),
                      told_length(e, m->outages[i].unavailable_ns));
}

/* --- all of it --- */

static void say_head(struct evidence *e, FILE *out)
{
    const struct judgement *j = e->j;
    const char *line = arena_format(
        &e->arena, "%s%s%s: %s (exit code %d)",
        evidence_clean(e, j->scenario ? j->scenario : "history"), j->world ? " on " : "",
        j->world ? evidence_clean(e, j->world) : "", outcome_words(e), j->exit_code);
    page_say(out, 0, "", line ? line : "?");
    if (j->trouble)
        page_say(out, 2, "", evidence_clean(e, j->trouble));
    page_line(out, "\nchecks%s", j->verdict_count == 0 ? ": none" : "");
}

/* "67 failed (40 no leader, 27 other value)" */
static const char *with_reasons(struct evidence *e, uint64_t count, enum op_outcome outcome,
                                const char *word)
{
    const char *told = arena_format(&e->arena, "%" PRIu64 " %s", count, word), *by = " (";
    for (size_t i = 0; told && i < e->j->measures->reason_count; i++) {
        const struct reason *r = &e->j->measures->reasons[i];
        if (r->outcome != outcome)
            continue;
        told = arena_format(&e->arena, "%s%s%" PRIu64 " %s", told, by, r->count,
                            r->error ? evidence_clean(e, r->error) : "without a reason");
        by = ", ";
    }
    if (told && by[0] == ',')
        told = arena_format(&e->arena, "%s)", told);
    return told ? told : "?";
}

static void say_tail(struct evidence *e, FILE *out)
{
    const struct judgement *j = e->j;
    const struct measures *m = j->measures;
    const char *line = arena_format(&e->arena, "%" PRIu64 " ok, %s, %s", m->ok,
                                    with_reasons(e, m->failed, OUTCOME_FAIL, "failed"),
                                    with_reasons(e, m->unknown, OUTCOME_UNKNOWN, "unknown"));
    fputc('\n', out);
    page_say(out, 12, "operations:", line ? line : "?");
    const char *started = history_meta_get(j->history, "started");
    if (started)
        page_say(out, 12, "started:", evidence_clean(e, started));
    if (j->folder)
        page_say(out, 12, "run:", evidence_clean(e, j->folder));
    /* Not broken: it is there to be copied. */
    if (j->repeat)
        fprintf(out, "repeat:     %s\n", evidence_clean(e, j->repeat));
}

static enum err_code write_text(const struct judgement *j, FILE *out, struct err *err)
{
    struct evidence e;
    if (evidence_open(&e, j, err))
        return err_wrap(err, "text report");
    say_head(&e, out);
    bool said = say_verdicts(&e, out);
    say_objectives(&e, out);
    say_faults(&e, out);
    say_latencies(&e, out);
    say_losses(&e, out);
    say_outages(&e, out);
    say_tail(&e, out);
    evidence_close(&e);
    return said ? ERR_OK : err_set(err, ERR_NOMEM, "text report: out of memory");
}

const struct format_ops format_text = {.name = "text",
                                       .summary =
                                           "For people: verdicts, proofs, faults, numbers.",
                                       .write = write_text};
