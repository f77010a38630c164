/* The simulator's insides: its clock and schedule, hosts, links and endpoints.
 * Private to io/sim*.
 *
 * All that will happen is a timer in one schedule. Those an endpoint has set have
 * an owner; those without one are the world's own: a frame under way, a disk that
 * syncs. */
#ifndef IO_SIM_WORLD_H
#define IO_SIM_WORLD_H

#include "base/random.h"
#include "io/handle.h"
#include "io/schedule.h"
#include "io/sim.h"

/* What is fed to the digest of a run: append only, or old digests change. */
enum sim_event {
    SIM_TIMER,
    SIM_ACCEPTED,
    SIM_OPENED,
    SIM_RECEIVED,
    SIM_CLOSED,
    SIM_RECOVERED,
    SIM_SYNCED
};

struct sim_side;
struct sim_item;
struct sim_disk;
struct sim_log;

struct sim_endpoint {
    struct io io;
    struct sim *sim;
    struct sim_endpoint *next; /* of its host */
    uint16_t host;
    bool alive; /* until the power of its host fails */
    struct random_stream luck;
    struct sim_side *sides; /* its ends of channels */
    struct sim_log *logs;
    char name[]; /* ends with NUL */
};

struct sim_listener {
    struct sim_endpoint *endpoint;
    uint16_t port;
    const struct io_handler *handler;
    void *user;
};

struct sim_host {
    bool powered, paused;
    struct schedule parked; /* what came due while it was paused */
    struct sim_endpoint *endpoints;
    struct sim_listener *listeners;
    size_t listener_count;
};

/* One stream per concern: switching one on leaves the luck of the others. */
struct sim_link {
    struct link_shape shape;
    struct link_counts counts;
    struct random_stream loss, jitter, duplicate, reorder;
    struct random_stream signal; /* the jitter of what is not a frame */
};

/* How often an endpoint of this name was opened: each life has its own luck. */
struct sim_life {
    struct sim_life *next;
    unsigned count;
    char name[];
};

struct sim {
    struct world world;
    struct sim_config config;
    int64_t now_ns;
    uint64_t order; /* of the last timer set */
    uint64_t digest, event_count;
    bool out_of_memory; /* something was forgotten: the run is void */
    struct schedule schedule;
    struct sim_host *hosts;
    struct sim_link *links; /* [from * host_count + to] */
    struct sim_life *lives;
    struct sim_disk *disks;
    struct sim_item *spare_items; /* small ones, to be used again */
};

static inline struct sim_endpoint *sim_endpoint_of(struct io *io)
{
    return CONTAINER_OF(io, struct sim_endpoint, io);
}

static inline struct sim_link *sim_link_of(const struct sim *s, uint16_t from, uint16_t to)
{
    return &s->links[(size_t)from * s->config.host_count + to];
}

/* Set `timer` to fire at `at_ns`; it is idle. False, and the run void, without memory. */
bool sim_schedule(struct sim *s, struct io_timer *timer, int64_t at_ns);

/* Take `timer`, of something at `host`, out of wherever it is; idle is fine. */
void sim_unschedule(struct sim *s, uint16_t host, struct io_timer *timer);

/* If `host` is paused, keep `timer`, which has come due, for later and say so. */
bool sim_park(struct sim *s, uint16_t host, struct io_timer *timer);

/* Note in the digest what is about to be delivered to `host`. */
void sim_note(struct sim *s, uint16_t host, enum sim_event type, struct bytes payload);

/* --- sim_net.c --- */

enum err_code sim_listen(struct io *io, uint16_t port, const struct io_handler *handler,
                         void *user, struct err *err);
struct io_channel *sim_dial(struct io *io, const struct io_address *to,
                            const struct io_handler *handler, void *user);
void sim_send(struct io_channel *ch, struct bytes frame);
size_t sim_backlog_bytes(const struct io_channel *ch);
void sim_hang_up(struct io_channel *ch);

/* Hang up all channels of an endpoint; silently, when it has no power. */
void sim_net_close(struct sim_endpoint *e);
void sim_net_forget_listeners(struct sim_endpoint *e);
void sim_net_free(struct sim *s);

/* --- sim_disk.c --- */

enum err_code sim_log_open(struct io *io, const char *name,
                           const struct io_log_handler *handler, void *user,
                           struct io_log **out, struct err *err);
enum err_code sim_log_append(struct io_log *log, struct bytes record, struct err *err);
enum err_code sim_log_replace(struct io_log *log, struct bytes records, struct err *err);
void sim_log_close(struct io_log *log);

/* The power of `host` fails: what its disks had not synced is lost, or half there. */
void sim_disks_crash(struct sim *s, uint16_t host);
void sim_disks_free(struct sim *s);

#endif
