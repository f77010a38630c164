/* Endpoints and processes live in the network namespace of their place, and the
 * thread that serves them all does not. */
#include "tests/support/test.h"

#include <fcntl.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/units.h"
#include "io/live.h"

enum { PORT = 7000 };

/* On a thread of its own: a namespace with its loopback up, -1 where not allowed. */
static void *make_namespace(void *out)
{
    int *fd = out;
    *fd = -1;
    if (unshare(CLONE_NEWNET) < 0)
        return NULL;
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq lo = {.ifr_name = "lo"};
    lo.ifr_flags = IFF_UP;
    if (ioctl(s, SIOCSIFFLAGS, &lo) == 0)
        *fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    close(s);
    return NULL;
}

static int namespace_fd(void)
{
    int fd;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, make_namespace, &fd), 0);
    pthread_join(thread, NULL);
    return fd;
}

struct fixture {
    struct world *world;
    struct place places[2]; /* the same address in two namespaces */
    struct io *io[2];
    bool stop;
    unsigned accepted[2], opened;
    char why[40];
    char line[200];
};

static void on_accepted(void *user, struct io_channel *ch)
{
    (void)ch;
    ++*(unsigned *)user;
}

static void on_opened(void *user, struct io_channel *ch)
{
    struct fixture *f = user;
    (void)ch;
    f->opened++;
    f->stop = true;
}

static void on_received(void *user, struct io_channel *ch, struct bytes frame)
{
    (void)user;
    (void)ch;
    (void)frame;
}

static void on_closed(void *user, struct io_channel *ch, const char *why)
{
    struct fixture *f = user;
    (void)ch;
    snprintf(f->why, sizeof f->why, "%s", why);
    f->stop = true;
}

static void on_caller_closed(void *user, struct io_channel *ch, const char *why)
{
    (void)user;
    (void)ch;
    (void)why;
}

static const struct io_handler listening = {
    .accepted = on_accepted, .received = on_received, .closed = on_caller_closed};
static const struct io_handler dialling = {
    .opened = on_opened, .received = on_received, .closed = on_closed};

static int make(void **state)
{
    static struct fixture f;
    struct err err;
    f = (struct fixture){0};
    for (int i = 0; i < 2; i++) {
        f.places[i] = (struct place){.name = "place",
                                     .netns_fd = namespace_fd(),
                                     .cgroup_fd = -1,
                                     .address = {.family = IO_IPV4, .ip = {127, 0, 0, 1}}};
        if (f.places[i].netns_fd < 0) {
            print_message("network namespaces are not allowed here\n");
            exit(77);
        }
    }
    f.world = live_new(&(struct live_config){.seed = 1}, &err);
    for (int i = 0; f.world && i < 2; i++)
        f.io[i] = f.world->ops->open(f.world, &f.places[i], "n", &err);
    *state = &f;
    return f.io[0] && f.io[1] ? 0 : -1;
}

static int unmake(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 2; i++) {
        f->world->ops->close(f->world, f->io[i]);
        close(f->places[i].netns_fd);
    }
    live_free(f->world);
    return 0;
}

static void run(struct fixture *f)
{
    struct err err;
    int64_t until_ns = f->world->ops->now_ns(f->world) + 5 * NS_PER_S;
    f->stop = false;
    assert_int_equal(f->world->ops->run(f->world, &f->stop, until_ns, &err), ERR_OK);
    assert_true(f->stop);
}

static void dial_from(struct fixture *f, int place)
{
    struct io_address to = f->places[place].address;
    to.port = PORT;
    assert_non_null(f->io[place]->ops->dial(f->io[place], &to, &dialling, f));
    run(f);
}

static ino_t namespace_of_this_thread(void)
{
    struct stat st;
    assert_int_equal(stat("/proc/thread-self/ns/net", &st), 0);
    return st.st_ino;
}

static ino_t inode_of(int fd)
{
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    return st.st_ino;
}

static void one_port_is_another_in_another_place(void **state)
{
    struct fixture *f = *state;
    struct err err;
    assert_int_equal(f->io[0]->ops->listen(f->io[0], PORT, &listening, &f->accepted[0], &err),
                     ERR_OK);
    dial_from(f, 1);
    assert_string_equal(f->why, "refused");
    dial_from(f, 0);
    assert_int_equal(f->opened, 1);
    assert_int_equal(f->io[1]->ops->listen(f->io[1], PORT, &listening, &f->accepted[1], &err),
                     ERR_OK);
    dial_from(f, 1);
    assert_int_equal(f->opened, 2);
    f->stop = false;
    (void)f->world->ops->run(f->world, NULL, f->world->ops->now_ns(f->world) + NS_PER_MS, &err);
    assert_int_equal(f->accepted[0], 1);
    assert_int_equal(f->accepted[1], 1);
}

static void the_thread_itself_stays_at_home(void **state)
{
    struct fixture *f = *state;
    ino_t home = namespace_of_this_thread();
    dial_from(f, 0);
    dial_from(f, 1);
    assert_int_equal(namespace_of_this_thread(), home);
    assert_int_not_equal(inode_of(f->places[0].netns_fd), home);
}

static void on_line(void *user, const char *text, size_t size)
{
    struct fixture *f = user;
    snprintf(f->line, sizeof f->line, "%.*s", (int)size, text);
}

static void on_exited(void *user, int code, int signal)
{
    assert_int_equal(code, 0);
    assert_int_equal(signal, 0);
    ((struct fixture *)user)->stop = true;
}

static void a_process_runs_in_its_place_and_we_do_not(void **state)
{
    struct fixture *f = *state;
    struct err err;
    static const char *const argv[] = {"/bin/readlink", "/proc/self/ns/net", NULL};
    ino_t home = namespace_of_this_thread();
    for (int i = 0; i < 2; i++) {
        char expected[64];
        struct process_spec spec = {.place = &f->places[i],
                                    .argv = argv,
                                    .line = on_line,
                                    .exited = on_exited,
                                    .user = f};
        struct process *p = f->world->ops->spawn(f->world, &spec, &err);
        assert_non_null(p);
        run(f);
        f->world->ops->process_free(p);
        snprintf(expected, sizeof expected, "net:[%lu]",
                 (unsigned long)inode_of(f->places[i].netns_fd));
        assert_string_equal(f->line, expected);
    }
    assert_int_equal(namespace_of_this_thread(), home);
}

#define CASE(body) cmocka_unit_test_setup_teardown(body, make, unmake)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(one_port_is_another_in_another_place),
        CASE(the_thread_itself_stays_at_home),
        CASE(a_process_runs_in_its_place_and_we_do_not),
    };
    return cmocka_run_group_tests_name("places", tests, NULL, NULL);
}
