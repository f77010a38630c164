/* json: verdicts.json, for programs. docs/verdicts.md names every field. Times are
 * whole nanoseconds on the run's clock; null where there is no value.
 *
 * Contents: values · verdicts · measures · all of it */
#include <errno.h>
#include <string.h>

#include "base/document.h"
#include "reports/outcome.h"
#include "reports/told.h"

enum { VERDICTS_VERSION = 1 };

/* --- values --- */

/* Text as JSON takes it, NULL as null. */
static json_t *text_of(struct evidence *e, const char *text)
{
    return text ? json_string(evidence_clean(e, text)) : json_null();
}

/* INT64_MAX, in all places that use this, is "never". */
static json_t *length_of(int64_t ns)
{
    return ns == INT64_MAX ? json_null() : json_integer(ns);
}

/* A fact that is JSON itself goes in as such, so that it can be used. */
static json_t *fact_of(struct evidence *e, const char *text)
{
    json_t *value = text ? json_loads(text, 0, NULL) : NULL;
    return value ? value : text_of(e, text);
}

/* Put `value` at the end of `list`; once something failed, the list is gone. */
static void append(json_t **list, json_t *value)
{
    if (*list && json_array_append_new(*list, value) == 0)
        return;
    if (!*list)
        json_decref(value);
    json_decref(*list);
    *list = NULL;
}

/* --- verdicts --- */

static json_t *operation_of(struct evidence *e, int64_t id)
{
    size_t row;
    const struct columns *c = &e->columns;
    if (!evidence_row(e, id, &row))
        return json_pack("{s:I}", "op", (json_int_t)id);
    return json_pack(
        "{s:I, s:I, s:s, s:s, s:I, s:o, s:s, s:s}", "op", (json_int_t)id, "process",
        (json_int_t)c->process[row], "region", evidence_region(e, c->region[row]), "kind",
        op_kind_name(c->kind[row]), "invoked_at_ns", (json_int_t)c->invoked_at_ns[row],
        "returned_at_ns",
        length_of(c->outcome[row] == OUTCOME_UNKNOWN ? INT64_MAX : c->returned_at_ns[row]),
        "outcome", op_outcome_name(c->outcome[row]), "told", evidence_deed(e, row));
}

static json_t *prefix_of(const struct verdict *v)
{
    if (!v->prefix.is_known)
        return json_null();
    json_t *until = v->prefix.well_until_ns == INT64_MIN
                        ? json_null()
                        : json_integer(v->prefix.well_until_ns);
    return json_pack("{s:o, s:I, s:I, s:b}", "well_until_ns", until, "broken_by",
                     (json_int_t)v->prefix.broken_by, "broken_at_ns",
                     (json_int_t)v->prefix.broken_at_ns, "exact", (int)v->prefix.is_exact);
}

/* How the objects were decided; null for checks that know none. */
static json_t *decided_of(struct evidence *e, const struct verdict *v)
{
    if (v->object_count == 0)
        return json_null();
    return json_pack("{s:I, s:I, s:I, s:o, s:I}", "objects", (json_int_t)v->object_count,
                     "violated", (json_int_t)v->violated_count, "undecided",
                     (json_int_t)v->undecided_count, "by", text_of(e, v->decided_by), "steps",
                     (json_int_t)v->steps);
}

static json_t *verdict_of(struct evidence *e, const struct verdict *v)
{
    json_t *witness = json_array();
    for (size_t i = 0; i < v->witness_count; i++)
        append(&witness, operation_of(e, v->witness[i]));
    return json_pack("{s:o, s:o, s:s, s:o, s:I, s:o, s:o, s:o, s:o}", "check",
                     text_of(e, v->check), "table", text_of(e, v->table), "verdict",
                     verdict_name(v->value), "sentence", text_of(e, v->sentence), "checked",
                     (json_int_t)v->checked_count, "witness", witness, "prefix", prefix_of(v),
                     "note", text_of(e, v->note), "decided", decided_of(e, v));
}

static json_t *verdicts_of(struct evidence *e)
{
    json_t *list = json_array();
    for (size_t i = 0; i < e->j->verdict_count; i++)
        append(&list, verdict_of(e, &e->j->verdicts[i]));
    return list;
}

static json_t *objectives_of(struct evidence *e)
{
    static const char *const states[] = {[OBJECTIVE_MET] = "met",
                                         [OBJECTIVE_MISSED] = "missed",
                                         [OBJECTIVE_NO_DATA] = "no data"};
    json_t *list = json_array();
    for (size_t i = 0; i < e->j->objective_count; i++) {
        const struct objective_result *o = &e->j->objectives[i];
        append(&list, json_pack("{s:o, s:o, s:o, s:s}", "name", text_of(e, o->name), "limit",
                                text_of(e, o->limit), "value", text_of(e, o->value), "state",
                                states[o->state]));
    }
    return list;
}

/* --- measures --- */

static json_t *unserved_of(struct evidence *e, const struct fault_window *w)
{
    if (!w->unserved)
        return json_null();
    return json_pack("{s:s, s:s}", "region", evidence_region(e, w->unserved_region), "table",
                     evidence_table(e, w->unserved_table));
}

static json_t *faults_of(struct evidence *e)
{
    json_t *list = json_array();
    for (size_t i = 0; i < e->j->measures->window_count; i++) {
        const struct fault_window *w = &e->j->measures->windows[i];
        append(&list,
               json_pack("{s:I, s:o, s:o, s:o, s:o, s:b, s:b, s:I, s:o, s:o, s:o}", "fault",
                         (json_int_t)w->fault, "name", text_of(e, w->name), "asked",
                         text_of(e, w->asked), "resolved", fact_of(e, w->resolved), "measured",
                         fact_of(e, w->measured), "applied", (int)w->applied, "effective",
                         (int)w->effective, "on_at_ns", (json_int_t)w->on_at_ns, "off_at_ns",
                         length_of(w->off_at_ns), "calm_at_ns", length_of(w->calm_at_ns),
                         "unserved", unserved_of(e, w)));
    }
    return list;
}

static json_t *histogram_of(const struct histogram *h)
{
    if (h->total == 0)
        return json_pack("{s:i}", "count", 0);
    return json_pack("{s:I, s:I, s:I, s:I, s:I}", "count", (json_int_t)h->total, "min_ns",
                     (json_int_t)h->min_ns, "median_ns",
                     (json_int_t)histogram_quantile_ns(h, 500000), "p99_ns",
                     (json_int_t)histogram_quantile_ns(h, 990000), "max_ns",
                     (json_int_t)h->max_ns);
}

static json_t *latencies_of(struct evidence *e)
{
    json_t *list = json_array();
    for (size_t i = 0; i < e->j->measures->latency_count; i++) {
        const struct latency_cell *cell = &e->j->measures->latencies[i];
        append(&list,
               json_pack("{s:s, s:s, s:o, s:o}", "region", evidence_region(e, cell->region),
                         "kind", op_kind_name((int)cell->kind), "outside",
                         histogram_of(&cell->outside), "inside", histogram_of(&cell->inside)));
    }
    return list;
}

static json_t *recoveries_of(struct evidence *e)
{
    json_t *list = json_array();
    for (size_t i = 0; i < e->j->measures->recovery_count; i++) {
        const struct recovery *r = &e->j->measures->recoveries[i];
        if (r->has_data)
            append(&list,
                   json_pack("{s:I, s:s, s:o, s:s}", "fault", (json_int_t)r->fault, "table",
                             evidence_table(e, r->table), "rto_ns", length_of(r->rto_ns),
                             "worst_region", evidence_region(e, r->worst_region)));
    }
    return list;
}

static json_t *outages_of(struct evidence *e)
{
    json_t *list = json_array();
    for (size_t i = 0; i < e->j->measures->outage_count; i++) {
        const struct outage *o = &e->j->measures->outages[i];
        append(&list, json_pack("{s:s, s:s, s:I}", "region", evidence_region(e, o->region),
                                "table", evidence_table(e, o->table), "unavailable_ns",
                                (json_int_t)o->unavailable_ns));
    }
    return list;
}

static json_t *losses_of(struct evidence *e)
{
    json_t *list = json_array();
    uint32_t tables = history_table_count(e->j->history);
    for (uint32_t t = 0; t < tables && t < MEASURED_TABLES_MAX; t++) {
        int64_t count = e->j->measures->rpo_count[t];
        int64_t cut_off = e->j->measures->cut_off_count[t];
        append(&list, json_pack("{s:s, s:o, s:o, s:o}", "table", evidence_table(e, t),
                                "rpo_count", length_of(count < 0 ? INT64_MAX : count), "rpo_ns",
                                length_of(count < 0 ? INT64_MAX : e->j->measures->rpo_ns[t]),
                                "cut_off_count", length_of(cut_off < 0 ? INT64_MAX : cut_off)));
    }
    return list;
}

/* --- all of it --- */

static json_t *reasons_of(struct evidence *e)
{
    json_t *list = json_array();
    for (size_t i = 0; i < e->j->measures->reason_count; i++) {
        const struct reason *r = &e->j->measures->reasons[i];
        append(&list, json_pack("{s:s, s:o, s:I}", "outcome", op_outcome_name((int)r->outcome),
                                "error", text_of(e, r->error), "count", (json_int_t)r->count));
    }
    return list;
}

static json_t *measures_of(struct evidence *e)
{
    const struct measures *m = e->j->measures;
    return json_pack("{s:{s:I, s:I, s:I, s:o}, s:o, s:o, s:o, s:o, s:o}", "operations", "ok",
                     (json_int_t)m->ok, "failed", (json_int_t)m->failed, "unknown",
                     (json_int_t)m->unknown, "reasons", reasons_of(e), "faults", faults_of(e),
                     "latency", latencies_of(e), "recovery", recoveries_of(e), "outages",
                     outages_of(e), "losses", losses_of(e));
}

static json_t *judgement_of(struct evidence *e)
{
    const struct judgement *j = e->j;
    return json_pack(
        "{s:i, s:o, s:o, s:o, s:o, s:i, s:s, s:o, s:o, s:o, s:o, s:o}", "version",
        VERDICTS_VERSION, "scenario", text_of(e, j->scenario), "world", text_of(e, j->world),
        "started", text_of(e, history_meta_get(j->history, "started")), "folder",
        text_of(e, j->folder), "exit_code", j->exit_code, "outcome", outcome_words(e),
        "trouble", text_of(e, j->trouble), "repeat", text_of(e, j->repeat), "verdicts",
        verdicts_of(e), "objectives", objectives_of(e), "measures", measures_of(e));
}

static enum err_code write_json(const struct judgement *j, FILE *out, struct err *err)
{
    struct evidence e;
    if (evidence_open(&e, j, err))
        return err_wrap(err, "json report");
    enum err_code code = ERR_OK;
    json_t *all = judgement_of(&e);
    if (!all)
        code = err_set(err, ERR_NOMEM, "json report: out of memory");
    else if (json_dumpf(all, out, JSON_INDENT(2)) != 0 || fputc('\n', out) == EOF)
        code = err_set(err, ERR_IO, "json report: cannot be written: %s", strerror(errno));
    json_decref(all);
    evidence_close(&e);
    return code;
}

const struct format_ops format_json = {
    .name = "json", .summary = "For programs: all verdicts and measures.", .write = write_json};
