/* What the files of zones share; nobody else includes it. */
#ifndef CHECKER_ALGORITHMS_ZONES_PARTS_H
#define CHECKER_ALGORITHMS_ZONES_PARTS_H

#include "checker/versions.h"

/* A root version and all that follows from it by CAS, as the time from its first return
 * to its last call, whichever is first. It is a forward one if the return is: then it
 * must hold the register all that time. Otherwise any instant of it will do. */
struct block {
    int64_t from_at_ns, to_at_ns;
    uint32_t root; /* a version */
    bool is_forward;
};

struct zones {
    const struct problem *p;
    struct budget *budget;
    struct arena *work, *keep;
    struct versions versions;
    struct block *blocks; /* in an order that works, once that is known */
    uint32_t block_count;
    struct finding *out;
    bool is_foreign; /* not for zones to decide */
};

/* By `from_at_ns`, backward ones first; `spare` has room for half of them. Quick where
 * they are nearly in order. */
void blocks_sort(struct block *blocks, uint32_t count, struct block *spare);

/* Put the refused CAS that were not told what they found into `out->order`, each where
 * the value is another one. False: without memory, or something else is found: that
 * there is no such place, or that none was found. */
bool refused_place(struct zones *z);

/* --- what there is to say; all answer false, whether or not memory sufficed --- */

/* `op` saw what nobody wrote. */
bool proof_nowhere(struct zones *z, uint32_t op);
/* Both replaced one value. */
bool proof_taken_twice(struct zones *z, uint32_t a, uint32_t b);
/* What `op` replaced follows from it. */
bool proof_cycle(struct zones *z, uint32_t op);
/* `early` belongs after `late`, but returned before that was called. */
bool proof_backwards(struct zones *z, uint32_t early, uint32_t late);
/* Each block is before the other. */
bool proof_crossed(struct zones *z, const struct block *a, const struct block *b);
/* `op` was refused while what it expects was there: from the return of `first`
 * (VERSION_NONE: from the start) to the call of `last`. */
bool proof_refused(struct zones *z, uint32_t op, uint32_t first, uint32_t last);

#endif
