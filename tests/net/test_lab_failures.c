/* Building a lab with the 1st, 2nd, ... call of the system failing, once and for good:
 * always a sentence, never anything left. */
#include "tests/support/test.h"

#include <dirent.h>
#include <errno.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "injector/lab.h"
#include "tests/support/failures.h"
#include "tests/support/lab_traffic.h"
#include "tests/support/topology.h"

/* What the system says when it will not. */
static int no_memory(void)
{
    errno = ENOMEM;
    return -1;
}

WRAP(void *, calloc, (size_t n, size_t size), (n, size), NULL)
WRAP(void *, realloc, (void *at, size_t size), (at, size), NULL)
WRAP(int, socket, (int family, int type, int protocol), (family, type, protocol), no_memory())
WRAP(int, socketpair, (int family, int type, int protocol, int *pair),
     (family, type, protocol, pair), no_memory())
WRAP(int, open, (const char *path, int flags), (path, flags), no_memory())
WRAP(ssize_t, write, (int fd, const void *at, size_t size), (fd, at, size), no_memory())
WRAP(int, unshare, (int flags), (flags), no_memory())
WRAP(int, setns, (int fd, int kind), (fd, kind), no_memory())
WRAP(int, ioctl, (int fd, unsigned long request, void *data), (fd, request, data), no_memory())
WRAP(int, bind, (int fd, const struct sockaddr *at, socklen_t size), (fd, at, size),
     no_memory())
WRAP(void *, mmap, (void *at, size_t size, int protection, int flags, int fd, off_t offset),
     (at, size, protection, flags, fd, offset), (no_memory(), MAP_FAILED))
WRAP(ssize_t, send, (int fd, const void *at, size_t size, int flags), (fd, at, size, flags),
     no_memory())
WRAP(ssize_t, recv, (int fd, void *at, size_t size, int flags), (fd, at, size, flags),
     no_memory())
WRAP(ssize_t, read, (int fd, void *at, size_t size), (fd, at, size), no_memory())
WRAP(int, signalfd, (int fd, const sigset_t *set, int flags), (fd, set, flags), no_memory())
WRAP(int, mount,
     (const char *source, const char *target, const char *type, unsigned long flags,
      const void *data),
     (source, target, type, flags, data), no_memory())
WRAP(int, pthread_create,
     (pthread_t * thread, const pthread_attr_t *attributes, void *(*body)(void *), void *user),
     (thread, attributes, body, user), EAGAIN)
WRAP(struct nl_sock *, nl_socket_alloc, (void), (), NULL)
WRAP(int, nl_connect, (struct nl_sock * s, int protocol), (s, protocol), -NLE_NOMEM)
WRAP(int, nl_sendto, (struct nl_sock * s, void *at, size_t size), (s, at, size), -NLE_NOMEM)
WRAP(struct nl_msg *, nlmsg_alloc_size, (size_t size), (size), NULL)
WRAP(int, nlmsg_append, (struct nl_msg * m, void *at, size_t size, int pad), (m, at, size, pad),
     -NLE_NOMEM)
WRAP(int, nla_put, (struct nl_msg * m, int type, int size, const void *at), (m, type, size, at),
     -NLE_NOMEM)
WRAP(struct nlattr *, nla_nest_start, (struct nl_msg * m, int type), (m, type), NULL)

/* The router's own failures are its own: here the parent's are counted. */
pid_t __real_fork(void);
pid_t __wrap_fork(void);
pid_t __wrap_fork(void)
{
    if (failures_due())
        return no_memory();
    pid_t pid = __real_fork();
    if (pid == 0)
        failures_disarm();
    return pid;
}

static struct topology small;

static unsigned open_fds(void)
{
    unsigned count = 0;
    DIR *fds = opendir("/proc/self/fd");
    while (readdir(fds))
        count++;
    closedir(fds);
    return count;
}

static bool no_children(void)
{
    return waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD;
}

/* Some failures are survived (a socket buffer stays small): then the lab must work. */
static void use_lab(struct lab *lab)
{
    struct err err = {0};
    struct backend *b = lab_backend(lab);
    struct link_table t = {.place_count = lab_place_count(lab)};
    t.at[0][1].blocked = true;
    if (b->ops->apply(b, &t, &err))
        fail_msg("%s", err.msg);
    lab_free(lab);
}

static void check_refusal(const struct err *err, enum err_code code, unsigned nth)
{
    assert_int_not_equal(code, ERR_OK);
    assert_int_equal(err->code, code);
    if (strncmp(err->msg, "local network: ", 15) != 0 && code != ERR_NOMEM)
        fail_msg("failure %u: '%s'", nth, err->msg);
    assert_true(strlen(err->msg) > 15);
}

/* Most calls of a kind fail alike; the short form takes every seventh. */
static unsigned step(void)
{
    const char *more = getenv("FAULTLINE_LONG");
    return more && strcmp(more, "1") == 0 ? 1 : 7;
}

/* Returns whether the armed failure happened. */
static bool build_once(unsigned nth, bool sticky)
{
    struct lab_setup setup = {.topology = &small, .seed = 1, .shaper = LAB_WAN};
    struct lab *lab = NULL;
    struct err err = {0};
    failures_arm(nth, sticky);
    enum err_code code = lab_new(&setup, &lab, &err);
    bool fired = failures_fired();
    failures_disarm();
    if (code == ERR_OK) {
        use_lab(lab);
    } else {
        assert_true(fired);
        check_refusal(&err, code, nth);
    }
    return fired;
}

static void rehearse(bool sticky)
{
    unsigned before = open_fds(), nth = 1;
    while (build_once(nth, sticky)) {
        assert_int_equal(open_fds(), before);
        assert_true(no_children());
        nth += step();
    }
    print_message("%u calls can fail\n", nth - 1);
    assert_true(nth > 500);
}

static void a_lab_that_cannot_be_built_leaves_a_sentence_and_nothing_else(void **state)
{
    (void)state;
    rehearse(false);
    rehearse(true);
}

/* Does a datagram get from the first place to the second? */
static bool open_way(struct lab *lab)
{
    uint32_t number;
    struct traffic_burst one = {lab_place(lab, 0), lab_place(lab, 1), 1, 64, 0};
    return traffic_arrivals(&one, 1000000000, &number, 1) == 1;
}

static void a_change_that_fails_is_taken_back_and_can_be_made_again(void **state)
{
    (void)state;
    struct lab *lab;
    struct err err = {0};
    struct lab_setup setup = {.topology = &small, .seed = 1, .shaper = LAB_WAN};
    assert_int_equal(lab_new(&setup, &lab, &err), ERR_OK);
    struct backend *b = lab_backend(lab);
    struct link_table none = {.place_count = lab_place_count(lab)}, t = none;
    t.at[0][1].blocked = t.at[2][0].blocked = true;
    t.at[1][0].delay_ns = 5000000;
    unsigned nth = 1;
    for (bool fired = true; fired; nth++) {
        failures_arm(nth, false);
        enum err_code code = b->ops->apply(b, &t, &err);
        fired = failures_fired();
        failures_disarm();
        assert_true(code == ERR_OK ||
                    (fired && strstr(err.msg, "the links stay as they were")));
        assert_true(code == ERR_OK || open_way(lab));
        assert_int_equal(b->ops->apply(b, &t, &err), ERR_OK);
        assert_int_equal(b->ops->apply(b, &none, &err), ERR_OK);
    }
    assert_true(nth > 20);
    lab_free(lab);
}

/* --- the cage: whichever of its processes meets the failure --- */

enum { REFUSED = 99, IN_MAIN = 42, CAGE_CALLS = 24 };

static int enter_with_failure(unsigned nth, bool sticky)
{
    fflush(NULL);
    pid_t pid = __real_fork();
    if (pid == 0) {
        struct err err = {0};
        failures_arm(nth, sticky);
        if (cage_enter(&err))
            _exit(strlen(err.msg) > 15 ? REFUSED : 1);
        _exit(IN_MAIN);
    }
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void a_cage_that_cannot_be_made_refuses_or_ends(void **state)
{
    (void)state;
    unsigned refused = 0;
    for (unsigned nth = 1; nth <= CAGE_CALLS; nth++)
        for (int sticky = 0; sticky < 2; sticky++) {
            int code = enter_with_failure(nth, sticky);
            refused += code == REFUSED;
            /* 137: what happens to main when init has gone. */
            if (code != REFUSED && code != IN_MAIN && code != 128 + SIGKILL)
                fail_msg("failure %u: front ended with %d", nth, code);
        }
    assert_true(refused > 5);
    assert_true(no_children());
}

int main(void)
{
    if (!traffic_privileged()) {
        printf("skipped: neither root nor user namespaces\n");
        return 77;
    }
    small = topology_of_three(1);
    small.region_count = 2;
    small.node_count = 2;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lab_that_cannot_be_built_leaves_a_sentence_and_nothing_else),
        cmocka_unit_test(a_change_that_fails_is_taken_back_and_can_be_made_again),
        cmocka_unit_test(a_cage_that_cannot_be_made_refuses_or_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
