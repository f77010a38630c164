/* The store's one protocol: what clients, replicas and people who ask say to a node.
 *
 * Every message is one frame of an io channel: version, type, then the fields of the
 * type in a fixed order (docs/store-protocol.md). Bytes come from outside: decoding
 * checks every field once, here, and the rest of the store asserts what it is
 * handed. There is one encoding of each message, so decoding and encoding again
 * gives the same bytes. What a message means is not known here. */
#ifndef STORE_WIRE_H
#define STORE_WIRE_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/err.h"
#include "io/io.h"
#include "store/entry.h"

enum {
    WIRE_VERSION = 1,
    WIRE_FRAME_BYTES_MAX = IO_FRAME_BYTES_MAX,
    WIRE_ENTRIES_MAX = 512,       /* in one APPEND or SHIP */
    WIRE_CHUNK_BYTES_MAX = 32768, /* of a snapshot in one CHUNK */
    WIRE_MEMBERS_MAX = 100000,    /* of one set, or of all sets of one page */
    WIRE_ITEMS_MAX = 1000,        /* keys in one page of STATE */
    WIRE_ENTRY_BYTES = 8 + 1 + 1 + 4 + 8 + 8 + 8 + 8 + 8
};

/* Type bytes; a number is never given to another type. */
#define MESSAGE_TYPES(X)                                                                       \
    X(HELLO, 1, "hello")                                                                       \
    X(REQUEST, 2, "request")                                                                   \
    X(REPLY, 3, "reply")                                                                       \
    X(ASK_READY, 4, "ask-ready")                                                               \
    X(READY, 5, "ready")                                                                       \
    X(ASK_ROLE, 6, "ask-role")                                                                 \
    X(ROLE, 7, "role")                                                                         \
    X(ASK_STATE, 8, "ask-state")                                                               \
    X(STATE, 9, "state")                                                                       \
    X(PING, 10, "ping")                                                                        \
    X(VOTE, 16, "vote")                                                                        \
    X(VOTED, 17, "voted")                                                                      \
    X(APPEND, 18, "append")                                                                    \
    X(APPENDED, 19, "appended")                                                                \
    X(CHUNK, 20, "chunk")                                                                      \
    X(CHUNKED, 21, "chunked")                                                                  \
    X(SHIP, 24, "ship")                                                                        \
    X(SHIPPED, 25, "shipped")                                                                  \
    X(RENEW, 26, "renew")                                                                      \
    X(RENEWED, 27, "renewed")                                                                  \
    X(ASK_POSITION, 28, "ask-position")                                                        \
    X(POSITION, 29, "position")

enum message_type {
#define X(name, number, text) MESSAGE_##name = number,
    MESSAGE_TYPES(X)
#undef X
};

/* --- everybody --- */

/* First on every connection, from the side that dialled; answered with the other
 * side's. Frames can be lost: say it again, before what you want, until answered.
 * What comes before a hello is dropped. */
struct hello {
    uint64_t cluster;
    enum hello_who { HELLO_CLIENT, HELLO_REPLICA, HELLO_WHO_COUNT } who;
    uint64_t id; /* of the client (not 0), or the number of the node */
};

/* Who only asks about the node (control) says an id from here up; no requests follow. */
#define HELLO_ASKER (UINT64_C(1) << 63)

/* --- clients --- */

/* One operation at a time per client, `sequence` rising from 1. A retry, at any
 * node, carries the same two numbers and is applied at most once. */
struct request {
    uint64_t client, sequence;
    uint32_t table; /* index in node_config.tables */
    enum request_kind kind;
    int64_t key;
    int64_t argument; /* WRITE, CAS: the new value; ADD, REMOVE: the element */
    int64_t expected; /* CAS; else STORE_NIL */
    enum request_level {
        REQUEST_LINEARIZABLE, /* answered by the leader (async table: the primary) */
        REQUEST_LOCAL,        /* a read from whatever this node has applied */
        REQUEST_LEVEL_COUNT
    } level;
};

enum reply_status {
    REPLY_OK,      /* it happened */
    REPLY_FAIL,    /* this try did not happen and never will */
    REPLY_UNKNOWN, /* it may have happened, or may yet; retrying it is safe */
    REPLY_STATUS_COUNT
};

/* name, phrase for errors; MISMATCH and below speak of the operation itself,
 * so that a retry would be answered alike */
#define REPLY_REASONS(X)                                                                       \
    X(NONE, "none")                                                                            \
    X(MISMATCH, "another value was found")                                                     \
    X(BAD_REQUEST, "bad request")                                                              \
    X(FULL, "table is full")                                                                   \
    X(NOT_LEADER, "not the leader")                                                            \
    X(UNAVAILABLE, "unavailable")                                                              \
    X(LOST_LEADERSHIP, "lost leadership")                                                      \
    X(SUPERSEDED, "a later operation of this client was seen")

enum reply_reason {
#define X(name, text) REASON_##name,
    REPLY_REASONS(X)
#undef X
        REPLY_REASON_COUNT
};
const char *reply_reason_text(enum reply_reason reason);

struct reply {
    uint64_t client, sequence; /* of the request */
    enum reply_status status;
    enum reply_reason reason; /* NONE only for OK */
    uint8_t leader;           /* who to ask instead, or STORE_NODE_NONE */
    uint8_t node;             /* who answers */
    int64_t value;            /* READ: the value; MISMATCH: the one found; else STORE_NIL */
    uint64_t version;         /* log position of the change, or of what was read; 0: none */
    bool is_list;             /* MEMBERS */
    uint32_t member_count;
    const int64_t *members; /* ascending */
};

/* --- control: what a node says of itself; any client may ask --- */

struct ready {
    bool ready; /* knows a leader, or leads, and has applied what it knows committed */
};

struct ask_role {
    uint32_t table;
};

struct role {
    uint32_t table;
    bool leads;          /* claims to; async tables: to be the primary */
    uint64_t term;       /* async tables: the epoch */
    uint64_t lost_count; /* async tables: changes that this node ever cut off */
};

/* A page of everything that the node has applied, by rising key. */
struct ask_state {
    uint32_t table;
    int64_t from_key; /* the first page: INT64_MIN */
};

struct state_item {
    int64_t key;
    int64_t value; /* a register's; a set's is STORE_NIL */
    bool is_list;
    uint32_t member_count;
    const int64_t *members; /* ascending */
};

struct state {
    uint32_t table;
    bool more;        /* ask again from `next_key` */
    int64_t next_key; /* 0 without more */
    uint32_t item_count;
    const struct state_item *items;
};

/* --- replicas; who sends is known from the connection's hello --- */

struct vote {
    bool pre; /* only asks whether it would be given */
    uint64_t term;
    uint64_t last_index, last_term;
};

struct voted {
    bool pre, granted;
    uint64_t term; /* the voter's; of a pre-vote granted, the one asked for */
};

struct append {
    uint64_t term;
    uint64_t prev_index, prev_term;
    uint64_t commit_index;
    uint64_t round; /* of reads to confirm; echoed */
    uint32_t entry_count;
    const struct entry *entries;
};

struct appended {
    uint64_t term;
    bool matched;
    uint64_t index;     /* matched: durable and equal up to here; else: where to try next */
    uint64_t hint_term; /* else: the term there */
    uint64_t rejected;  /* else: the prev_index refused */
    uint64_t round;
};

struct chunk {
    uint64_t term;
    uint64_t last_index, last_term; /* of the snapshot */
    uint64_t total_bytes, offset;
    struct bytes part;
};

struct chunked {
    uint64_t term;
    uint64_t last_index;
    uint64_t received_bytes; /* from its start, without a gap */
};

/* --- replicas of an async table --- */

/* From the primary of `epoch`: entries after prev_index; none to be heard of. */
struct ship {
    uint32_t table;
    uint64_t epoch;
    uint64_t prev_index, prev_epoch;
    uint32_t entry_count;
    const struct entry *entries;
};

struct shipped {
    uint32_t table;
    uint64_t epoch;
    bool matched;
    uint64_t index;      /* as in struct appended */
    uint64_t hint_epoch; /* else: the epoch there */
    uint64_t rejected;
};

/* From a primary to the leader of the consensus group, and back once that is sure that
 * no other epoch has begun. */
struct renew {
    uint32_t table;
    uint64_t epoch;
    uint64_t sent_at_ns; /* on the primary's clock; echoed: its lease counts from there */
};

/* From a leader who looks for a new primary: how far is your log? */
struct ask_position {
    uint32_t table;
    uint64_t poll; /* echoed */
};

struct position {
    uint32_t table;
    uint64_t poll;
    uint64_t index, epoch; /* of the last entry on disk */
};

struct message {
    enum message_type type;
    union {
        struct hello hello;
        struct request request;
        struct reply reply;
        struct ready ready;
        struct ask_role ask_role;
        struct role role;
        struct ask_state ask_state;
        struct state state;
        struct vote vote;
        struct voted voted;
        struct append append;
        struct appended appended;
        struct chunk chunk;
        struct chunked chunked;
        struct ship ship;
        struct shipped shipped;
        struct renew renew; /* RENEW and RENEWED */
        struct ask_position ask_position;
        struct position position;
    };
};

/* Where decoding puts lists; used again and again. All zero is empty. */
struct wire_space {
    struct entry *entries;
    struct state_item *items;
    int64_t *members;
};
void wire_space_done(struct wire_space *space);

/* Append the frame of `m` to `out`; false, and `out` unchanged, without memory.
 * What the message holds must be what decoding would take. */
bool wire_encode(const struct message *m, struct buffer *out) MUST_CHECK;

/* Lists point into `space` and bytes into `frame`, valid until either is used again.
 * On failure `out` is untouched and `err` names the field, its value and what is
 * allowed: "append: term: 0 is below 1". */
enum err_code wire_decode(struct bytes frame, struct wire_space *space, struct message *out,
                          struct err *err) MUST_CHECK;

/* The same for one entry alone, as logs keep them: WIRE_ENTRY_BYTES each. */
void wire_entry_encode(const struct entry *e, uint8_t out[WIRE_ENTRY_BYTES]);
enum err_code wire_entry_decode(struct bytes in, struct entry *out, struct err *err) MUST_CHECK;

/* "append"; NULL for a number that is no type. */
const char *message_type_name(int type);

#endif
