#include "tests/support/test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/timerfd.h>
#include <uv.h>

#include "tests/support/failures.h"
#include "tests/unit/io/party.h"

WRAP(void *, calloc, (size_t count, size_t size), (count, size), NULL)
WRAP(void *, realloc, (void *at, size_t size), (at, size), NULL)
WRAP(int, open, (const char *path, int flags, unsigned mode), (path, flags, mode),
     (errno = EMFILE, -1))
WRAP(int, openat, (int fd, const char *path, int flags, unsigned mode), (fd, path, flags, mode),
     (errno = EMFILE, -1))
WRAP(ssize_t, read, (int fd, void *to, size_t size), (fd, to, size), (errno = EIO, -1))
WRAP(int, socket, (int family, int type, int protocol), (family, type, protocol),
     (errno = EMFILE, -1))
WRAP(int, ftruncate, (int fd, off_t size), (fd, size), (errno = EIO, -1))
WRAP(int, fsync, (int fd), (fd), (errno = EIO, -1))
WRAP(int, timerfd_create, (int clock, int flags), (clock, flags), (errno = EMFILE, -1))
WRAP(int, uv_loop_init, (uv_loop_t * loop), (loop), UV_ENOMEM)
WRAP(int, uv_queue_work, (uv_loop_t * l, uv_work_t *w, uv_work_cb f, uv_after_work_cb g),
     (l, w, f, g), UV_EINVAL)
WRAP(int, uv_poll_init, (uv_loop_t * l, uv_poll_t *p, int fd), (l, p, fd), UV_EPERM)
WRAP(int, uv_poll_start, (uv_poll_t * p, int events, uv_poll_cb f), (p, events, f), UV_ENOMEM)
WRAP(int, uv_tcp_init, (uv_loop_t * l, uv_tcp_t *t), (l, t), UV_EMFILE)
WRAP(int, uv_tcp_open, (uv_tcp_t * t, uv_os_sock_t fd), (t, fd), UV_EINVAL)
WRAP(int, uv_tcp_bind, (uv_tcp_t * t, const struct sockaddr *a, unsigned f), (t, a, f),
     UV_EADDRINUSE)
WRAP(int, uv_listen, (uv_stream_t * s, int backlog, uv_connection_cb f), (s, backlog, f),
     UV_EADDRINUSE)
WRAP(int, uv_tcp_connect,
     (uv_connect_t * c, uv_tcp_t *t, const struct sockaddr *a, uv_connect_cb f), (c, t, a, f),
     UV_ENETUNREACH)
WRAP(int, uv_sem_init, (uv_sem_t * s, unsigned value), (s, value), UV_ENOMEM)
WRAP(int, uv_read_start, (uv_stream_t * s, uv_alloc_cb a, uv_read_cb f), (s, a, f), UV_EINVAL)
WRAP(int, uv_signal_init, (uv_loop_t * l, uv_signal_t *s), (l, s), UV_ENOMEM)
WRAP(int, uv_signal_start, (uv_signal_t * s, uv_signal_cb f, int number), (s, f, number),
     UV_EINVAL)

int __real_uv_spawn(uv_loop_t *l, uv_process_t *p, const uv_process_options_t *o);
int __wrap_uv_spawn(uv_loop_t *l, uv_process_t *p, const uv_process_options_t *o);

/* Also a uv_spawn that fails makes its handle one that must be closed. */
int __wrap_uv_spawn(uv_loop_t *l, uv_process_t *p, const uv_process_options_t *o)
{
    uv_process_options_t options = *o;
    if (failures_due())
        options.file = "/nowhere/at-all";
    return __real_uv_spawn(l, p, &options);
}

static unsigned open_fds(void)
{
    unsigned count = 0;
    DIR *dir = opendir("/proc/self/fd");
    assert_non_null(dir);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

/* Everything that opens something. A step that fails ends the attempt; what was
 * opened before is closed again in any case. */
struct attempt {
    struct two_worlds *t;
    struct party party;
    struct world *world;
    struct io *io;
    struct process *child;
    struct err err;
    bool told, exited;
};

static void on_told(void *user)
{
    ((struct attempt *)user)->told = true;
}

static void on_exited(void *user, int code, int signal)
{
    (void)code;
    (void)signal;
    ((struct attempt *)user)->exited = true;
}

static void on_line(void *user, const char *text, size_t size)
{
    (void)user;
    (void)text;
    (void)size;
}

static bool open_endpoint(struct attempt *a)
{
    struct io_log *log;
    a->io = a->world->ops->open(a->world, &a->t->places[0], "n1", &a->err);
    return a->io &&
           a->io->ops->listen(a->io, a->t->port, &handler, &a->party, &a->err) == ERR_OK &&
           a->io->ops->log_open(a->io, "wal", &log_handler, &a->party, &log, &a->err) == ERR_OK;
}

static bool start_child(struct attempt *a)
{
    static const char *const argv[] = {"/bin/true", NULL};
    struct process_spec spec = {.place = &a->t->places[0],
                                .argv = argv,
                                .log_path = "/dev/null",
                                .line = on_line,
                                .exited = on_exited,
                                .user = a};
    a->child = a->world->ops->spawn(a->world, &spec, &a->err);
    return a->child;
}

static bool open_all(struct attempt *a)
{
    struct live_config config = {.folder = a->t->folder};
    a->world = live_new(&config, &a->err);
    return a->world &&
           a->world->ops->on_signal(a->world, SIGUSR1, on_told, a, &a->err) == ERR_OK &&
           open_endpoint(a) && start_child(a);
}

static void close_all(struct attempt *a)
{
    if (a->child) {
        struct err err;
        (void)a->world->ops->run(a->world, &a->exited, 20 * NS_PER_S, &err);
        a->world->ops->process_free(a->child);
    }
    if (a->io)
        a->world->ops->close(a->world, a->io);
    live_free(a->world);
}

/* One attempt; true once it ran clean. */
static bool opens_clean_or_fails_cleanly(struct two_worlds *t, unsigned nth, bool sticky)
{
    static struct attempt a;
    a = (struct attempt){.t = t};
    unsigned before = open_fds();
    failures_arm(nth, sticky);
    bool opened = open_all(&a);
    failures_disarm();
    bool failed = failures_fired();
    close_all(&a);
    assert_int_equal(open_fds(), before); /* nothing stays open */
    assert_int_equal(opened, !failed);    /* reported, not swallowed */
    if (failed) {
        assert_int_not_equal(a.err.code, ERR_OK);
        assert_true(strlen(a.err.msg) > 10); /* and said */
        if (!sticky)
            print_message("  %u: %s\n", nth, a.err.msg);
    }
    return !failed;
}

static void opening_the_live_world_survives_every_failure(void **state)
{
    for (int sticky = 0; sticky < 2; sticky++)
        FOR_EACH_FAILURE (nth, sticky) {
            if (!opens_clean_or_fails_cleanly(*state, nth, sticky))
                continue;
            assert_true(nth > 25); /* the wrappers were linked in */
            break;
        }
}

/* NULL without memory, else `closed` by a later turn of the loop. */
static void a_dial_that_cannot_begin_is_told_later(void **state)
{
    struct two_worlds *t = *state;
    struct party server, client;
    party_open(&server, t, 0, "server");
    party_open(&client, t, 0, "client");
    party_listen(&server);
    struct io_address to = t->places[0].address;
    to.port = t->port;
    server.any_channel = true;
    FOR_EACH_FAILURE (nth, false) {
        client.calling = true;
        client.ch = client.io->ops->dial(client.io, &to, &handler, &client);
        client.calling = false;
        failures_disarm();
        if (!failures_fired())
            break;
        unsigned closed_count = client.closed;
        if (client.ch) {
            party_await(&client, &client.closed, closed_count + 1);
            print_message("  %u: %s\n", nth, client.why);
        }
    }
    assert_true(client.closed >= 2);
    party_await(&client, &client.opened, 1);
    party_close(&client);
    party_close(&server);
}

/* The first loop of a process, and its first child, open files that libuv keeps to
 * the end: two_worlds_make_live had the one, have the other before counting. */
static int warm_up(void **state)
{
    if (two_worlds_make_live(state))
        return -1;
    struct attempt a = {.t = *state};
    bool opened = open_all(&a);
    close_all(&a);
    return opened ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(opening_the_live_world_survives_every_failure, warm_up,
                                        two_worlds_remove),
        cmocka_unit_test_setup_teardown(a_dial_that_cannot_begin_is_told_later,
                                        two_worlds_make_live, two_worlds_remove),
    };
    return cmocka_run_group_tests_name("live_failures", tests, NULL, NULL);
}
