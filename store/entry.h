/* One entry of a replicated log: what clients asked to change, in the order in
 * which every replica changes it.
 *
 * All entries have the same size, so that a log is an array and a message of many
 * entries needs no table of its own. What an entry does to a table is decided by
 * machine.c alone. */
#ifndef STORE_ENTRY_H
#define STORE_ENTRY_H

#include <stdint.h>

/* No value: a register never written, a field that an operation does not take. */
#define STORE_NIL INT64_MIN

enum { STORE_NODES_MAX = 7, STORE_TABLES_MAX = 16, STORE_NODE_NONE = 0xff };

enum entry_type {
    ENTRY_NOOP,    /* a leader's first: makes older terms' entries committable */
    ENTRY_CHANGE,  /* a client's write, cas, add or remove */
    ENTRY_PRIMARY, /* who takes writes of an async table: `key` its node, `argument` the
                      epoch, `expected` the position its log continues from */
    ENTRY_TYPE_COUNT
};

/* name, text: what a client can ask for */
#define REQUEST_KINDS(X)                                                                       \
    X(READ, "read")                                                                            \
    X(WRITE, "write")                                                                          \
    X(CAS, "cas")                                                                              \
    X(ADD, "add")                                                                              \
    X(REMOVE, "remove")                                                                        \
    X(MEMBERS, "members")

enum request_kind {
#define X(name, text) REQUEST_##name,
    REQUEST_KINDS(X)
#undef X
        REQUEST_KIND_COUNT
};

/* Fields that a type or kind does not take are 0, key, argument and expected
 * STORE_NIL. */
struct entry {
    uint64_t term; /* of the leader that made it; in an async table's log the epoch */
    enum entry_type type;
    enum request_kind kind;
    uint32_t table;
    uint64_t client, sequence; /* the request id; retries carry the same */
    int64_t key, argument, expected;
};

#endif
