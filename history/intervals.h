/* Operations that a file lists with both their ends, in any order: collected, sorted
 * by time, then fed to a builder. Intervals are closed. */
#ifndef HISTORY_INTERVALS_H
#define HISTORY_INTERVALS_H

#include "history/calls.h"

enum { INTERVAL_ANY_PROCESS = -1 };

struct interval {
    uint64_t line;   /* of the file, for errors */
    int64_t process; /* INTERVAL_ANY_PROCESS: the lowest that has nothing open */
    struct operation operation;
    int64_t called_at_ns, returned_at_ns; /* INT64_MAX: never; its outcome is unknown */
    enum op_outcome outcome;
    int64_t result;
    bool mismatch; /* failed because it found another value */
};

/* All zero is empty. */
struct intervals {
    struct memory *memory; /* who counts them; NULL: nobody */
    struct interval *items;
    size_t count, capacity;
};

/* Copies `i`, whose times are from 0 on and in order. False without memory. */
bool intervals_add(struct intervals *all, const struct interval *i) MUST_CHECK;

/* Errors begin with the line. An operation that never returns ends, as unknown, where its
 * process calls another. */
enum err_code intervals_feed(const struct intervals *all, struct calls *calls,
                             struct err *err) MUST_CHECK;

void intervals_done(struct intervals *all);

#endif
