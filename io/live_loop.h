/* The live world's insides: its loop, its timers and its endpoints. Private to
 * io/live*.
 *
 * The world keeps its own schedule on one timerfd, since libuv's timers are cut to
 * whole milliseconds. Timers without an owner are the world's own: news that may not
 * be told from inside the call that causes them. */
#ifndef IO_LIVE_LOOP_H
#define IO_LIVE_LOOP_H

#include <uv.h>

#include "base/random.h"
#include "io/handle.h"
#include "io/live.h"
#include "io/schedule.h"

struct live_channel;
struct live_listener;
struct live_log;
struct live_signal;

struct live {
    struct world world;
    uv_loop_t loop;
    uint64_t seed;
    int64_t answer_timeout_ns;
    uint64_t started_at_ns; /* on the machine's clock: the run's time 0 */
    int home_fd;            /* our own network namespace */
    int folder_fd;          /* of the logs; -1: none */
    struct schedule schedule;
    uint64_t order; /* of the last timer set */
    int timer_fd;
    int64_t armed_at_ns; /* what timer_fd waits for; negative: nothing */
    uv_poll_t timer_poll;
    uv_prepare_t prepare;
    const bool *stop; /* of the run() under way */
    bool out_of_memory;
    unsigned opened_count;   /* endpoints so far */
    unsigned endpoint_count; /* open now */
    unsigned process_count;
    struct live_signal *signals;
};

struct live_endpoint {
    struct io io;
    struct live *live;
    int netns_fd;
    struct io_address address;
    struct random_stream luck;
    struct live_channel *channels;
    struct live_listener *listeners;
    struct live_log *logs;
    char name[]; /* ends with NUL */
};

static inline struct live_endpoint *live_endpoint_of(struct io *io)
{
    return CONTAINER_OF(io, struct live_endpoint, io);
}

static inline struct live *live_of(struct world *w)
{
    return CONTAINER_OF(w, struct live, world);
}

int64_t live_clock_ns(const struct live *l);

/* Set or move a timer; without memory the run fails. */
void live_schedule(struct live *l, struct io_timer *timer, int64_t at_ns);
void live_unschedule(struct live *l, struct io_timer *timer); /* idle is fine */

/* Be in another network namespace for a moment: enter (negative: not at all), do one
 * thing, and come home whatever became of it. Zero, or what errno was, negative. */
int live_enter(int netns_fd);
void live_come_home(const struct live *l, int netns_fd);

/* --- live_net.c --- */

enum err_code live_listen(struct io *io, uint16_t port, const struct io_handler *handler,
                          void *user, struct err *err);
struct io_channel *live_dial(struct io *io, const struct io_address *to,
                             const struct io_handler *handler, void *user);
void live_send(struct io_channel *ch, struct bytes frame);
size_t live_backlog_bytes(const struct io_channel *ch);
void live_hang_up(struct io_channel *ch);
void live_net_close(struct live_endpoint *e); /* channels and listeners */

/* --- live_disk.c --- */

enum err_code live_log_open(struct io *io, const char *name,
                            const struct io_log_handler *handler, void *user,
                            struct io_log **out, struct err *err);
enum err_code live_log_append(struct io_log *log, struct bytes record, struct err *err);
enum err_code live_log_replace(struct io_log *log, struct bytes records, struct err *err);
void live_log_close(struct io_log *log);
void live_disk_close(struct live_endpoint *e); /* all logs */

/* --- live_process.c --- */

struct process *live_spawn(struct world *w, const struct process_spec *spec, struct err *err);
enum err_code live_signal(struct process *p, int signal, struct err *err);
int live_pid(const struct process *p);
enum err_code live_write(struct process *p, struct bytes text, struct err *err);
void live_process_free(struct process *p);
enum err_code live_on_signal(struct world *w, int signal, void (*told)(void *user), void *user,
                             struct err *err);
void live_signals_close(struct live *l);

#endif
