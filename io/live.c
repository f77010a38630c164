#include "io/live.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/units.h"
#include "io/clock.h"
#include "io/live_loop.h"

/* --- time ---------------------------------------------------------------- */

int64_t live_clock_ns(const struct live *l)
{
    return (int64_t)(uv_hrtime() - l->started_at_ns);
}

void live_schedule(struct live *l, struct io_timer *timer, int64_t at_ns)
{
    live_unschedule(l, timer);
    timer->at_ns = at_ns;
    timer->order = ++l->order;
    if (!schedule_add(&l->schedule, timer))
        l->out_of_memory = true;
}

void live_unschedule(struct live *l, struct io_timer *timer)
{
    if (schedule_holds(&l->schedule, timer))
        schedule_remove(&l->schedule, timer);
}

/* Have timer_fd wait for the earliest timer. */
static void arm(struct live *l)
{
    const struct io_timer *first = schedule_first(&l->schedule);
    int64_t at_ns = !first ? -1 : first->at_ns > 0 ? first->at_ns : 0;
    if (at_ns == l->armed_at_ns)
        return;
    struct itimerspec when = {0}; /* all zero disarms */
    if (first) {
        int64_t machine_ns = (int64_t)l->started_at_ns + at_ns;
        when.it_value.tv_sec = machine_ns / NS_PER_S;
        when.it_value.tv_nsec = machine_ns % NS_PER_S;
    }
    int rc = timerfd_settime(l->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
    assert(rc == 0);
    l->armed_at_ns = at_ns;
}

static void on_prepare(uv_prepare_t *handle)
{
    arm(CONTAINER_OF(handle, struct live, prepare));
}

static bool is_stopped(const struct live *l)
{
    return (l->stop && *l->stop) || l->out_of_memory;
}

/* Fire what is due. What is set meanwhile waits for the next turn of the loop, or a
 * timer that sets itself to now would keep everything else out. */
static void on_timer_fd(uv_poll_t *handle, int status, int events)
{
    (void)status;
    (void)events;
    struct live *l = CONTAINER_OF(handle, struct live, timer_poll);
    uint64_t expirations;
    if (read(l->timer_fd, &expirations, sizeof expirations) < 0)
        return; /* set again since it came due */
    l->armed_at_ns = -1;
    uint64_t last_order = l->order;
    int64_t now_ns = live_clock_ns(l);
    struct io_timer *next;
    while (!is_stopped(l) && (next = schedule_first(&l->schedule)) && next->at_ns <= now_ns &&
           next->order <= last_order) {
        schedule_remove(&l->schedule, next);
        next->fire(next);
    }
}

static bool is_anything_left(struct live *l)
{
    if (l->schedule.count > 0)
        return true;
    uv_unref((uv_handle_t *)&l->timer_poll);
    bool alive = uv_loop_alive(&l->loop);
    uv_ref((uv_handle_t *)&l->timer_poll);
    return alive;
}

static void ignore_timer(struct io_timer *timer)
{
    (void)timer;
}

static enum err_code live_run(struct world *w, const bool *stop, int64_t until_ns,
                              struct err *err)
{
    struct live *l = live_of(w);
    struct io_timer limit = {.fire = ignore_timer};
    if (until_ns >= 0)
        live_schedule(l, &limit, until_ns);
    l->stop = stop;
    while (!is_stopped(l) && is_anything_left(l) &&
           (until_ns < 0 || live_clock_ns(l) <= until_ns))
        uv_run(&l->loop, UV_RUN_ONCE);
    l->stop = NULL;
    live_unschedule(l, &limit);
    if (l->out_of_memory)
        return err_set(err, ERR_NOMEM, "event loop: no memory for a timer");
    return ERR_OK;
}

static int64_t live_now_ns(struct world *w)
{
    return live_clock_ns(live_of(w));
}

/* --- namespaces ---------------------------------------------------------- */

int live_enter(int netns_fd)
{
    return netns_fd >= 0 && setns(netns_fd, CLONE_NEWNET) < 0 ? -errno : 0;
}

void live_come_home(const struct live *l, int netns_fd)
{
    int rc = netns_fd >= 0 ? setns(l->home_fd, CLONE_NEWNET) : 0;
    assert(rc == 0); /* in a strange network everything after would be a lie */
    (void)rc;
}

/* --- one endpoint -------------------------------------------------------- */

static int64_t endpoint_now_ns(struct io *io)
{
    return live_clock_ns(live_endpoint_of(io)->live);
}

static int64_t endpoint_wall_ns(struct io *io)
{
    (void)io;
    return clock_wall_ns();
}

static uint64_t endpoint_random(struct io *io)
{
    return random_next(&live_endpoint_of(io)->luck);
}

static void endpoint_timer_set(struct io *io, struct io_timer *timer, int64_t at_ns)
{
    assert(timer->fire && (timer->slot == 0 || timer->owner == io));
    timer->owner = io;
    live_schedule(live_endpoint_of(io)->live, timer, at_ns);
}

static void endpoint_timer_stop(struct io *io, struct io_timer *timer)
{
    assert(timer->slot == 0 || timer->owner == io);
    live_unschedule(live_endpoint_of(io)->live, timer);
}

static const struct io_ops endpoint_ops = {
    .now_ns = endpoint_now_ns,
    .wall_ns = endpoint_wall_ns,
    .random = endpoint_random,
    .timer_set = endpoint_timer_set,
    .timer_stop = endpoint_timer_stop,
    .listen = live_listen,
    .dial = live_dial,
    .send = live_send,
    .backlog_bytes = live_backlog_bytes,
    .hang_up = live_hang_up,
    .log_open = live_log_open,
    .log_append = live_log_append,
    .log_replace = live_log_replace,
    .log_close = live_log_close,
};

static struct io *live_open(struct world *w, const struct place *place, const char *name,
                            struct err *err)
{
    struct live *l = live_of(w);
    struct live_endpoint *e = calloc(1, sizeof *e + strlen(name) + 1);
    if (!e) {
        err_set(err, ERR_NOMEM, "endpoint '%s': out of memory", name);
        return NULL;
    }
    char stream[128];
    snprintf(stream, sizeof stream, "endpoint %s %u", name, l->opened_count++);
    memcpy(e->name, name, strlen(name) + 1);
    e->io.ops = &endpoint_ops;
    e->live = l;
    e->netns_fd = place->netns_fd;
    e->address = place->address;
    e->luck = random_derive(l->seed, stream);
    l->endpoint_count++;
    return &e->io;
}

static void live_close(struct world *w, struct io *io)
{
    struct live *l = live_of(w);
    struct live_endpoint *e = live_endpoint_of(io);
    schedule_remove_owner(&l->schedule, io);
    live_net_close(e);
    live_disk_close(e);
    l->endpoint_count--;
    free(e);
}

/* --- the whole ----------------------------------------------------------- */

static const struct world_ops live_ops = {
    .open = live_open,
    .close = live_close,
    .now_ns = live_now_ns,
    .run = live_run,
    .spawn = live_spawn,
    .signal = live_signal,
    .pid = live_pid,
    .write = live_write,
    .process_free = live_process_free,
    .on_signal = live_on_signal,
};

static enum err_code refuse(struct err *err, const char *what, int rc)
{
    return err_set(err, rc == UV_ENOMEM ? ERR_NOMEM : ERR_IO, "%s: %s", what, uv_strerror(rc));
}

static enum err_code open_descriptors(struct live *l, const char *folder, struct err *err)
{
    l->home_fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    if (l->home_fd < 0)
        return refuse(err, "our network namespace", -errno);
    l->folder_fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (folder && l->folder_fd < 0)
        return err_set(err, ERR_IO, "folder '%s' of logs: %s", folder, uv_strerror(-errno));
    l->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (l->timer_fd < 0)
        return refuse(err, "timer", -errno);
    return ERR_OK;
}

static enum err_code open_handles(struct live *l, struct err *err)
{
    int rc = uv_poll_init(&l->loop, &l->timer_poll, l->timer_fd);
    if (rc == 0)
        rc = uv_poll_start(&l->timer_poll, UV_READABLE, on_timer_fd);
    if (rc < 0)
        return refuse(err, "timer", rc);
    uv_prepare_init(&l->loop, &l->prepare); /* these three cannot fail */
    uv_prepare_start(&l->prepare, on_prepare);
    uv_unref((uv_handle_t *)&l->prepare);
    return ERR_OK;
}

static void do_nothing(uv_work_t *work)
{
    (void)work;
}

static void after_nothing(uv_work_t *work, int status)
{
    (void)work;
    (void)status;
}

/* The pool's threads keep for ever the namespaces of the thread that first needed
 * them: have them born at home. */
static enum err_code start_thread_pool(struct live *l, struct err *err)
{
    uv_work_t work;
    int rc = uv_queue_work(&l->loop, &work, do_nothing, after_nothing);
    if (rc < 0)
        return refuse(err, "thread pool", rc);
    uv_run(&l->loop, UV_RUN_DEFAULT);
    return ERR_OK;
}

struct world *live_new(const struct live_config *config, struct err *err)
{
    /* A peer that is gone shall fail one write, not end the process. */
    signal(SIGPIPE, SIG_IGN);
    struct live *l = calloc(1, sizeof *l);
    int rc = l ? uv_loop_init(&l->loop) : UV_ENOMEM;
    if (rc < 0) {
        free(l);
        refuse(err, "event loop", rc);
        return NULL;
    }
    l->world.ops = &live_ops;
    l->seed = config->seed;
    l->answer_timeout_ns = config->answer_timeout_ns ? config->answer_timeout_ns : NS_PER_S;
    l->started_at_ns = uv_hrtime();
    l->home_fd = l->folder_fd = l->timer_fd = -1;
    l->armed_at_ns = -1;
    if (start_thread_pool(l, err) || open_descriptors(l, config->folder, err) ||
        open_handles(l, err)) {
        live_free(&l->world);
        return NULL;
    }
    return &l->world;
}

static void close_handle(uv_handle_t *handle, void *unused)
{
    (void)unused;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static void close_fd(int fd)
{
    if (fd >= 0)
        close(fd);
}

void live_free(struct world *w)
{
    if (!w)
        return;
    struct live *l = live_of(w);
    assert(l->endpoint_count == 0 && l->process_count == 0);
    live_signals_close(l);
    uv_walk(&l->loop, close_handle, NULL);
    uv_run(&l->loop, UV_RUN_DEFAULT);
    int rc = uv_loop_close(&l->loop);
    assert(rc == 0); /* or a handle was forgotten */
    (void)rc;
    close_fd(l->timer_fd);
    close_fd(l->folder_fd);
    close_fd(l->home_fd);
    schedule_done(&l->schedule);
    free(l);
}
