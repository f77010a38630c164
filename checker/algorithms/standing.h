/* How an object may stand at one moment, for whoever follows it while it is used: a
 * frontier where the model is a register's, ways of any state elsewhere. What comes
 * later is not known, so a value that nobody wants yet counts like any other.
 *
 * States have names, numbers of a word_table that several standings share. */
#ifndef CHECKER_ALGORITHMS_STANDING_H
#define CHECKER_ALGORITHMS_STANDING_H

#include "checker/algorithms/frontier.h"
#include "checker/algorithms/ways.h"

/* What all standings of one object share. */
struct standing_kit {
    const struct model_ops *model;
    struct budget *budget;
    struct word_table *names;
    uint32_t slots;        /* operations that are pending at a time, at most */
    uint32_t values;       /* names that there may be, */
    size_t words;          /* and how long together; see standing_has_names */
    uint32_t *next_source; /* values + 2 zeros */
};

struct standing {
    struct frontier *frontier; /* one of the two */
    struct ways *ways;
};

/* Is it a register, to which all that happens is that its value changes? */
bool standing_is_register(const struct model_ops *model);

/* False without memory. */
bool standing_make(struct standing *s, const struct standing_kit *kit) MUST_CHECK;
void standing_done(struct standing *s);

/* It is in the state called `name`, and nothing is pending. */
void standing_begin(struct standing *s, uint32_t name);

/* `to`, which has room, stands where `from` does. With `moved`, its names are those of
 * that table after it was compacted; NULL: as before. */
void standing_copy(struct standing *to, const struct standing *from,
                   const struct word_table *moved);

/* `op` is pending in `slot`; it returns at `return_at`, a rank among the returns of this
 * object. False without memory. */
bool standing_call(struct standing *s, const struct standing_kit *kit, uint32_t slot,
                   const struct model_op *op, uint32_t return_at) MUST_CHECK;

/* It returned; or, where it is not answered, it is forgotten, and from then on the
 * standing is one that was cut. */
void standing_return(struct standing *s, uint32_t slot);

enum frontier_state standing_state(const struct standing *s);
bool standing_was_cut(const struct standing *s);

/* What the state is called, where there is only one and nothing is pending; else
 * NO_STRING. */
uint32_t standing_only(const struct standing *s);

/* Keep the names it uses while `names` is compacted. */
void standing_keep(const struct standing *s, struct word_table *names);

/* Are there names left for what one more operation may need? Else whoever made them
 * compacts them. */
bool standing_has_names(const struct standing_kit *kit);

#endif
