/* Small random histories of one object, for comparing an algorithm with brute force.
 *
 * A history is played: operations of a few processes overlap at random, each takes
 * effect somewhere within its time and is given an answer that the model allows. Some
 * are never answered, and now and then one answer is changed afterwards, so that about
 * as many histories have an order as have none. */
#ifndef TESTS_SUPPORT_SMALL_H
#define TESTS_SUPPORT_SMALL_H

#include "base/random.h"
#include "checker/problem.h"
#include "history/history.h"

enum { SMALL_OPS_MAX = 64, SMALL_LIST_MAX = 16 };

struct small_form {
    const char *model;
    size_t ops;              /* at most; each history draws from 1 to this */
    unsigned processes;      /* at most 8 */
    int64_t values;          /* arguments are drawn from 0 to this, exclusive */
    bool distinct;           /* elements and written values: each at most once */
    bool shuffled;           /* and in any order, not ascending */
    int64_t distinct_from;   /* the first of them */
    unsigned unanswered_ppm; /* how many are never answered */
    unsigned changed_ppm;    /* how many histories have an answer changed */
    bool refused;            /* draw refused CAS, too */
    uint64_t kinds;          /* 0: all that the model knows and this file can make */
    unsigned lost_ppm; /* how many lose an operation or part of its time, or swap answers */
};

struct small {
    struct problem problem;
    struct timed_op ops[SMALL_OPS_MAX];
    struct int_list lists[SMALL_OPS_MAX]; /* by row */
    int64_t listed[SMALL_OPS_MAX][SMALL_LIST_MAX];
    struct int_list members[SMALL_OPS_MAX]; /* as many as member_list_count */
    int64_t member_words[SMALL_OPS_MAX * SMALL_OPS_MAX];
    size_t member_list_count, member_count;
};

/* The next history of the stream, in `out`. Kinds with lists are not made, but txn,
 * append for the model kv (whose `values` are states, at most 8), and members where
 * `kinds` asks for them. */
void small_make(const struct small_form *form, struct random_stream *random, struct small *out);

#endif
