/* Every object of a table decided, over as many threads as there are to be. Objects are
 * independent (Herlihy and Wing's locality), so what comes out does not depend on how
 * many threads there were, nor on which of them was faster - as long as time and memory
 * suffice. */
#ifndef CHECKER_RULINGS_H
#define CHECKER_RULINGS_H

#include "checker/objects.h"
#include "checker/portfolio.h"

struct ruling {
    enum {
        RULING_NONE, /* behind the first violation, when that was to be the end */
        RULING_POSSIBLE,
        RULING_IMPOSSIBLE,
        RULING_GAVE_UP
    } value;
    bool is_our_fault;
    bool lacked_memory; /* GAVE_UP */
    const char *why;    /* GAVE_UP */
    const char *by;     /* the algorithm that decided */
    uint64_t steps;     /* of all that were asked */
    uint32_t *order;    /* POSSIBLE, where orders were asked for */
    size_t order_count;
};

struct rulings_plan {
    const struct model_ops *model;
    int64_t initial;
    unsigned jobs;     /* threads */
    bool stop_at_once; /* decide nothing behind the first impossible object */
    bool keep_orders;
};

struct rulings {
    struct ruling *all; /* by object */
    /* The first impossible object; its decision is kept. SIZE_MAX: there is none. */
    size_t first_impossible;
    struct decision decision;
    struct arena kept; /* that decision's */
};

/* All but `kept` in `arena`. Each object may spend the steps of `budget`; its time and its
 * memory they share. Who lacked memory beside others is decided once more, alone. */
enum err_code rulings_make(const struct objects *objects, const struct rulings_plan *plan,
                           const struct budget *budget, struct arena *arena,
                           struct rulings *out, struct err *err) MUST_CHECK;

/* Release `kept`. All zero is fine. */
void rulings_done(struct rulings *r);

#endif
