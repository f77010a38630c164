/* Texts of one key as numbers that the model kv can step on, so that no algorithm
 * ever compares texts.
 *
 * A state that is no prefix of a text which some get saw is KV_JUNK: until the next
 * put no get can see it, so all such states are one. Of the prefixes only those count
 * at which a put or an append can end: they are numbered from 0, the empty text. */
#ifndef CHECKER_KV_TEXTS_H
#define CHECKER_KV_TEXTS_H

#include "checker/problem.h"

enum { KV_JUNK = -1 };

/* The text behind a value of the history, which must stay where it is until
 * kv_texts_number has returned; NULL for an integer, which is then its digits. OP_NIL
 * is never asked for: it is the empty text. */
struct kv_source {
    const char *(*text)(const void *user, int64_t value);
    const void *user;
};

/* What it may take. */
struct kv_room {
    struct budget *budget;
    struct arena *work, *keep; /* `work` dies after the call */
};

/* Number the operations of one key in place: OP_READ gets its `result`, OP_WRITE its
 * `argument`, OP_APPEND a `list` of pairs (before, after), by before, that says where
 * it leads; from everywhere else it leads to KV_JUNK. Lists live in `keep`. Other
 * kinds are left as they are.
 *
 * Takes a sort of the texts; for each text that no other continues, as long as what it
 * does not share with the one before it and the longest append together; for each number
 * one binary search among the appends; and one step for each pair. Appends that begin
 * like each other lead on from nearly everywhere, so that pairs may be as many as the
 * product of appends and bytes. Hence the budget: ERR_LIMIT, and why, where it is used
 * up, and some operations are numbered then. Else ERR_NOMEM alone. */
enum err_code kv_texts_number(struct timed_op *ops, size_t count, struct kv_source source,
                              const struct kv_room *room, struct err *err) MUST_CHECK;

#endif
