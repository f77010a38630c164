/* Linearizability of a table while it is used: operations are told as they are called
 * and as they return, and the first return that no order allows is named at once. What
 * is kept is bounded by what is open at a time, and by how many keys there are.
 *
 * "At once" is when its instant is over: whoever is called at the instant at which
 * another returns is concurrent with it. Knows no clock and no file. */
#ifndef CHECKER_FOLLOW_H
#define CHECKER_FOLLOW_H

#include "checker/window.h"
#include "history/rows.h"

struct follower;

struct follow_options {
    const struct model_ops *model;
    int64_t initial;       /* as in struct problem */
    enum op_level level;   /* reads that asked for less are no part of the promise */
    struct budget *budget; /* kept; counts all that is kept */

    /* What is known of texts and large integers so far; NULL: there are none. */
    struct history *(*facts)(void *user, struct err *err);
    void *facts_of;
};

/* May objects of this model be followed? If not, why not: "what a kv's get may see is
 * known only at the end". NULL: they may. */
const char *follow_refuses(const struct model_ops *model);

/* NULL without memory. */
struct follower *follower_new(const struct follow_options *options);
void follower_free(struct follower *f);

/* An operation is called; ids ascend. All instants before its own are over. ERR_INVALID
 * where the model does not know it. */
enum err_code follower_call(struct follower *f, int64_t id, const struct op_row *row,
                            struct err *err) MUST_CHECK;

/* It returned. Whoever is not known is no part of the promise. */
enum err_code follower_return(struct follower *f, int64_t id, int64_t at_ns,
                              const struct answer *answer, struct err *err) MUST_CHECK;

/* All instants before `at_ns` are over. INT64_MAX: all that was told. */
enum err_code follower_moment(struct follower *f, int64_t at_ns, struct err *err) MUST_CHECK;

/* Is the operation one of its own, that has not returned? */
bool follower_knows(const struct follower *f, int64_t id);

bool follower_is_violated(const struct follower *f);

/* How it stands. Not for every row: it looks at all objects. */
struct follow_state {
    uint64_t op_count;     /* that count for the promise */
    uint64_t object_count; /* keys, or one */
    uint64_t undecided_count;
    const char *why; /* of the first that is undecided */
    int64_t why_key;
    uint64_t late_count; /* operations that returned when it was too late to judge them */

    bool is_violated; /* nothing changes any more */
    int64_t key;      /* of the object that is violated; OP_NIL: there are no keys */
    const struct followed_op *op;
};
struct follow_state follower_state(const struct follower *f);

#endif
