/* Logs of one data type, whose name is in the first line, that list each operation with
 * both its ends: what the formats of fastlin and fptlin share. */
#ifndef HISTORY_LIN_LOG_H
#define HISTORY_LIN_LOG_H

#include "history/builder.h"
#include "history/lines.h"

struct interval;

/* The words of one operation. */
struct lin_words {
    struct bytes process, method, called, returned; /* an empty process: any */
    struct bytes values[2];
    size_t value_count;
};

/* How a format orders the words of its lines; false where there are too few or too many. */
typedef bool (*lin_order)(const struct bytes *words, size_t count, struct lin_words *out);

enum { LIN_WORDS_MAX = 6 };

/* `shape`: what a line looks like, for errors. */
enum err_code lin_log_read(struct lines *in, struct builder *b, lin_order order_of,
                           const char *shape, struct err *err) MUST_CHECK;

/* Does the head begin with the line of a known type, and then one whose first word is
 * an integer (`numbered`) or none? */
bool lin_log_recognises(struct bytes head, bool whole, bool numbered);

#endif
