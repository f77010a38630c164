/* Every way in which a register may stand at one moment, and how that set moves on
 * when an operation is called or returns.
 *
 * A configuration is the value that is there and, for each pending operation, whether
 * it is linearized (DONE), may be left out (OPTIONAL) or neither. Only the return of an
 * operation that is not done forces anything to happen (Lowe 2017, "just in time"); then
 * sequences of pending operations that end with it are tried. What keeps the set small:
 *
 * - eager looks: what only looks is done as soon as it fits the value;
 * - absorption: a write makes all other pending writes (and appends) optional, as they
 *   may have come just before it; so does a value that is there already;
 * - wants: another operation goes first only where a pending one wants what it leaves;
 * - twins: of pending operations that do the same, the one that returns first is used;
 * - detours: of several ways to one end, the one in which writes come late
 *   (frontier_prunes.c);
 * - dominance: of two configurations with one value, the one that owes no more and
 *   could do no less makes the other superfluous.
 *
 * Knows nothing of time: whoever calls it feeds events in their order. */
#ifndef CHECKER_ALGORITHMS_FRONTIER_H
#define CHECKER_ALGORITHMS_FRONTIER_H

#include "base/budget.h"
#include "checker/algorithms/trail.h"

/* What an operation does to the value. Values are small numbers, and 0 stands for all
 * that nobody ever wants to see. */
enum deed_kind {
    DEED_LOOK,   /* finds `from` */
    DEED_UNLIKE, /* finds anything but `from` */
    DEED_WRITE,  /* leaves `to` */
    DEED_CAS,    /* finds `from`, leaves `to` */
    DEED_APPEND  /* leaves what `pairs` say of the value it finds, else 0 */
};

struct deed_pair {
    uint32_t from, to;
};

struct deed {
    enum deed_kind kind;
    bool optional; /* it need not happen */
    uint32_t from, to;
    const struct deed_pair *pairs; /* ascending by `from` */
    uint32_t pair_count;
    uint32_t op;        /* the caller's number, for the trail */
    uint32_t return_at; /* rank among all returns; UINT32_MAX: never */
};

/* What it leaves where `value` is; DEED_DOES_NOT_FIT: it cannot happen there, or only
 * looks. */
uint32_t deed_leaves(const struct deed *d, uint32_t value);

#define DEED_DOES_NOT_FIT UINT32_MAX

struct frontier;

struct frontier_limits {
    size_t configs_max;    /* keep only the best of more, and be no longer complete */
    bool keeps_trail;      /* so that frontier_path can be asked */
    struct budget *budget; /* kept */
    /* By value: the rank of the first return after the next call of an operation that
     * can leave it, and behind all values that of the next CAS; UINT32_MAX: none is left.
     * Kept, and moved on by the caller. NULL:
     * the future is not known, nor return_at of any operation. */
    const uint32_t *next_source;
    /* By value: how many writes of it may happen that nobody told the frontier of, kept
     * and changed by the caller: where they would be of use it is no longer complete.
     * NULL: none. */
    const uint32_t *waiting;
};

/* NULL without memory. `values`: how many numbers there are; `slots`: how many operations
 * are pending at a time, at most. */
struct frontier *frontier_new(uint32_t values, uint32_t slots, uint32_t first_value,
                              struct frontier_limits limits);
void frontier_free(struct frontier *f);

/* As if it were new, with `first_value`. */
void frontier_begin(struct frontier *f, uint32_t first_value);

/* What a value is called from now on. */
struct renaming {
    uint32_t (*of)(void *user, uint32_t value); /* NULL: as before */
    void *user;
};

/* `to` stands where `from` does, whatever it was before. It has at least as many slots
 * and values, and neither of the two keeps a trail. */
void frontier_copy(struct frontier *to, const struct frontier *from, struct renaming renaming);

/* Visit the values that it may have, and those that pending operations name. */
void frontier_each_value(const struct frontier *f, void (*visit)(void *user, uint32_t value),
                         void *user);

/* The value, where it is certain that nothing else is there, and nothing is pending;
 * else UINT32_MAX. */
uint32_t frontier_only_value(const struct frontier *f);

/* `deed` is pending from now on, in `slot`, which must be free. */
void frontier_call(struct frontier *f, uint32_t slot, const struct deed *deed);

/* It returned: it must be linearized by now if it is not optional. `wanted`: somebody
 * who returns later may want what it leaves. The slot is free again. */
void frontier_return(struct frontier *f, uint32_t slot, bool wanted);

enum frontier_state {
    FRONTIER_ALIVE,
    FRONTIER_EMPTY, /* the last return was impossible */
    FRONTIER_SPENT, /* budget->why says why */
    FRONTIER_FULL   /* no memory */
};
enum frontier_state frontier_state(const struct frontier *f);

/* Was anything left out, because configs_max was reached? Then FRONTIER_EMPTY proves
 * nothing. */
bool frontier_was_cut(const struct frontier *f);

/* Is the operation in `slot` done in all configurations? */
bool frontier_uses_everywhere(const struct frontier *f, uint32_t slot);

/* Has every configuration a pending write of `value` that is not done? */
bool frontier_has_left_everywhere(const struct frontier *f, uint32_t value);

/* The operations that changed the value, in order, of one configuration that is left. */
size_t frontier_path(const struct frontier *f, struct trail_step **out, struct arena *arena);

#endif
