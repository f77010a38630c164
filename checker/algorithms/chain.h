/* Objects whose changes come in a known sequence of places: the sums of a counter, the
 * offsets of a log, the turns of a lock. Some operations tell which place they fill,
 * others may fill any that is left, and a look tells how many are filled.
 *
 * Decided by one sweep over time that fills a place only when it must: when somebody
 * returns who has filled his place or seen his level only after it. Of those who may
 * fill a place, the one that returns soonest does. That is exact. Take any order that
 * works. Swapping two operations that may fill each other's places keeps it working,
 * so let it, too, prefer who returns soonest. The sweep has never filled more places
 * than that order has, and each of them no earlier. So it had at least those to
 * choose from, and of every kind and for every instant it has left to do no more
 * operations that return by then (rule E). When the sweep must fill a place for an
 * operation that returns now, that order has done this operation; by rule E it has
 * filled more places than the sweep, the next one among them, so whoever filled it
 * there has been called, and can be spared here. Looks cost nothing: one with
 * an upper bound that the sweep has passed was passed by that order, too. */
#ifndef CHECKER_ALGORITHMS_CHAIN_H
#define CHECKER_ALGORITHMS_CHAIN_H

#include "checker/problem.h"

#define CHAIN_NOBODY UINT32_MAX

struct chain {
    const struct problem *p;

    /* What each operation is for. */
    struct chain_part {
        enum chain_role {
            CHAIN_FREE,  /* may happen at any time */
            CHAIN_PLACE, /* fills place `low` */
            CHAIN_POOL,  /* fills some place of class `low` that is nobody's */
            CHAIN_LOOK,  /* while `low` to `high` places are filled */
            CHAIN_NEVER  /* does not happen, or is not looked at */
        } role;
        uint32_t low, high;
        uint32_t because; /* CHAIN_PLACE: a look that tells it, plus one; 0: it tells itself */
    } * parts;

    struct chain_place {
        uint32_t owner; /* fills it, or CHAIN_NOBODY: one of the pool does */
        uint32_t spare; /* unanswered, may fill it and no other; mostly CHAIN_NOBODY */
        enum chain_class { CHAIN_FIRST, CHAIN_SECOND, CHAIN_CLASSES, CHAIN_CLOSED } class;
    } * places;
    uint32_t place_count; /* nothing can fill a place after these */
    /* Is a spare taken before one of the pool who returns? Neither is always right:
     * with spares and a pool for the same places, failure proves nothing. */
    bool spares_first;
};

/* Why there is no order. */
struct chain_failure {
    enum chain_reason {
        CHAIN_LATE,   /* `by` returned, and is after `owner`, which was not called yet */
        CHAIN_NO_ONE, /* `by` returned, and is after a place that nobody is there for */
        CHAIN_PASSED  /* the look `by` was called when `owner` had passed its level */
    } reason;
    uint32_t by, owner;
    uint32_t place;
};

/* An answer without a claim; FINDING_NO_ORDER comes with `failure`. */
enum err_code chain_decide(const struct chain *c, struct budget *budget, struct arena *work,
                           struct arena *keep, struct finding *out,
                           struct chain_failure *failure, struct err *err) MUST_CHECK;

/* Room for the parts and `place_count` places, all CHAIN_FREE, nobody's, and of the first
 * class; false without memory. */
bool chain_init(struct chain *c, const struct problem *p, uint32_t place_count,
                struct arena *arena) MUST_CHECK;

#endif
