/* The inside of a frontier, for the files that make one:
 * frontier.c (what is pending, and events), frontier_copy.c (one from another),
 * frontier_moves.c (sequences of operations that lead from one configuration to the next) and
 * frontier_prunes.c (which of those nothing can come of). */
#ifndef CHECKER_ALGORITHMS_FRONTIER_PARTS_H
#define CHECKER_ALGORITHMS_FRONTIER_PARTS_H

#include "checker/algorithms/configs.h"
#include "checker/algorithms/frontier.h"
#include "checker/algorithms/mask.h"

/* The pending operations that care for one value, as masks of slots. */
struct interest {
    uint32_t value, users; /* 0 users: free */
    uint32_t can_come;     /* pending operations that find another and leave this one */
    uint64_t *looks, *unlikes, *writes, *replaces;
};

struct frontier {
    struct frontier_limits limits;
    struct arena arena; /* of all tables but the configurations */
    size_t words;       /* of a mask */
    uint32_t slot_count;
    struct deed *deeds; /* by slot */

    /* interests[0] is nobody's: values that no pending operation cares for. */
    struct interest *interests;
    uint32_t interest_count; /* room */
    uint32_t interest_end;   /* those in use come before it */
    uint32_t *interest_of;   /* by value */
    uint32_t value_count;

    uint64_t *pending, *looks, *unlikes, *writes, *appends;
    uint32_t cas_count, append_count; /* pending */

    struct configs now, next;
    struct configs seen; /* while an operation returns: in these it is still to come */
    uint64_t *taken, *arrived, *expanded; /* room for a configuration each */
    struct trail trail;
    uint32_t trail_pruned; /* how long it was when it was last pruned */
    uint32_t rank;         /* of the return at hand, as return_at counts */
    bool cut;
    enum frontier_state state;
};

static inline uint64_t *config_done(uint64_t *config)
{
    return config + CONFIG_HEAD;
}

static inline uint64_t *config_optional(const struct frontier *f, uint64_t *config)
{
    return config + CONFIG_HEAD + f->words;
}

static inline struct interest *frontier_interest(const struct frontier *f, uint32_t value)
{
    return &f->interests[f->interest_of[value]];
}

/* The deed in `slot` is pending from now on; it is no more. */
void frontier_note(struct frontier *f, uint32_t slot);
void frontier_forget(struct frontier *f, uint32_t slot);

/* What only looks and fits is done; writes of what is there anyway may be taken now
 * without a trace, or later. */
void frontier_settle(const struct frontier *f, uint64_t *config);

/* The operation in `slot` returns: fill f->next from f->now. `wanted`: somebody who
 * returns later may want what it leaves. */
void frontier_move(struct frontier *f, uint32_t slot, bool wanted);

/* False when the budget or the memory says no; f->state is set then. */
bool frontier_may_go_on(struct frontier *f);

/* As config_hold.pending: the value changed during this return, and what changed it
 * could not have waited. */
enum { HOLD_MOVED = 1 };

/* What is held after the operation in `slot` changed `config`. */
struct config_hold hold_after(const struct frontier *f, const uint64_t *config, uint32_t slot);

/* Must the value stay, as it came with a detour? Not while that is under way. */
bool hold_forbids(const struct frontier *f, const uint64_t *config);

/* Is `child`, which comes from `config` and in which `target` is still to come, on its
 * way in a manner that another way makes superfluous? */
bool prune_on_the_way(const struct frontier *f, const uint64_t *config, const uint64_t *child,
                      uint32_t target);

/* Is it certain, with `target` out of the way, that some pending operation will never
 * find what it wants? */
bool prune_arrived(const struct frontier *f, const uint64_t *config, uint32_t target);

#endif
