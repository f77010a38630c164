/* Operations in English, for the sentence of a verdict. All texts are made in the
 * arena, and never NULL. */
#ifndef CHECKER_TELL_H
#define CHECKER_TELL_H

#include "base/arena.h"
#include "history/history.h"

struct teller {
    struct history *history; /* NULL: regions and values are told as numbers */
    const struct columns *columns;
    struct arena *arena;
};

/* "process 7 in us-east" */
const char *tell_who(const struct teller *t, size_t row);

/* "57", "nothing" for OP_NIL, or the text behind an id */
const char *tell_value(const struct teller *t, int64_t value);

/* "12.310s" */
const char *tell_when(const struct teller *t, int64_t at_ns);

/* "read 41", "wrote 57", "replaced 41 by 57", "found it empty": what a client did */
const char *tell_deed(const struct teller *t, size_t row);

/* "had read 41", "had written 57", "had not found 41" */
const char *tell_did(const struct teller *t, size_t row);

/* "1 key", "2 keys" */
const char *tell_count(const struct teller *t, size_t count, const char *what);

#endif
