/* The only door to time, chance, the network and the disk.
 *
 * One `struct io` is one endpoint: a node's door, or a client's. Whoever holds it
 * asks through the table; whatever takes time is answered later by a callback.
 * Nothing is ever delivered from inside a call, except what log_open() recovers.
 * io/sim.h and io/live.h make such doors; this folder knows nothing of what the
 * nodes are for. */
#ifndef IO_IO_H
#define IO_IO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

enum { IO_FRAME_BYTES_MAX = 1 << 20 };

/* Numbers only: nothing is resolved. */
struct io_address {
    enum io_family { IO_SIM_HOST, IO_IPV4, IO_IPV6 } family;
    uint8_t ip[16]; /* network order; for IO_SIM_HOST the host's number in ip[0], ip[1] */
    uint16_t port;
};

static inline struct io_address io_sim_address(uint16_t host, uint16_t port)
{
    return (struct io_address){
        .family = IO_SIM_HOST, .ip = {(uint8_t)(host >> 8), (uint8_t)host}, .port = port};
}

/* Write "10.1.0.2:7000", "[fd00::2]:7000" or "host 3:7000". Returns `out`. */
const char *io_address_format(const struct io_address *a, char *out, size_t size);

/* Read what io_address_format writes. */
enum err_code io_address_parse(const char *text, struct io_address *out,
                               struct err *err) MUST_CHECK;

/* Lives in its owner's struct; all zero is idle. Set `fire` before it is armed.
 * The owner stops it before its memory goes. */
struct io_timer {
    void (*fire)(struct io_timer *timer);
    int64_t at_ns;    /* while armed */
    uint64_t order;   /* the world's; ties in time break by it */
    size_t slot;      /* the world's; 0 when idle */
    struct io *owner; /* the world's, while armed */
};

/* A connection that carries frames both ways. In the simulator each frame meets
 * the link's delay, loss, duplication and reordering by itself; over TCP a link's
 * loss shows as delay. Either way frames may be lost when a connection closes. */
struct io_channel;

/* What the user of channels is told. `user` of an accepted channel is that of its
 * listener until io_channel_set_user. */
struct io_handler {
    /* Of a listener: someone dialled. */
    void (*accepted)(void *user, struct io_channel *ch);
    /* Of a dialled channel: it stands. */
    void (*opened)(void *user, struct io_channel *ch);
    /* A frame came; `frame` is valid only during the call. Do not trust it. */
    void (*received)(void *user, struct io_channel *ch, struct bytes frame);
    /* The last thing heard of `ch`, which is gone when this returns: refused, reset,
     * ended, too much backlog, or a frame that broke the rules. Not told after
     * hang_up by ourselves. `why` is one short phrase. */
    void (*closed)(void *user, struct io_channel *ch, const char *why);
};

/* A durable, append-only log of records; one file of one endpoint. */
struct io_log;

struct io_log_handler {
    /* From inside log_open: each record found, oldest first. */
    void (*recovered)(void *user, struct bytes record);
    /* From inside log_open, after the last record: a torn tail was cut off, as a crash
     * in the middle of a write leaves it. NULL: do not tell. */
    void (*cut)(void *user, size_t size_bytes);
    /* Every record up to and including the `count`-th since log_open (a replace
     * counts as one) is durable. */
    void (*synced)(void *user, uint64_t count);
    /* Nothing more will be synced until the next log_open. */
    void (*failed)(void *user, const char *why);
};

struct io;

struct io_ops {
    /* The run's clock: starts anywhere, never goes back. */
    int64_t (*now_ns)(struct io *io);

    /* Nanoseconds since 1970, for people. May jump; never compare two of them. */
    int64_t (*wall_ns)(struct io *io);

    /* This endpoint's own stream of chance. */
    uint64_t (*random)(struct io *io);

    /* Fire `timer` once, not before `at_ns`; setting it again moves it. Live timers
     * keep to well under a millisecond. */
    void (*timer_set)(struct io *io, struct io_timer *timer, int64_t at_ns);
    void (*timer_stop)(struct io *io, struct io_timer *timer); /* idle is fine */

    /* Accept channels on `port` of this endpoint's own addresses. */
    enum err_code (*listen)(struct io *io, uint16_t port, const struct io_handler *handler,
                            void *user, struct err *err);

    /* Begin to connect; `opened` or `closed` follows, or neither when the network
     * swallows everything: who dials sets a timer. NULL without memory. */
    struct io_channel *(*dial)(struct io *io, const struct io_address *to,
                               const struct io_handler *handler, void *user);

    /* Best effort: what cannot be sent is lost, as on any network. At most
     * IO_FRAME_BYTES_MAX. Fine before `opened`: it waits for that. */
    void (*send)(struct io_channel *ch, struct bytes frame);

    /* Frames waiting here to be taken by the network, in bytes. */
    size_t (*backlog_bytes)(const struct io_channel *ch);

    /* Close from our side; `ch` is gone when this returns. */
    void (*hang_up)(struct io_channel *ch);

    /* Open or create the endpoint's log called `name` and recover it. ERR_DAMAGED when
     * whole records follow a broken one: no crash leaves that, and cutting them off
     * would take back what was promised to be durable. */
    enum err_code (*log_open)(struct io *io, const char *name,
                              const struct io_log_handler *handler, void *user,
                              struct io_log **out, struct err *err);

    /* Add a record. It is durable when `synced` says so and not before. */
    enum err_code (*log_append)(struct io_log *log, struct bytes record, struct err *err);

    /* Replace the whole log by `records` (frames in the form of io/frame.h), all or
     * nothing even across a crash. Appends that follow come after them. */
    enum err_code (*log_replace)(struct io_log *log, struct bytes records, struct err *err);

    /* No more callbacks; what is under way may or may not become durable. */
    void (*log_close)(struct io_log *log);
};

struct io {
    const struct io_ops *ops;
};

void io_channel_set_user(struct io_channel *ch, const struct io_handler *handler, void *user);
void *io_channel_user(const struct io_channel *ch);

#endif
