/* junit: JUnit XML for CI. Each check, objective and fault is a test case: what is
 * violated or missed fails, what could not be told or done is an error, what was not
 * exercised is skipped - and the exit code, not this file, says what that means. */
#include <string.h>

#include "reports/outcome.h"
#include "reports/told.h"

/* --- XML --- */

static const char *entity_of(char c)
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&apos;";
    default: return NULL;
    }
}

static void escaped(struct evidence *e, FILE *out, const char *text)
{
    for (const char *at = evidence_clean(e, text); *at; at++) {
        const char *entity = entity_of(*at);
        if (entity)
            fputs(entity, out);
        else
            fputc(*at, out);
    }
}

static void attribute(struct evidence *e, FILE *out, const char *name, const char *text)
{
    fprintf(out, " %s=\"", name);
    escaped(e, out, text);
    fputc('"', out);
}

/* --- cases --- */

/* The element inside a case; NULL: it passed. */
static const char *element_of(enum verdict_value value)
{
    switch (value) {
    case VERDICT_VIOLATED: return "failure";
    case VERDICT_UNDECIDED: return "error";
    case VERDICT_NOT_EXERCISED: return "skipped";
    case VERDICT_HOLDS: break;
    }
    return NULL;
}

static void open_case(struct evidence *e, FILE *out, const char *group, const char *name)
{
    fputs("    <testcase", out);
    attribute(e, out, "classname", group);
    attribute(e, out, "name", name);
    fputs(">\n", out);
}

static void open_element(struct evidence *e, FILE *out, const char *element, const char *type,
                         const char *message)
{
    fprintf(out, "      <%s", element);
    if (strcmp(element, "skipped") != 0)
        attribute(e, out, "type", type);
    attribute(e, out, "message", message);
    fputs(">", out);
}

static void write_operation(struct evidence *e, FILE *out, int64_t id)
{
    size_t row;
    if (!evidence_row(e, id, &row))
        return;
    const struct columns *c = &e->columns;
    bool unknown = c->outcome[row] == OUTCOME_UNKNOWN;
    const char *line = arena_format(
        &e->arena, "op %lld, process %lld in %s, %s to %s: %s", (long long)id,
        (long long)c->process[row], evidence_region(e, c->region[row]),
        told_instant(e, c->invoked_at_ns[row]),
        unknown ? "unknown" : told_instant(e, c->returned_at_ns[row]), evidence_deed(e, row));
    fputs("\n", out);
    escaped(e, out, line ? line : "?");
}

static void write_verdict(struct evidence *e, FILE *out, const struct verdict *v)
{
    const char *element = element_of(v->value);
    open_case(e, out, v->table ? v->table : "?", v->check);
    if (element) {
        open_element(e, out, element, verdict_name(v->value), v->sentence);
        for (size_t i = 0; i < v->witness_count; i++)
            write_operation(e, out, v->witness[i]);
        fprintf(out, "</%s>\n", element);
    }
    fputs("    </testcase>\n", out);
}

static void write_objective(struct evidence *e, FILE *out, const struct objective_result *o)
{
    open_case(e, out, "objectives", o->name);
    const char *message = arena_format(&e->arena, "%s, limit %s", o->value, o->limit);
    if (o->state != OBJECTIVE_MET) {
        const char *element = o->state == OBJECTIVE_MISSED ? "failure" : "error";
        open_element(e, out, element, o->state == OBJECTIVE_MISSED ? "missed" : "no data",
                     message ? message : "?");
        fprintf(out, "</%s>\n", element);
    }
    fputs("    </testcase>\n", out);
}

/* Why a fault proves nothing, or NULL. */
static const char *fault_error(const struct fault_window *w)
{
    if (!w->applied)
        return w->measured ? w->measured : "not applied";
    return w->without_effect ? "no effect was seen" : NULL;
}

static void write_fault(struct evidence *e, FILE *out, const struct fault_window *w)
{
    const char *name = arena_format(&e->arena, "%u %s", w->fault, w->name);
    const char *error = fault_error(w);
    open_case(e, out, "faults", name ? name : "?");
    if (error) {
        open_element(e, out, "error", w->applied ? "no effect" : "not applied", error);
        fputs("</error>\n", out);
    }
    fputs("    </testcase>\n", out);
}

/* A run that went wrong as a whole must not look green. */
static void write_trouble(struct evidence *e, FILE *out)
{
    if (!e->j->trouble)
        return;
    open_case(e, out, "run", "complete");
    open_element(e, out, "error", "trouble", e->j->trouble);
    fputs("</error>\n    </testcase>\n", out);
}

/* --- all of it --- */

static size_t objectives_in(const struct judgement *j, int state)
{
    size_t count = 0;
    for (size_t i = 0; i < j->objective_count; i++)
        count += (int)j->objectives[i].state == state;
    return count;
}

static size_t failed_faults(const struct measures *m)
{
    size_t count = 0;
    for (size_t i = 0; i < m->window_count; i++)
        count += fault_error(&m->windows[i]) != NULL;
    return count;
}

static void write_head(struct evidence *e, FILE *out)
{
    const struct judgement *j = e->j;
    size_t failures = evidence_count(j, VERDICT_VIOLATED) + objectives_in(j, OBJECTIVE_MISSED);
    size_t errors = evidence_count(j, VERDICT_UNDECIDED) + objectives_in(j, OBJECTIVE_NO_DATA) +
                    failed_faults(j->measures) + (j->trouble != NULL);
    size_t tests = j->verdict_count + j->objective_count + j->measures->window_count +
                   (j->trouble != NULL);
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite", out);
    attribute(e, out, "name", j->scenario ? j->scenario : "history");
    fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\">\n", tests,
            failures, errors, evidence_count(j, VERDICT_NOT_EXERCISED));
    fputs("    <properties>\n", out);
    const char *const facts[][2] = {{"world", j->world},
                                    {"folder", j->folder},
                                    {"repeat", j->repeat},
                                    {"outcome", outcome_words(e)}};
    for (size_t i = 0; i < ARRAY_LEN(facts); i++) {
        if (!facts[i][1])
            continue;
        fputs("      <property", out);
        attribute(e, out, "name", facts[i][0]);
        attribute(e, out, "value", facts[i][1]);
        fputs("/>\n", out);
    }
    fputs("    </properties>\n", out);
}

static enum err_code write_junit(const struct judgement *j, FILE *out, struct err *err)
{
    struct evidence e;
    if (evidence_open(&e, j, err))
        return err_wrap(err, "junit report");
    write_head(&e, out);
    for (size_t i = 0; i < j->verdict_count; i++)
        write_verdict(&e, out, &j->verdicts[i]);
    for (size_t i = 0; i < j->objective_count; i++)
        write_objective(&e, out, &j->objectives[i]);
    for (size_t i = 0; i < j->measures->window_count; i++)
        write_fault(&e, out, &j->measures->windows[i]);
    write_trouble(&e, out);
    fputs("  </testsuite>\n</testsuites>\n", out);
    evidence_close(&e);
    return ERR_OK;
}

const struct format_ops format_junit = {
    .name = "junit", .summary = "For CI: JUnit XML.", .write = write_junit};
