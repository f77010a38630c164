/* Why the operations of an object have no order: the sentence, the operations that
 * prove it, and how long all was well. */
#ifndef CHECKER_CONTRADICTION_H
#define CHECKER_CONTRADICTION_H

#include "checker/portfolio.h"
#include "checker/tell.h"
#include "checker/verdict.h"

struct contradiction {
    struct problem problem;          /* `row` of its operations is that of the columns */
    const struct decision *decision; /* NO_ORDER */
    int64_t key;                     /* OP_NIL: none to be named */
    bool wants_all;                  /* fill in `proof` of the verdict, too */
    /* Not of linearizability: the proof is there and stands, and how long all was well
     * is another question. */
    bool is_of_a_weaker_promise;
};

/* Fill in value, sentence, witness, prefix, proof. What makes the proof short and finds
 * how long all was well is a courtesy: it takes a part of `budget`, and the violation
 * stands without it. Fails only without memory. */
enum err_code contradiction_tell(const struct contradiction *c, const struct teller *t,
                                 const struct budget *budget, struct verdict *out,
                                 struct err *err) MUST_CHECK;

#endif
