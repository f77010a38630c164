/* Is a register linearizable? In O(n log n), where every value was written at most
 * once: then each read names the write it read from.
 *
 * A write, the reads of its value, and the compare-and-sets that follow from it are
 * contiguous in any order that works: a block. A block whose first return comes
 * before its last call must hold the register from one to the other; two such
 * claims that cross are a contradiction, and if no two do, an order exists (Gibbons
 * and Korach 1997; Golab, Li and Shah 2011). So a violation is at most four
 * operations. */
#ifndef CHECKER_ZONES_H
#define CHECKER_ZONES_H

#include "checker/search.h"

struct zones_answer {
    enum zones_result {
        ZONES_POSSIBLE,
        ZONES_REPEATED,  /* not decided: a value is written twice, or the like */
        ZONES_UNWRITTEN, /* ops[0] saw a value that nobody wrote */
        ZONES_CONSUMED,  /* ops[0] and ops[1] both replaced the same value by CAS */
        ZONES_CYCLE,     /* ops[0] is a CAS that follows from its own value */
        /* ops[0] returned before ops[1] was called, yet follows from it or must come
         * after it, being later in the same block. */
        ZONES_BACKWARDS,
        /* Two blocks, each before the other: ops[0] returned before ops[1], of the
         * other block, was called; ops[2], of that other block, returned before
         * ops[3], of the first, was called. The first is the one called last, or
         * the value before all writes: ops[0] is ZONES_START then. */
        ZONES_CROSSED
    } result;
    uint32_t ops[4]; /* indexes */
};

#define ZONES_START UINT32_MAX

/* `ops` are those of one register, at first OP_NIL. Reads returned; unknown writes
 * that nobody saw are left out, so where values are distinct all of it happened. */
enum err_code zones_check(const struct timed_op *ops, size_t count, struct zones_answer *out,
                          struct err *err) MUST_CHECK;

#endif
