/* Judging a history while it is written: it ends with the first operation that breaks
 * the promise, or when there is nothing more to come. */
#ifndef HARNESS_FOLLOW_H
#define HARNESS_FOLLOW_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "harness/exit_code.h"

struct follow_request {
    const char *path;     /* a file that grows, a run folder, its history.db; "-": the input */
    const char *model;    /* what all tables are of; NULL: what they say */
    const char *initial;  /* a whole number, or "nil"; NULL: what the model says */
    const char *format;   /* of a file of text; NULL: it is recognised */
    int64_t memory_bytes; /* of all that is kept; 0: 1G */
    int64_t idle_ns;      /* a file that did not grow for as long is over; 0: never */
};

struct follow_verdict {
    const char *sentence; /* in the arena */
    enum exit_code exit_code;
};

/* Waits for what is written. What cannot be read, or not be followed, is an error; out of
 * memory is a verdict. */
enum err_code follow_history(const struct follow_request *request, struct arena *arena,
                             struct follow_verdict *out, struct err *err);

#endif
