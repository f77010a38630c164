/* The run's own pid namespace: front (outside) -> init (pid 1) -> main.
 *
 * The kernel does the cleaning up: when the front dies, for whatever reason, init is
 * killed, and with pid 1 everything inside, forks of forks included. Main is not
 * pid 1 itself, because there abort() and unhandled SIGTERM have no effect.
 *
 * Front and init hold the two ends of a cord (a socket pair): over it front says
 * that init may go on, init says how it went, and either end notices the other's
 * death. A plain user gets a user namespace around all of it. The front itself stays
 * outside of everything, so a refusal leaves the caller as it was. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "injector/lab.h"

enum { SIGNAL_BASE = 128 }; /* a death by signal S ends in exit code 128 + S */

struct cage {
    pid_t init, main;
    int cord[2]; /* front's end, init's end */
    bool user;   /* a user namespace is needed */
    uid_t uid;
    gid_t gid;
    sigset_t old_mask; /* of signals, as main should have it */
};

static int exit_code_of(int status)
{
    return WIFSIGNALED(status) ? SIGNAL_BASE + WTERMSIG(status) : WEXITSTATUS(status);
}

static void close_fd(int fd)
{
    if (fd >= 0)
        close(fd);
}

static sigset_t watched_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGCHLD);
    return set;
}

/* --- why not --- */

static bool file_says(const char *path, char wanted)
{
    char got = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool read_it = fd >= 0 && read(fd, &got, 1) == 1;
    close_fd(fd);
    return read_it && got == wanted;
}

/* What to change about this machine, as far as it can be seen from here. */
static const char *what_is_missing(int number)
{
    if (file_says("/proc/sys/user/max_user_namespaces", '0'))
        return "user namespaces are switched off (user.max_user_namespaces is 0)";
    if (file_says("/proc/sys/kernel/unprivileged_userns_clone", '0'))
        return "user namespaces are closed to plain users "
               "(kernel.unprivileged_userns_clone is 0)";
    if (file_says("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", '1'))
        return "AppArmor takes the privileges inside a user namespace away "
               "(kernel.apparmor_restrict_unprivileged_userns is 1)";
    if (number == ENOSPC)
        return "a limit on namespaces is reached (user.max_*_namespaces)";
    return "the system does not let this process make namespaces "
           "(a container's seccomp profile may forbid it)";
}

static enum err_code not_allowed(const char *step, struct err *err)
{
    int number = errno;
    enum err_code code = number == ENOMEM || number == EAGAIN ? ERR_IO : ERR_PERM;
    return err_set(err, code,
                   "no namespaces of our own: %s: %s; %s. Run as root, or in the simulator "
                   "with '--on sim'",
                   step, strerror(number), what_is_missing(number));
}

/* --- init --- */

/* Being root in the new namespaces counts only when the kernel means it: AppArmor may
 * hand out a user namespace without its privileges. */
static enum err_code prove_privileges(struct err *err)
{
    struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool up = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &lo) == 0;
    int number = errno;
    close_fd(fd);
    errno = number;
    return up ? ERR_OK : not_allowed("setting up a device", err);
}

/* So that /proc shows the pids we see. Where the old one has parts covered, as in
 * containers, the kernel refuses; then /proc speaks of outer pids, and nothing of
 * ours depends on it. */
static void fresh_proc(void)
{
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0)
        (void)mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

static bool front_is_gone(const struct cage *c)
{
    struct pollfd cord = {.fd = c->cord[1]};
    return poll(&cord, 1, 0) == 1;
}

/* Front's death must be ours from here on; it may have come before this. */
static void bind_to_front(struct cage *c)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close_fd(c->cord[0]);
    c->cord[0] = -1;
    if (front_is_gone(c))
        _exit(SIGNAL_BASE + SIGKILL);
}

/* Ids are mapped by front; until it says so we are nobody. */
static void await_maps(const struct cage *c)
{
    char go;
    if (read(c->cord[1], &go, 1) != 1)
        _exit(SIGNAL_BASE + SIGKILL);
}

static void tell_front(const struct cage *c, const struct err *err)
{
    if (write(c->cord[1], err, sizeof *err) != sizeof *err)
        _exit(SIGNAL_BASE + SIGKILL);
}

/* Reap everybody; end with main. */
static void reap(const struct cage *c)
{
    int status;
    for (pid_t p; (p = waitpid(-1, &status, WNOHANG)) > 0;)
        if (p == c->main)
            _exit(exit_code_of(status));
}

/* False when signals cannot be heard any more: better to end than to be deaf. */
static bool on_signal(const struct cage *c, int fd)
{
    struct signalfd_siginfo info;
    if (read(fd, &info, sizeof info) != sizeof info)
        return errno == EINTR || errno == EAGAIN;
    if (info.ssi_signo == SIGCHLD)
        reap(c);
    else
        kill(c->main, (int)info.ssi_signo);
    return true;
}

/* When this returns or exits, the kernel ends whatever is left inside. */
static void watch(const struct cage *c, int signals)
{
    for (;;) {
        struct pollfd fds[] = {{.fd = signals, .events = POLLIN}, {.fd = c->cord[1]}};
        if (poll(fds, ARRAY_LEN(fds), -1) < 0 && errno != EINTR)
            return;
        if (fds[1].revents)
            return;
        if (fds[0].revents && !on_signal(c, signals))
            return;
    }
}

static void become_main(const struct cage *c, int signals)
{
    close_fd(signals);
    close_fd(c->cord[1]);
    sigprocmask(SIG_SETMASK, &c->old_mask, NULL);
}

static enum err_code start_main(struct cage *c, int *signals, struct err *err)
{
    sigset_t set = watched_signals();
    *signals = signalfd(-1, &set, SFD_CLOEXEC);
    if (*signals < 0)
        return err_set(err, ERR_IO, "cannot wait for signals: %s", strerror(errno));
    fflush(NULL);
    c->main = fork();
    if (c->main < 0)
        return err_set(err, ERR_IO, "cannot start the run's main process: %s", strerror(errno));
    return ERR_OK;
}

/* Returns in main only. */
static void init_body(struct cage *c)
{
    struct err err = {.code = ERR_OK};
    int signals = -1;
    bind_to_front(c);
    await_maps(c);
    prctl(PR_SET_NAME, CAGE_INIT_NAME);
    /* A terminal's Ctrl-C is for the front, which hands it on once. */
    (void)setpgid(0, 0);
    enum err_code code = prove_privileges(&err);
    if (code == ERR_OK) {
        fresh_proc();
        code = start_main(c, &signals, &err);
    }
    if (code == ERR_OK && c->main == 0) {
        prctl(PR_SET_NAME, "faultline");
        become_main(c, signals);
        return;
    }
    tell_front(c, &err);
    if (code == ERR_OK)
        watch(c, signals);
    _exit(SIGNAL_BASE + SIGKILL);
}

/* --- front --- */

static bool write_proc(pid_t pid, const char *name, const char *text)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    int number = errno;
    close_fd(fd);
    errno = number;
    return done;
}

/* We become root inside, and nobody else exists there. */
static bool map_ids(const struct cage *c)
{
    char uids[32], gids[32];
    snprintf(uids, sizeof uids, "0 %u 1", c->uid);
    snprintf(gids, sizeof gids, "0 %u 1", c->gid);
    return write_proc(c->init, "setgroups", "deny") && write_proc(c->init, "uid_map", uids) &&
           write_proc(c->init, "gid_map", gids);
}

static enum err_code let_init_go(const struct cage *c, struct err *err)
{
    if (c->user && !map_ids(c))
        return not_allowed("mapping our user into a namespace", err);
    struct err told;
    if (write(c->cord[0], "", 1) != 1 ||
        recv(c->cord[0], &told, sizeof told, MSG_WAITALL) != sizeof told)
        return err_set(err, ERR_IO, "the run's first process died while starting");
    if (told.code)
        *err = told;
    return told.code;
}

static void wait_for_init(const struct cage *c, int *status)
{
    while (waitpid(c->init, status, 0) < 0 && errno == EINTR)
        ;
}

/* Hand signals on until init ends, then end as it did. */
static void front_body(const struct cage *c)
{
    sigset_t set = watched_signals();
    for (;;) {
        int status, signal = sigwaitinfo(&set, NULL);
        if (signal == SIGINT || signal == SIGTERM)
            kill(c->init, signal);
        /* Not the one who never returns: buffers and exit handlers are main's. */
        if (signal == SIGCHLD && waitpid(c->init, &status, WNOHANG) == c->init)
            _exit(exit_code_of(status));
    }
}

static enum err_code open_cage(struct cage *c, struct err *err)
{
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, c->cord))
        return err_set(err, ERR_IO, "cannot make a socket pair: %s", strerror(errno));
    unsigned long flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | SIGCHLD;
    if (c->user)
        flags |= CLONE_NEWUSER;
    sigset_t set = watched_signals();
    sigprocmask(SIG_BLOCK, &set, &c->old_mask);
    fflush(NULL);
    /* The bare call: glibc's fork() takes no flags. Init uses no threads, and main
     * is forked properly. */
    c->init = (pid_t)syscall(SYS_clone, flags, 0, 0, 0, 0);
    if (c->init < 0)
        return not_allowed("making them", err);
    return ERR_OK;
}

static enum err_code give_up(const struct cage *c, enum err_code code)
{
    int status;
    close_fd(c->cord[0]); /* init ends by this, if it has not yet */
    if (c->init > 0)
        wait_for_init(c, &status);
    sigprocmask(SIG_SETMASK, &c->old_mask, NULL);
    return code;
}

enum err_code cage_enter(struct err *err)
{
    struct cage c = {
        .cord = {-1, -1}, .user = geteuid() != 0, .uid = geteuid(), .gid = getegid()};
    sigprocmask(SIG_BLOCK, NULL, &c.old_mask);
    enum err_code code = open_cage(&c, err);
    if (code == ERR_OK && c.init == 0) {
        init_body(&c);
        return ERR_OK;
    }
    close_fd(c.cord[1]);
    if (code == ERR_OK)
        code = let_init_go(&c, err);
    if (code)
        return give_up(&c, code);
    front_body(&c);
    return ERR_OK;
}
