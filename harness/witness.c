/* What proves a verdict, for machines. */
#include "harness/witness.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/document.h"
#include "checker/verdict.h"

static void put_text(FILE *out, const char *text)
{
    json_t *value = json_string(text);
    if (value)
        json_dumpf(value, out, JSON_ENCODE_ANY);
    else
        fputs("null", out);
    json_decref(value);
}

/* A key as people wrote it. */
static void put_key(const struct judgement *j, FILE *out, int64_t key)
{
    const char *text = key == OP_NIL ? NULL : history_text(j->history, key);
    if (key == OP_NIL)
        fputs("null", out);
    else if (text)
        put_text(out, text);
    else
        fprintf(out, "%" PRId64, history_integer(j->history, key));
}

static void put_ids(FILE *out, const struct witness_order *o)
{
    fputc('[', out);
    for (size_t i = 0; i < o->count; i++)
        fprintf(out, "%s%" PRId64, i ? "," : "", o->ids[i]);
    fputc(']', out);
}

static void put_object(const struct judgement *j, FILE *out, const char *what,
                       const struct witness_order *o)
{
    fputs("{\"key\": ", out);
    put_key(j, out, o->key);
    fprintf(out, ", \"%s\": ", what);
    put_ids(out, o);
    fputc('}', out);
}

static void put_prefix(FILE *out, const struct verdict *v)
{
    if (!v->prefix.is_known) {
        fputs("null", out);
        return;
    }
    fprintf(out, "{\"broken_by\": %" PRId64 ", \"broken_at_ns\": %" PRId64 ", \"exact\": %s",
            v->prefix.broken_by, v->prefix.broken_at_ns, v->prefix.is_exact ? "true" : "false");
    if (v->prefix.well_until_ns != INT64_MIN)
        fprintf(out, ", \"well_until_ns\": %" PRId64, v->prefix.well_until_ns);
    fputc('}', out);
}

static void put_verdict(const struct judgement *j, FILE *out, const struct verdict *v)
{
    fputs("{\"check\": ", out);
    put_text(out, v->check);
    fputs(", \"table\": ", out);
    put_text(out, v->table ? v->table : "?");
    fprintf(out, ", \"verdict\": \"%s\",\n  \"sentence\": ", verdict_name(v->value));
    put_text(out, v->sentence);
    fputs(",\n  \"orders\": [", out);
    for (size_t i = 0; i < v->order_count; i++) {
        fputs(i ? ",\n    " : "\n    ", out);
        put_object(j, out, "order", &v->orders[i]);
    }
    fputs("],\n  \"violation\": ", out);
    if (v->value == VERDICT_VIOLATED && v->proof.count > 0)
        put_object(j, out, "operations", &v->proof);
    else
        fputs("null", out);
    fputs(",\n  \"undecided\": [", out);
    for (size_t i = 0; v->undecided_keys && i < v->undecided_count; i++) {
        fputs(i ? ", " : "", out);
        put_key(j, out, v->undecided_keys[i]);
    }
    fputs("],\n  \"prefix\": ", out);
    put_prefix(out, v);
    fputc('}', out);
}

enum err_code witness_write(const struct judgement *j, FILE *out, struct err *err)
{
    fputs("{\"version\": 1, \"verdicts\": [", out);
    for (size_t i = 0; i < j->verdict_count; i++) {
        fputs(i ? ",\n " : "\n ", out);
        put_verdict(j, out, &j->verdicts[i]);
    }
    fputs("\n]}\n", out);
    if (fflush(out) == 0 && !ferror(out))
        return ERR_OK;
    return err_set(err, ERR_IO, "witness: cannot be written: %s", strerror(errno));
}
