/* fptlin: one data type, an operation a line: PROCESS START END METHOD VALUE [VALUE]. */
#include "history/lin_log.h"
#include "history/reader.h"

static bool order_of(const struct bytes *words, size_t count, struct lin_words *out)
{
    if (count < 5 || count > 6)
        return false;
    out->process = words[0];
    out->called = words[1];
    out->returned = words[2];
    out->method = words[3];
    out->value_count = count - 4;
    for (size_t i = 0; i < out->value_count; i++)
        out->values[i] = words[4 + i];
    return true;
}

static enum err_code read(struct lines *in, struct builder *b, struct err *err)
{
    return lin_log_read(in, b, order_of, "PROCESS START END METHOD VALUE [VALUE]", err);
}

static bool recognises(struct bytes head, bool whole)
{
    return lin_log_recognises(head, whole, true);
}

const struct reader_ops reader_fptlin = {
    .about = {.name = "fptlin",
              .summary = "A type, then lines of PROCESS START END METHOD VALUES."},
    .initial = OP_NIL,
    .recognises = recognises,
    .read = read,
};
