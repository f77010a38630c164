/* tsv: "#H VERDICT", an operation a line in ten columns with tabs between them, "#E".
 * Operations come in any order; -1 is nil. */
#include "history/readers/tsv.h"

#include <inttypes.h>
#include <string.h>

#include "history/intervals.h"
#include "history/reader.h"
#include "history/words.h"

enum column { PROCESS, KEY, FUNCTION, A, B, OUT, DONE, UNKNOWN, CALLED, RETURNED, COLUMNS };

static const char *const names[COLUMNS] = {"process", "key", "function", "a",    "b",
                                           "out",     "ok",  "unknown",  "call", "return"};

#define NEVER ((INT64_C(1) << 61) - 1)

struct tsv {
    struct calls calls;
    struct intervals all;
    struct bytes line;
    uint64_t number; /* of it */
    struct bytes cells[COLUMNS + 1];
    struct err *err;
};

static enum err_code refuse(struct tsv *t, enum column c, const char *allowed)
{
    struct bytes cell = t->cells[c];
    return err_set(t->err, ERR_INVALID, "%" PRIu64 ":%zu: %s: '%.*s' is not %s", t->number,
                   (size_t)(cell.at - t->line.at) + 1, names[c], WORDS_SHOWN(cell), allowed);
}

/* Cells may be empty, and are then refused for what they are. */
static size_t split(struct bytes line, struct bytes *cells)
{
    size_t count = 0;
    for (size_t start = 0, i = 0; i <= line.size; i++) {
        if (i < line.size && line.at[i] != '\t')
            continue;
        if (count <= COLUMNS)
            cells[count] = (struct bytes){line.at + start, i - start};
        count++;
        start = i + 1;
    }
    return count;
}

static enum err_code read_integer(struct tsv *t, enum column c, int64_t *out)
{
    return words_integer(t->cells[c], out) ? ERR_OK : refuse(t, c, "an integer");
}

/* -1 is nil. */
static enum err_code read_value(struct tsv *t, enum column c, int64_t *out)
{
    int64_t integer;
    if (read_integer(t, c, &integer))
        return t->err->code;
    *out = OP_NIL;
    if (integer == -1)
        return ERR_OK;
    *out = builder_integer(t->calls.builder, integer);
    return *out == OP_NIL ? err_set(t->err, ERR_NOMEM, "out of memory") : ERR_OK;
}

static enum err_code read_new_value(struct tsv *t, enum column c, int64_t *out)
{
    enum err_code code = read_value(t, c, out);
    if (code == ERR_OK && *out == OP_NIL)
        return refuse(t, c, "a value that can be written");
    return code;
}

static enum err_code read_flag(struct tsv *t, enum column c, bool *out)
{
    *out = words_equal(t->cells[c], "true");
    return *out || words_equal(t->cells[c], "false") ? ERR_OK : refuse(t, c, "true or false");
}

static enum err_code read_times(struct tsv *t, struct interval *i, bool unknown)
{
    if (!words_integer(t->cells[CALLED], &i->called_at_ns) || i->called_at_ns < 0 ||
        i->called_at_ns >= NEVER)
        return refuse(t, CALLED, "an instant: an integer from 0 on, below 2305843009213693951");
    if (!words_integer(t->cells[RETURNED], &i->returned_at_ns) ||
        i->returned_at_ns < i->called_at_ns || i->returned_at_ns > NEVER)
        return refuse(t, RETURNED, "an instant from the call on; 2305843009213693951 is never");
    if (unknown)
        i->returned_at_ns = INT64_MAX;
    else if (i->returned_at_ns == NEVER)
        return refuse(t, RETURNED, "possible: only what is unknown never returns");
    return ERR_OK;
}

static enum err_code read_operation(struct tsv *t, struct interval *i, bool done)
{
    struct operation *o = &i->operation;
    if (words_equal(t->cells[FUNCTION], "read")) {
        o->kind = OP_READ;
        return i->outcome == OUTCOME_OK ? read_value(t, OUT, &i->result) : ERR_OK;
    }
    if (words_equal(t->cells[FUNCTION], "write")) {
        o->kind = OP_WRITE;
        return read_new_value(t, A, &o->argument);
    }
    if (!words_equal(t->cells[FUNCTION], "cas"))
        return refuse(t, FUNCTION, "read, write or cas");
    o->kind = OP_CAS;
    i->mismatch = i->outcome == OUTCOME_OK && !done;
    if (i->mismatch)
        i->outcome = OUTCOME_FAIL;
    enum err_code code = read_value(t, A, &o->expected);
    return code == ERR_OK ? read_new_value(t, B, &o->argument) : code;
}

static enum err_code read_row(struct tsv *t)
{
    bool done, unknown;
    struct interval i = {.line = t->number,
                         .operation = {.argument = OP_NIL, .expected = OP_NIL},
                         .result = OP_NIL};
    size_t count = split(t->line, t->cells);
    if (count != COLUMNS)
        return err_set(t->err, ERR_INVALID, "%" PRIu64 ": %zu columns; an operation has %d",
                       t->number, count, COLUMNS);
    enum err_code code = read_integer(t, PROCESS, &i.process);
    if (code == ERR_OK && i.process < 0)
        code = refuse(t, PROCESS, "the number of a process");
    if (code == ERR_OK)
        code = read_integer(t, KEY, &i.operation.key);
    if (code == ERR_OK)
        code = read_flag(t, DONE, &done);
    if (code == ERR_OK)
        code = read_flag(t, UNKNOWN, &unknown);
    if (code == ERR_OK)
        code = read_times(t, &i, unknown);
    if (code != ERR_OK)
        return code;
    i.operation.key = builder_integer(t->calls.builder, i.operation.key);
    i.outcome = unknown ? OUTCOME_UNKNOWN : OUTCOME_OK;
    code = read_operation(t, &i, done);
    if (code != ERR_OK)
        return code;
    bool kept = i.operation.key != OP_NIL && intervals_add(&t->all, &i);
    return kept ? ERR_OK : err_set(t->err, ERR_NOMEM, "out of memory");
}

/* "#H 1": 1 holds, 0 is violated, anything else or nothing tells nothing. */
static bool read_begin(struct bytes line, enum tsv_label *label)
{
    if (!words_begin(line, "#H") || (line.size > 2 && line.at[2] != ' ' && line.at[2] != '\t'))
        return false;
    struct bytes verdict = words_trim(words_after(line, 2));
    *label = words_equal(verdict, "1")   ? TSV_HOLDS
             : words_equal(verdict, "0") ? TSV_VIOLATED
                                         : TSV_UNLABELLED;
    return true;
}

/* The line that begins a history; `found` is false at the end of the file. */
static enum err_code find_begin(struct lines *in, bool *found, enum tsv_label *label,
                                struct err *err)
{
    struct bytes line;
    enum err_code code = ERR_OK;
    *found = false;
    while (!*found && words_line(in, &line, &code, err)) {
        *found = read_begin(line, label);
        if (!*found && words_trim(line).size > 0)
            return err_set(err, ERR_INVALID, "%" PRIu64 ": a history has to begin with '#H'",
                           in->number);
    }
    return code;
}

/* Operations up to the line that ends the history. */
static enum err_code read_rows(struct tsv *t, struct lines *in)
{
    uint64_t begin = in->number;
    enum err_code code = ERR_OK;
    while (words_line(in, &t->line, &code, t->err)) {
        if (words_equal(words_trim(t->line), "#E"))
            return ERR_OK;
        t->number = in->number;
        code = read_row(t);
        if (code != ERR_OK)
            return code;
    }
    if (code != ERR_OK)
        return code;
    return err_set(t->err, ERR_INVALID,
                   "%" PRIu64 ": the file ends before the '#E' of the history of line %" PRIu64,
                   in->number, begin);
}

enum err_code tsv_next(struct lines *in, struct builder *b, bool *found, enum tsv_label *label,
                       struct err *err)
{
    struct tsv t = {.all = {.memory = builder_memory(b)}, .err = err};
    enum err_code code = find_begin(in, found, label, err);
    if (code != ERR_OK || !*found)
        return code;
    code = calls_begin(&t.calls, b, err);
    if (code == ERR_OK)
        code = read_rows(&t, in);
    if (code == ERR_OK)
        code = intervals_feed(&t.all, &t.calls, err);
    intervals_done(&t.all);
    calls_done(&t.calls);
    return words_placed(in, code, err);
}

static enum err_code read(struct lines *in, struct builder *b, struct err *err)
{
    bool found;
    enum tsv_label label;
    enum err_code code = tsv_next(in, b, &found, &label, err);
    if (code != ERR_OK)
        return code;
    if (!found)
        return err_set(err, ERR_INVALID, "1: no history: one begins with '#H'");
    code = find_begin(in, &found, &label, err);
    if (code == ERR_OK && found)
        return err_set(err, ERR_INVALID,
                       "%" PRIu64 ": a second history; a file may have one, from '#H' to '#E'",
                       in->number);
    return code;
}

static bool recognises(struct bytes head, bool whole)
{
    struct bytes line;
    enum tsv_label label;
    return words_first_line(&head, whole, &line) && read_begin(line, &label);
}

const struct reader_ops reader_tsv = {
    .about = {.name = "tsv", .summary = "A table between '#H' and '#E', ten columns a line."},
    .model = "cas-register",
    .initial = OP_NIL,
    .recognises = recognises,
    .read = read,
};
