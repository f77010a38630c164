/* What the replicas held at the end: the last round of final reads in which every
 * replica answered for every key. Does not judge it. */
#ifndef CHECKER_FINALS_H
#define CHECKER_FINALS_H

#include "history/history.h"

#define NO_ROW UINT32_MAX

struct finals {
    bool recorded;       /* there is at least one final read */
    bool ended;          /* the run said that it has finished reading: more waiting would
                            have changed nothing */
    bool unready;        /* the run said that the system did not come up after heal: what
                            replicas agree on may be older than what was acknowledged */
    bool complete;       /* what follows holds a round */
    const char *missing; /* else: "us-east-1 never answered for key 3" */
    int64_t asked_at_ns; /* when the round's first read was called */
    size_t key_count;
    const int64_t *keys; /* in order of first use */
    uint32_t node_count;
    const uint32_t *rows; /* [key * node_count + node], in the columns */
};

/* `columns` are those of one table. Every key that an operation other than a failed
 * one touched must be answered for. */
enum err_code finals_find(struct history *history, const struct columns *columns,
                          struct arena *arena, struct finals *out, struct err *err) MUST_CHECK;

static inline uint32_t finals_row(const struct finals *f, size_t key, uint32_t node)
{
    return f->rows[key * f->node_count + node];
}

/* Do two answers hold the same value, or the same elements? */
bool finals_equal(const struct columns *columns, uint32_t row_a, uint32_t row_b);

/* When another node took over a table. What the primary before it had acknowledged
 * until then may be lost without a lie, where the table is asynchronous. */
struct promotion {
    int64_t at_ns; /* seen; it happened shortly before */
    int from;      /* the node replaced */
    bool known;    /* nobody else led in between, as the terms tell */
};

struct promotions {
    const struct promotion *all; /* ascending */
    size_t count;
};
enum err_code promotions_find(struct history *history, uint32_t table, struct arena *arena,
                              struct promotions *out, struct err *err) MUST_CHECK;

/* The promotion that may have thrown away the acknowledged operation `row`; NULL: none.
 * One loses only what was begun before it, and acknowledged by the primary that it
 * replaced: what an old primary goes on acknowledging afterwards is not excused. */
const struct promotion *promotion_losing(const struct promotions *p,
                                         const struct columns *columns, uint32_t row);

#endif
