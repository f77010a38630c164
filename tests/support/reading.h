/* What a reader made of a text, as lines that a test can compare. */
#ifndef TESTS_SUPPORT_READING_H
#define TESTS_SUPPORT_READING_H

#include "history/history.h"
#include "history/reader.h"

/* Read `size` bytes at `text` as `format` (NULL: recognised), called "FILE". NULL, with
 * `err` filled, when that is refused. */
struct history *reading_of(const void *text, size_t size, const char *format,
                           struct reading *reading, struct err *err);

/* The rows of `h`, to be freed: first the model, then an operation a line:
 *
 *     0 cas k=0 2>1 fail (another value was found) @3-4
 *
 * with "..." for texts, "-" for nothing, "[..]" for lists and the parts of a txn. */
char *reading_rows(struct history *h, const struct reading *reading);

#endif
