/* What an operation is, from the client's side: the words shared by workloads,
 * systems, the history and the checkers. */
#ifndef HISTORY_OP_H
#define HISTORY_OP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* name in files, takes a key, argument, expected; what the result is */
#define OP_KINDS(X)                                                                            \
    X(READ, "read")       /* result: the value, or OP_NIL; argument, of a log: where */        \
    X(WRITE, "write")     /* argument: the new value */                                        \
    X(CAS, "cas")         /* expected -> argument; fails when another value was found (proof   \
                             of that is the error OP_MISMATCH, or a result: that value) */     \
    X(ADD, "add")         /* argument: an element of the set `key` */                          \
    X(REMOVE, "remove")   /* argument: an element of the set `key` */                          \
    X(MEMBERS, "members") /* result: the elements of the set `key`, as a list */               \
    X(FINAL, "final")     /* after heal: what one replica holds under `key`, read locally;     \
                             `argument` is the round, `node` of the answer the replica */      \
    X(TXN, "txn")         /* its parts are in `micro` */                                       \
    X(APPEND, "append")   /* argument: put at the end of the text or the log `key`; result, of \
                             a log: where, from 0, or OP_NIL */                                \
    X(RMW, "rmw")         /* argument: the new value; result: the one that was replaced */     \
    X(INCREMENT, "increment") /* argument: by how much; result: the sum, or OP_NIL */          \
    X(CONTAINS, "contains")   /* argument: an element; result: 1 or 0 */                       \
    X(ENQUEUE, "enqueue")     /* argument: an element */                                       \
    X(DEQUEUE, "dequeue")     /* result: the first element, or OP_NIL: empty */                \
    X(PUSH, "push")           /* argument: an element */                                       \
    X(POP, "pop")             /* result: the latest element, or OP_NIL: empty */               \
    X(INSERT, "insert")       /* argument: an element, which is its priority */                \
    X(POLL, "poll")           /* result: the greatest element, which goes, or OP_NIL: empty */ \
    X(PEEK, "peek")           /* result: what dequeue, pop or poll would get */                \
    X(ACQUIRE, "acquire")   /* result: of a lock: its fencing token or OP_NIL, of a semaphore: \
                               1, or 0 where none was left */                                  \
    X(RELEASE, "release")   /* argument: the token, or OP_NIL */                               \
    X(GENERATE, "generate") /* result: an id that nobody else gets */

#define OP_OUTCOMES(X)                                                                         \
    X(OK, "ok")           /* it happened */                                                    \
    X(FAIL, "fail")       /* it did not and never will */                                      \
    X(UNKNOWN, "unknown") /* it may happen at any time after its invocation, even never */

/* The error of an operation that failed because the object was not as it has to be,
 * and not because nobody could tell: a CAS that found another value. */
#define OP_MISMATCH "another value was found"

/* What was promised or had, strongest first. */
#define OP_LEVELS(X)                                                                           \
    X(LINEARIZABLE, "linearizable")                                                            \
    X(SEQUENTIAL, "sequential")                                                                \
    X(CAUSAL, "causal")                                                                        \
    X(SESSION, "session")                                                                      \
    X(EVENTUAL, "eventual")                                                                    \
    X(LOCAL, "local") /* whatever this replica holds */

enum op_kind {
#define X(name, text) OP_##name,
    OP_KINDS(X)
#undef X
        OP_KIND_COUNT
};
enum op_outcome {
#define X(name, text) OUTCOME_##name,
    OP_OUTCOMES(X)
#undef X
        OUTCOME_COUNT
};
enum op_level {
#define X(name, text) LEVEL_##name,
    OP_LEVELS(X)
#undef X
        LEVEL_COUNT
};

/* The texts above; NULL for a number out of range. */
const char *op_kind_name(int kind);
const char *op_outcome_name(int outcome);
const char *op_level_name(int level);

/* The number of a text above, or -1. */
int op_kind_find(const char *text);
int op_outcome_find(const char *text);
int op_level_find(const char *text);

/* Does an operation of this kind mean nothing without a key, or without an argument?
 * Objects of which there mostly is one, such as a queue or a lock, may go without key. */
bool op_needs_key(enum op_kind kind);
bool op_needs_argument(enum op_kind kind);

/* No value: a register never written, an argument an operation does not take. */
#define OP_NIL INT64_MIN

/* What a client asks. Fields an operation does not take are OP_NIL. */
struct operation {
    enum op_kind kind;
    uint32_t table; /* index among the scenario's tables */
    int64_t key, argument, expected;
    enum op_level level;
    uint64_t request_id; /* unique in the run; the same for every attempt */
};

/* What it got. */
struct answer {
    enum op_outcome outcome;
    int64_t result;         /* OP_NIL when there is none, or it is a list */
    const int64_t *members; /* MEMBERS, and FINAL of a set: ascending; valid during the
                               callback */
    size_t member_count;
    bool is_list;
    enum op_level level; /* had */
    int64_t version;     /* seen, or OP_NIL */
    int node;            /* that acknowledged, or -1 */
    const char *error;   /* NULL when ok; a short phrase of few distinct texts */
};

/* One try under a request id. */
struct attempt {
    unsigned number; /* from 1 */
    int node;
    int64_t sent_at_ns, ended_at_ns;
    enum op_outcome outcome;
    const char *error; /* NULL when ok */
};

/* Numbers that belong together: a list that was read, the parts of a transaction. */
struct int_list {
    const int64_t *at;
    size_t count;
};

/* Of a transaction's list: each part is its kind (OP_READ or OP_WRITE), key and value. */
enum { OP_PART_WORDS = 3 };

#endif
