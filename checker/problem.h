/* The question of linearizability about one object, the answer to it, and the form
 * that every algorithm has which may answer. Algorithms know nothing of keys, files
 * or words; they see operations and instants. */
#ifndef CHECKER_PROBLEM_H
#define CHECKER_PROBLEM_H

#include "base/arena.h"
#include "base/budget.h"
#include "base/err.h"
#include "checker/model.h"

/* An operation and the time it took. Intervals are closed: one that is called at the
 * instant another returns is concurrent with it. */
struct timed_op {
    struct model_op op;
    int64_t called_at_ns;
    int64_t returned_at_ns; /* INT64_MAX where not op.answered: later, or never */
    uint32_t row;           /* the caller's own */
    uint32_t process;       /* a number for whoever called it, from 0 */
};

/* Is there an order of `ops`, those unanswered optional, that the model allows from
 * `initial` on and real time permits? What failed, and unanswered operations that
 * only look, were left out. */
struct problem {
    const struct model_ops *model;
    int64_t initial;
    const struct timed_op *ops; /* by called_at_ns */
    size_t count;               /* below UINT32_MAX / 4 */
};

/* Words that a state of it may need. */
size_t problem_state_words(const struct problem *p);

enum { ROLES_MAX = 8 };

/* `why`, where there is no more to be said than that. */
#define NO_MEMORY_LEFT "its memory was used up"

/* All in the arena that the algorithm was given. Operations are indexes into `ops`. */
struct finding {
    enum finding_value {
        FINDING_NOT_MINE, /* this algorithm cannot tell; another may */
        FINDING_ORDER,
        FINDING_NO_ORDER,
        FINDING_GAVE_UP
    } value;
    const char *why;    /* GAVE_UP: "its time was used up" */
    bool lacked_memory; /* GAVE_UP: with more of it, it might have told */

    /* ORDER: everything that happens, in order; whoever is unanswered and not in it
     * does not happen. */
    uint32_t *order;
    size_t order_count;

    /* NO_ORDER: these alone have no order, and all that they saw is among them. NULL:
     * nobody knows better than all of `ops`. */
    uint32_t *proof;
    size_t proof_count;
    /* NO_ORDER: a sentence about the operations in `roles`, see checker/claim.h; NULL:
     * there is none to tell but that no order works. */
    const char *claim;
    uint32_t roles[ROLES_MAX];
};

/* Fails only without memory (ERR_NOMEM), which the caller reports as GAVE_UP. Spends
 * `budget` in small steps and stops with GAVE_UP and its `why` when that says no.
 * `work` is for what is needed on the way, and dies after the call. */
typedef enum err_code (*algorithm)(const struct problem *p, struct budget *budget,
                                   struct arena *work, struct arena *keep, struct finding *out,
                                   struct err *err);

#endif
