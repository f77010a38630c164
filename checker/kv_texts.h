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

/* Number the operations of one key in place: OP_READ gets its `result`, OP_WRITE its
 * `argument`, OP_APPEND a `list` of pairs (before, after), by before, that says where
 * it leads; from everywhere else it leads to KV_JUNK. Lists live in `keep`. Other
 * kinds are left as they are. Linear in the texts' bytes but for sorting and one
 * binary search per number. Fails only without memory (ERR_NOMEM). */
enum err_code kv_texts_number(struct timed_op *ops, size_t count, struct kv_source source,
                              struct arena *work, struct arena *keep,
                              struct err *err) MUST_CHECK;

#endif
