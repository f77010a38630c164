/* Packets under way, ordered by when they are due; those due together leave in the
 * order they came. Bounded: a full queue says so. */
#ifndef INJECTOR_WAN_QUEUE_H
#define INJECTOR_WAN_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

enum { WAN_PACKET_BYTES_MAX = 2048, WAN_PACKETS_MAX = 1 << 16 };

struct wan_packet {
    uint16_t size;
    uint8_t from, to; /* places */
    uint8_t port;     /* to leave by */
    uint8_t bytes[WAN_PACKET_BYTES_MAX];
};

struct wan_queue;

struct wan_queue *wan_queue_new(void); /* NULL without memory */
void wan_queue_free(struct wan_queue *q);

/* Room for a packet to be filled in; NULL when the queue is full. */
struct wan_packet *wan_queue_take(struct wan_queue *q);
/* Give it back unused. */
void wan_queue_drop(struct wan_queue *q, struct wan_packet *p);
/* Let it be due; the queue owns it until it is popped. */
void wan_queue_push(struct wan_queue *q, struct wan_packet *p, int64_t due_at_ns);

/* When the first is due, or INT64_MAX. */
int64_t wan_queue_next_at_ns(const struct wan_queue *q);
/* Take the first out; there is one. Drop it when done. */
struct wan_packet *wan_queue_pop(struct wan_queue *q);

#endif
