/* What a step asks the world to do, in order. The core fills it, node.c carries it
 * out; neither waits for the other.
 *
 * Messages and records are encoded when they are asked for, so that nothing in here
 * points into the core's memory. */
#ifndef STORE_EFFECT_H
#define STORE_EFFECT_H

#include "base/bytes.h"
#include "store/wire.h"

/* The logs of a node. Each async table has one more, LOG_TABLE + its number. */
enum { LOG_CONSENSUS, LOG_LOST, LOG_TABLE, LOG_COUNT = LOG_TABLE + STORE_TABLES_MAX };

struct effect {
    enum effect_type {
        EFFECT_SEND,   /* a frame to the replica `node` */
        EFFECT_ANSWER, /* a frame to the client on `connection` */
        EFFECT_APPEND, /* a record to `log` */
        EFFECT_REPLACE /* `log` as a whole, by these framed records */
    } type;
    uint8_t node;
    uint8_t log;
    uint64_t connection;
    size_t offset, size; /* in effects.bytes */
};

/* All zero is empty. Used again and again: effects_clear keeps the memory. */
struct effects {
    struct effect *items;
    size_t count, capacity;
    struct buffer bytes;
    bool failed; /* out of memory: the step cannot be trusted, the node must stop */
};

void effects_send(struct effects *out, uint8_t node, const struct message *m);
void effects_answer(struct effects *out, uint64_t connection, const struct message *m);
void effects_append(struct effects *out, uint8_t log, struct bytes record);
void effects_replace(struct effects *out, uint8_t log, struct bytes records);

static inline struct bytes effect_bytes(const struct effects *out, const struct effect *e)
{
    return (struct bytes){out->bytes.at + e->offset, e->size};
}

void effects_clear(struct effects *out);
void effects_done(struct effects *out);

/* The world, as one step sees it. */
struct moment {
    int64_t now_ns;
    uint64_t random; /* drawn for this step alone */
    struct effects *out;
};

#endif
