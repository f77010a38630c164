/* Contents: interrupts · waiting · reading · beginning and end */
#include "io/growing.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/clock.h"

/* Not every file system tells of its changes, so we also look from time to time. */
enum { LOOK_EVERY_NS = 100000000 };

struct growing {
    int fd, notices; /* -1: none */
    bool is_file;    /* its end is not the end */
    int64_t idle_ns, came_at_ns;
    sigset_t mask; /* as it was: the signals come only while we wait */
    struct sigaction old_int, old_term;
};

/* --- interrupts --- */

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal)
{
    (void)signal;
    interrupted = 1;
}

static void take_signals(struct growing *g)
{
    struct sigaction action = {.sa_handler = on_interrupt};
    sigset_t ours;
    sigemptyset(&ours);
    sigaddset(&ours, SIGINT);
    sigaddset(&ours, SIGTERM);
    interrupted = 0;
    sigprocmask(SIG_BLOCK, &ours, &g->mask);
    sigaction(SIGINT, &action, &g->old_int);
    sigaction(SIGTERM, &action, &g->old_term);
}

static void give_signals_back(const struct growing *g)
{
    sigaction(SIGINT, &g->old_int, NULL);
    sigaction(SIGTERM, &g->old_term, NULL);
    sigprocmask(SIG_SETMASK, &g->mask, NULL);
}

bool growing_was_interrupted(const struct growing *g)
{
    (void)g;
    return interrupted != 0;
}

bool growing_is_file(const struct growing *g)
{
    return g->is_file;
}

/* --- waiting --- */

/* Until `fd` can be read or the time is over. */
static void wait_for(const struct growing *g, int fd, const struct timespec *most)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    ppoll(&poll_fd, fd >= 0, most, &g->mask);
}

static void drop_notices(const struct growing *g)
{
    char unused[4096];
    while (g->notices >= 0 && read(g->notices, unused, sizeof unused) > 0)
        ;
}

bool growing_wait(struct growing *g)
{
    const struct timespec most = {.tv_nsec = LOOK_EVERY_NS};
    if (clock_monotonic_ns() - g->came_at_ns >= g->idle_ns)
        return false;
    wait_for(g, g->notices, &most);
    drop_notices(g);
    return !interrupted;
}

void growing_came(struct growing *g)
{
    g->came_at_ns = clock_monotonic_ns();
}

/* --- reading --- */

static bool became_shorter(const struct growing *g)
{
    struct stat st;
    return g->is_file && fstat(g->fd, &st) == 0 && st.st_size < lseek(g->fd, 0, SEEK_CUR);
}

long growing_read(struct growing *g, void *to, size_t size)
{
    for (;;) {
        const struct timespec none = {0};
        wait_for(g, g->is_file ? -1 : g->fd, g->is_file ? &none : NULL);
        if (interrupted)
            return 0;
        long count = read(g->fd, to, size);
        if (count > 0)
            growing_came(g);
        if (count > 0 || (count == 0 && !g->is_file) || (count < 0 && errno != EINTR))
            return count;
        if (became_shorter(g)) {
            errno = ESTALE;
            return -1;
        }
        if (!growing_wait(g))
            return 0;
    }
}

/* --- beginning and end --- */

struct growing *growing_watch(int64_t idle_ns, struct err *err)
{
    struct growing *g = calloc(1, sizeof *g);
    if (!g) {
        err_set(err, ERR_NOMEM, "out of memory");
        return NULL;
    }
    g->fd = g->notices = -1;
    g->idle_ns = idle_ns;
    growing_came(g);
    take_signals(g);
    return g;
}

struct growing *growing_open(const char *path, int64_t idle_ns, struct err *err)
{
    struct stat st;
    struct growing *g = growing_watch(idle_ns, err);
    bool is_input = strcmp(path, "-") == 0;
    if (!g)
        return NULL;
    g->fd = is_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (g->fd < 0) {
        err_set(err, errno == ENOENT ? ERR_NOTFOUND : ERR_IO, "'%s': %s", path,
                strerror(errno));
        growing_close(g);
        return NULL;
    }
    g->is_file = !is_input && fstat(g->fd, &st) == 0 && S_ISREG(st.st_mode);
    if (g->is_file)
        g->notices = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (g->notices >= 0)
        (void)inotify_add_watch(g->notices, path, IN_MODIFY);
    return g;
}

void growing_close(struct growing *g)
{
    if (!g)
        return;
    give_signals_back(g);
    if (g->notices >= 0)
        close(g->notices);
    if (g->fd > STDIN_FILENO)
        close(g->fd);
    free(g);
}
