/* A table of registers, taken apart: one list of operations per key, with only those
 * that can bear on linearizability, and the engine that decides one list. */
#ifndef CHECKER_REGISTERS_H
#define CHECKER_REGISTERS_H

#include "checker/zones.h"
#include "history/history.h"

struct register_key {
    int64_t key;
    struct timed_op *ops; /* by called_at_ns; `row` is the index in the columns */
    size_t count;
    size_t given_count;         /* before unknown writes were dropped */
    size_t process_count;       /* clients with an acknowledged operation, counted to 2 */
    bool was_read, was_written; /* and acknowledged */
};

/* Take `columns` apart; keys in order of first use. Reads that asked for less than
 * `level` are no part of the promise. Left out:
 * - what failed: it did not happen and never will;
 * - unknown reads: they say nothing;
 * - unknown writes whose value nobody saw (registers_drop_unseen). */
enum err_code registers_split(const struct columns *columns, enum op_level level,
                              struct arena *arena, struct register_key **keys, size_t *count,
                              struct err *err) MUST_CHECK;

/* Drop unknown writes and CASes whose new value no read and no other kept CAS asks
 * for. Sound: in any order with such a write, the next operation to notice the value
 * can only be a write that replaces it, so the order works without it as well; and
 * without it nothing new is allowed. (A refused CAS could need it: where there is
 * one, nothing is dropped.) Without this a cut leaves so many writes that may happen
 * at any time that no search ends. */
enum err_code registers_drop_unseen(struct timed_op *ops, size_t *count,
                                    struct err *err) MUST_CHECK;

/* How one list was decided: by zones where values tell their writers, else by search. */
struct register_answer {
    enum { REGISTER_POSSIBLE, REGISTER_IMPOSSIBLE, REGISTER_GAVE_UP } result;
    struct zones_answer zones; /* ZONES_REPEATED: `search` has the answer */
    struct search_answer search;
};

enum err_code registers_decide(const struct timed_op *ops, size_t count, struct budget *budget,
                               struct register_answer *out, struct err *err) MUST_CHECK;

/* Take whole values, then reads, out of an impossible list as long as it stays
 * impossible; returns how many operations are left, in order, at the front of `ops`.
 * Every list on the way is a proof by itself: had the whole had an order, so would
 * what is left. Stops early when the budget is spent. */
enum err_code registers_shrink(struct timed_op *ops, size_t *count, struct budget *budget,
                               struct err *err) MUST_CHECK;

#endif
