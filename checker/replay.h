/* Is an order what it is said to be? Every order that an algorithm finds is played
 * through the model before anybody believes it. */
#ifndef CHECKER_REPLAY_H
#define CHECKER_REPLAY_H

#include "checker/problem.h"

struct replay {
    enum {
        REPLAY_ACCEPTED,
        REPLAY_REFUSED, /* whoever found the order was wrong */
        REPLAY_GAVE_UP  /* out of budget or of memory, or too many ways to go */
    } value;
    const char *why;           /* GAVE_UP: "its time was used up"; REFUSED: what is wrong */
    bool lacked_memory;        /* GAVE_UP */
    struct model_state *state; /* ACCEPTED: in which the order leaves the object; one of
                                  them, where the model has a choice. In `keep` */
};

/* No operation twice, all that were answered, none before one that returned before its
 * call, each allowed by the model. Takes time with the lengths of all states together.
 * Fails only without memory. */
enum err_code replay_order(const struct problem *p, const uint32_t *order, size_t count,
                           struct budget *budget, struct arena *keep, struct replay *out,
                           struct err *err) MUST_CHECK;

#endif
