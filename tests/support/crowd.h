/* Long histories for benchmarks: clients back to back, so that as many operations
 * overlap as there are clients; half of them write; each takes effect at a random moment
 * of its time. The same form always gives the same history. */
#ifndef TESTS_SUPPORT_CROWD_H
#define TESTS_SUPPORT_CROWD_H

#include "history/history.h"

struct crowd_form {
    size_t count;
    unsigned clients;
    int64_t keys;        /* 0 is 1 */
    int64_t values;      /* written values are drawn below it; 0: all are distinct */
    bool stale;          /* a read in the middle finds what was replaced before it began */
    int64_t crashed_ppm; /* writes that are never answered; half of them happen */
};

/* Operations of one table, in the order of their calls, in `arena`: all columns that a
 * check looks at. False without memory. */
bool crowd_make(const struct crowd_form *form, struct arena *arena, struct columns *out);

#endif
