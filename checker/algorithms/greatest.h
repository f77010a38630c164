/* When can each value of a priority queue have been there, and who saw it when? The
 * stays of a history are placed in time, the greatest value first.
 *
 * Whoever saw a value saw no greater one, so it was not within the zones of greater
 * values: the times in which such a value must be there. That moves its call up and its
 * return down, out of these zones. From the first return of all who put a value in,
 * saw or took it, to the last call of all these it must be there, and in such a zone
 * nobody sees a lesser value or nothing. To be there no longer than that is best for
 * all others, so there is nothing to choose: either everybody finds a place, from the
 * greatest value down to the empty answers, or there is no order (after Lee and Mathur
 * 2025). A value that all saw at one instant is in nobody's way.
 *
 * What nobody was told either stays for ever or was taken by an unanswered poll. Which
 * one is for the caller to say.
 *
 * Time is counted in instants, the distinct times at which somebody calls or returns;
 * a zone is without its ends. */
#ifndef CHECKER_ALGORITHMS_GREATEST_H
#define CHECKER_ALGORITHMS_GREATEST_H

#include "checker/algorithms/stays.h"

/* Instants of an operation, or of a value's zone. */
struct period {
    uint32_t from, to;
};

/* Where an operation goes: instants in order, within them by turn, and then whoever was
 * given an earlier place. */
struct placed {
    uint32_t instant, turn;
    uint32_t op;
};

struct greatest {
    const struct problem *p;
    const struct stays *stays;
    uint32_t *by_value; /* stays that have one and are not absent, the greatest first */
    uint32_t value_count;
    struct period *times; /* by operation: its call and its return */
    uint32_t never;       /* the instant after all others; `never + 1` is after that */
    uint32_t *taker;      /* by stay: whoever takes it where it is lost, or STAY_NOBODY */
    uint32_t *leave_by;   /* by stay: when he must have, or after `never`; or NULL */

    /* What greatest_place finds. */
    struct period *narrowed; /* by operation that was answered: times it can be at */
    struct period *taken;    /* by stay: the same of its taker */
    struct period *zones;    /* by stay */
    /* One who finds no place: who is left no time, or who saw a value that must have
     * been taken by then, or a taker who is too late for leave_by. */
    uint32_t failed, failed_stay;

    uint32_t *next_free, *last_free; /* by instant: the nearest outside all zones */
};

/* All but what greatest_place finds; all takers are STAY_NOBODY. */
enum err_code greatest_init(struct greatest *g, const struct problem *p,
                            const struct stays *stays, struct arena *work,
                            struct err *err) MUST_CHECK;

/* Find a place for everybody: false when somebody has none, or when the budget ran out
 * (budget->why tells). `order`, which has room for all operations, gets those that
 * happen, or is NULL. */
bool greatest_place(struct greatest *g, struct budget *budget, struct placed *order,
                    uint32_t *order_count);

#endif
