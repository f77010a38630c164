/* By when must a lost value have left a queue, whoever took it? Before the first
 * return of anybody who saw a value that comes after it. */
#ifndef CHECKER_ALGORITHMS_FIFO_DEADLINES_H
#define CHECKER_ALGORITHMS_FIFO_DEADLINES_H

#include "checker/algorithms/fifo.h"
#include "checker/algorithms/proof.h"

/* What the stays that come after an instant have in common, for any instant. */
struct fifo_deadlines {
    const struct fifo *f;
    uint32_t *by_last; /* stays, sorted; by_called is in `f` */
    /* Of the stays from each place on, in either order: who entered first, and who
     * were seen first. */
    struct fifo_suffix {
        uint32_t entered, seen, second;
    } * from_call, *from_last;
};

/* For spans of values that are taken, narrowed to ends: see fifo_init. */
enum err_code fifo_deadlines_init(struct fifo_deadlines *d, const struct fifo *f,
                                  struct arena *work, struct err *err) MUST_CHECK;

/* Where operations that show something are put. */
struct fifo_evidence {
    struct proof *proof;
    uint32_t *cover; /* room for as many stays as there are zones */
};

/* INT64_MAX: it may stay for ever. Where `evidence` is not NULL, it is filled in. Exact
 * where stays do not contradict each other. */
int64_t fifo_deadline(const struct fifo_deadlines *d, uint32_t stay,
                      const struct fifo_evidence *evidence);

/* All that a value's stay says, into a proof. */
void fifo_prove_stay(const struct fifo *f, uint32_t stay, struct proof *proof);

#endif
