/* What the relatives of linearizability share: promises that are weaker, told of one
 * register whose values tell who wrote them. */
#ifndef CHECKER_RELATIVES_RELATIVE_H
#define CHECKER_RELATIVES_RELATIVE_H

#include "checker/versions.h"

#define RELATIVE_NOBODY UINT32_MAX

enum relative_state {
    RELATIVE_KNOWN,
    RELATIVE_NOT_MINE,   /* values repeat, or operations are not those it is defined for */
    RELATIVE_IMPOSSIBLE, /* a read saw what was never written, or not yet: no bound helps */
    RELATIVE_GAVE_UP     /* the budget was used up */
};

/* Why a read is stale. Operations; RELATIVE_NOBODY as `writer`: the value was there at
 * the start. */
struct stale_read {
    uint32_t read, writer;
    uint32_t newer;    /* wrote another value, later, before the read was called */
    uint32_t observer; /* returned before the read was called, having written or read that */
};

/* The versions of `p`, in `work`. `culprit` is the read that makes it impossible.
 * `only_reads_and_writes`: a CAS that happened is not mine. ERR_NOMEM only. */
enum err_code relative_collect(const struct problem *p, bool only_reads_and_writes,
                               struct budget *budget, struct arena *work,
                               struct versions *versions, enum relative_state *state,
                               uint32_t *culprit, struct err *err) MUST_CHECK;

/* Of an object that is none of theirs because of what it is, not of its values: why, in
 * a sentence in `arena`; else NULL. */
const char *relative_refuses(const struct problem *p, struct arena *arena);

/* When somebody first knew that it had been written: its writer, or who read it. */
int64_t relative_known_at_ns(const struct version *l);
uint32_t relative_first_knower(const struct version *l);

/* The last who looked and found it, be it to replace it; RELATIVE_NOBODY: nobody. */
uint32_t relative_last_looker(const struct versions *versions, const struct version *l);

/* What an operation found, as a version; VERSION_NONE: it did not look. */
uint32_t relative_seen(const struct versions *versions, uint32_t op);

/* The first version, in the order of calls, whose writer was called after `at_ns`. */
uint32_t relative_first_called_after(const struct versions *versions, int64_t at_ns);

#endif
