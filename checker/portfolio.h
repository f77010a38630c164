/* Which algorithms are asked about an object, in which order, and what is believed of
 * what they say: no order before it was replayed; no proof of a few operations that the
 * search, which knows only the model, finds an order for within some steps. Longer proofs,
 * and that there is no order where none is given, are taken on trust. */
#ifndef CHECKER_PORTFOLIO_H
#define CHECKER_PORTFOLIO_H

#include "checker/problem.h"

enum { CONTENDERS_MAX = 4 };

struct contender {
    const char *name;
    algorithm decide;
    bool is_sure; /* quick wherever it answers at all: it is asked first, and once */
};

struct decision {
    struct finding finding; /* never NOT_MINE */
    const char *by;         /* the algorithm that decided: "zones"; NULL: none did */
    struct {
        const char *algorithm;
        uint64_t steps;
    } spent[CONTENDERS_MAX];
    size_t spent_count;
    /* Two parts of this program contradict each other, as `finding.why` tells. Nothing
     * is decided then. */
    bool is_our_fault;
};

/* Decide `p`. First who is quick wherever it answers at all; then, where nobody knows
 * which will be faster, the others in turns that get longer, so that none of them can
 * hold up the rest for more than a small factor. Order and proof are in `keep`. Out of
 * budget and out of memory are findings, too. */
void portfolio_decide(const struct problem *p, struct budget *budget, struct arena *keep,
                      struct decision *out);

/* The same by whom the caller names, at most CONTENDERS_MAX. The last is the one that
 * needs nobody to look after its proofs. */
void portfolio_ask(const struct contender *who, size_t count, const struct problem *p,
                   struct budget *budget, struct arena *keep, struct decision *out);

#endif
