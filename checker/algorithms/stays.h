/* A history of a container in which every value was put in at most once, taken apart:
 * the stay of each value, from whoever put it in to whoever took it out. What a value
 * says by itself is judged here (nobody sees it before it came or after it left); how
 * stays fit together is the business of the container.
 *
 * Unanswered puts of values that nobody saw are left out, which loses nothing: in any
 * order that has one, it and whoever took that value out, who was not answered either,
 * can be taken away. */
#ifndef CHECKER_ALGORITHMS_STAYS_H
#define CHECKER_ALGORITHMS_STAYS_H

#include "checker/problem.h"

enum { STAY_NOBODY = UINT32_MAX };

struct stay {
    int64_t value;
    uint32_t enter; /* who put it in */
    uint32_t leave; /* who was told it and took it out, or STAY_NOBODY */
    uint32_t peek;  /* the first who peeked at it, or STAY_NOBODY; more in next_peek */
    /* Of those who were told the value: who returned first and who was called last, or
     * STAY_NOBODY. */
    uint32_t first, last;
    /* An answer that nothing was there: the stay of no value, which came and left at
     * one moment. All five above are that operation, but `peek`. */
    bool empty;
    bool absent; /* left out */
};

struct stays {
    struct stay *all; /* by the call of `enter` */
    uint32_t count;
    uint32_t *next_peek; /* by operation; ascending from stay.peek on */
    uint32_t *takers;    /* unanswered: may have taken anything; by call */
    uint32_t taker_count;
    uint32_t lost_count; /* see stay_is_lost */
    uint32_t empty_count;
};

/* Take `p` apart. True: `out` is ready. False: `finding` has the answer, which is that
 * there is no order, that a value was put in twice (NOT_MINE), or GAVE_UP. */
enum err_code stays_collect(const struct problem *p, struct budget *budget, struct arena *work,
                            struct arena *keep, struct stays *out, bool *ready,
                            struct finding *finding, struct err *err) MUST_CHECK;

/* Is it a value that no one who was answered took out? */
bool stay_is_lost(const struct stay *stay);

#endif
