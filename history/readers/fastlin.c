/* fastlin: one data type, an operation a line: METHOD VALUE START END. Nobody tells who
 * called; each operation is given the lowest process that has nothing open. */
#include "history/lin_log.h"
#include "history/reader.h"

static bool order_of(const struct bytes *words, size_t count, struct lin_words *out)
{
    if (count < 4 || count > 5) /* two values, of a set */
        return false;
    out->method = words[0];
    out->value_count = count - 3;
    for (size_t i = 0; i < out->value_count; i++)
        out->values[i] = words[1 + i];
    out->called = words[count - 2];
    out->returned = words[count - 1];
    return true;
}

static enum err_code read(struct lines *in, struct builder *b, struct err *err)
{
    return lin_log_read(in, b, order_of, "METHOD VALUE START END", err);
}

static bool recognises(struct bytes head, bool whole)
{
    return lin_log_recognises(head, whole, false);
}

const struct reader_ops reader_fastlin = {
    .about = {.name = "fastlin", .summary = "A type, then lines of METHOD VALUE START END."},
    .initial = OP_NIL,
    .recognises = recognises,
    .read = read,
};
