/* A problem about one register, as the frontier wants it: values numbered,
 * calls and returns in one row. */
#ifndef CHECKER_ALGORITHMS_TIMELINE_H
#define CHECKER_ALGORITHMS_TIMELINE_H

#include "checker/algorithms/frontier.h"
#include "checker/problem.h"

struct event {
    uint32_t op;
    bool is_return; /* of an unanswered operation: nobody wants what it leaves any more */
};

struct timeline {
    struct event *events;
    uint32_t event_count;
    struct deed *deeds;     /* by operation */
    uint32_t *wanted_until; /* by value: the last return of who wants it; 0: nobody does */
    size_t op_count;
    uint32_t value_count, first_value;
    /* By value: the first source (see frontier_limits) that is not called yet, and by
     * operation: the next one of the same value; UINT32_MAX: none. */
    uint32_t *first_source, *source_after;
    uint32_t first_cas, *cas_after; /* the same of all CAS, by operation */
    bool has_appends;
    uint32_t *call_at;     /* by operation: the rank of the first return after its call */
    uint32_t unlike_until; /* the same of those who want any other value */
};

/* False: not a problem that deeds can tell. ERR_NOMEM in `code`. */
bool timeline_make(const struct problem *p, struct arena *arena, struct timeline *out,
                   enum err_code *code, struct err *err);

/* Does somebody who returns after the `rank`-th return want what `deed` leaves? */
bool timeline_wants(const struct timeline *t, const struct deed *deed, uint32_t rank);

#endif
