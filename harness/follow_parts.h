/* The inside of following: what is told by whom, for the two that listen (to lines of
 * text and to a history.db) and for who judges. */
#ifndef HARNESS_FOLLOW_PARTS_H
#define HARNESS_FOLLOW_PARTS_H

#include "checker/follow.h"
#include "harness/follow.h"
#include "history/reader.h"

/* A table; all zero: nothing of it was met. */
struct followed_table {
    bool is_met;
    struct follower *follower; /* NULL: it promises nothing that can be followed */
};

struct following {
    const struct follow_request *request;
    struct memory memory;
    struct budget budget;
    struct arena *arena;
    struct follow_verdict *out;

    struct followed_table *tables;
    size_t table_count;

    /* What is known of names and texts; whoever listens gives it. */
    struct history *(*facts)(void *user, struct err *err);
    void *facts_of;
    const char *model; /* that the format is of; NULL: anything */
    bool is_over;      /* by a violation, which is told */
};

/* Those of struct ear. The error that ends the reading means nothing where is_over. */
enum err_code following_moment(void *following, int64_t at_ns, struct err *err);
enum err_code following_op(void *following, int64_t id, const struct op_row *row,
                           struct err *err);
enum err_code following_ret(void *following, int64_t op, int64_t at_ns,
                            const struct answer *answer, struct err *err);

#endif
