/* The cage: who is in it, how it ends, and that nothing of it is left. */
#include "tests/support/test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/random.h"
#include "base/units.h"
#include "injector/lab.h"
#include "tests/support/lab_traffic.h"
#include "tests/support/topology.h"

enum { NOBODY = 65534, REFUSED = 99, SENTENCE_BYTES = 1024 };

static struct topology topology;

/* --- a front, and what its main does --- */

/* Runs `body` in the main of a new cage; its result is the front's exit code. */
struct caged {
    int (*body)(void *user);
    void *user;
    bool as_nobody;     /* drop root first */
    bool no_namespaces; /* switch user namespaces off first */
    int told;           /* where a refusal's sentence goes */
};

static int end_of(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static void write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
        _exit(98);
    close(fd);
}

/* Only who stayed outside may map more than one user. */
static pid_t start_mapper(int go)
{
    pid_t inside = getpid(), mapper = fork();
    if (mapper != 0)
        return mapper;
    char path[64], byte;
    if (read(go, &byte, 1) != 1)
        _exit(98);
    snprintf(path, sizeof path, "/proc/%d/uid_map", (int)inside);
    write_text(path, "0 0 65536");
    snprintf(path, sizeof path, "/proc/%d/gid_map", (int)inside);
    write_text(path, "0 0 65536");
    _exit(0);
}

/* Inside a user namespace of the test's own: the machine keeps its limit. */
static void forbid_user_namespaces(void)
{
    int go[2];
    if (pipe2(go, O_CLOEXEC))
        _exit(98);
    pid_t mapper = start_mapper(go[0]);
    if (unshare(CLONE_NEWUSER) || write(go[1], "", 1) != 1 || end_of(mapper) != 0)
        _exit(98);
    write_text("/proc/sys/user/max_user_namespaces", "0");
}

static void prepare(const struct caged *c)
{
    if (c->no_namespaces)
        forbid_user_namespaces();
    if (c->as_nobody && (setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY)))
        _exit(98);
    /* Dropping root hides /proc/PID from ourselves; a program started by that user
     * would not have this. */
    prctl(PR_SET_DUMPABLE, 1);
}

static pid_t start(const struct caged *c)
{
    fflush(NULL);
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    struct err err;
    alarm(60); /* should the test fail to end us: with the front goes the rest */
    prepare(c);
    if (cage_enter(&err)) {
        dprintf(c->told, "%s", err.msg);
        _exit(REFUSED);
    }
    _exit(c->body(c->user));
}

static int run(int (*body)(void *user), void *user)
{
    return end_of(start(&(struct caged){.body = body, .user = user, .told = 2}));
}

static int answer_42(void *user)
{
    (void)user;
    return 42;
}

static int die_by_abort(void *user)
{
    (void)user;
    struct sigaction quiet = {.sa_handler = SIG_DFL};
    sigaction(SIGABRT, &quiet, NULL);
    raise(SIGABRT);
    return 0;
}

static int wait_for_sigterm(void *user)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int *ready = user, got;
    if (write(*ready, "", 1) != 1)
        return 1;
    return sigwait(&set, &got) == 0 && got == SIGTERM ? 7 : 1;
}

static int look_around(void *user)
{
    (void)user;
    char self[32] = "";
    ssize_t size = readlink("/proc/self", self, sizeof self - 1);
    bool fresh_proc = size > 0 && strtol(self, NULL, 10) == getpid();
    return getpid() > 1 && getppid() == 1 && fresh_proc ? 0 : 1;
}

static void main_is_not_pid_1_and_sees_its_own_proc(void **state)
{
    (void)state;
    assert_int_equal(run(look_around, NULL), 0);
}

static int end_by_sigterm(void *user)
{
    (void)user;
    return raise(SIGTERM) ? 1 : 0;
}

static void the_front_ends_as_main_does(void **state)
{
    (void)state;
    assert_int_equal(run(end_by_sigterm, NULL), 128 + SIGTERM);
    assert_int_equal(run(answer_42, NULL), 42);
    assert_int_equal(run(die_by_abort, NULL), 128 + SIGABRT);
}

static void sigterm_reaches_main_through_the_front(void **state)
{
    (void)state;
    int ready[2];
    char go;
    assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
    pid_t front = start(&(struct caged){wait_for_sigterm, &ready[1], false, false, 2});
    assert_int_equal(read(ready[0], &go, 1), 1);
    kill(front, SIGTERM);
    assert_int_equal(end_of(front), 7);
    close(ready[0]);
    close(ready[1]);
}

/* --- a lab inside --- */

static bool answers(struct lab *lab)
{
    const struct place *a = lab_place(lab, 0), *b = lab_place(lab, 1);
    pid_t echo = traffic_echo(b);
    bool back = traffic_ping_ns(a, b, 2 * NS_PER_S) >= 0;
    traffic_stop(echo);
    return back;
}

static int make_and_use_lab(void *user)
{
    (void)user;
    struct lab *lab;
    struct err err = {0};
    struct lab_setup setup = {.topology = &topology, .seed = 1, .shaper = LAB_WAN};
    if (lab_new(&setup, &lab, &err)) {
        fprintf(stderr, "%s\n", err.msg);
        return 1;
    }
    struct link_table t = {.place_count = lab_place_count(lab)};
    bool works = answers(lab);
    t.at[0][1].blocked = true;
    struct backend *b = lab_backend(lab);
    bool applied = b->ops->apply(b, &t, &err) == ERR_OK;
    bool cut = traffic_ping_ns(lab_place(lab, 0), lab_place(lab, 1), NS_PER_MS) < 0;
    lab_free(lab);
    return works && applied && cut ? 0 : 1;
}

static void a_plain_user_gets_a_working_lab(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip(); /* then every test of this file is that one */
    struct caged c = {.body = make_and_use_lab, .as_nobody = true, .told = 2};
    assert_int_equal(end_of(start(&c)), 0);
}

static void without_user_namespaces_a_sentence_says_so(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    int told[2];
    assert_int_equal(pipe2(told, O_CLOEXEC), 0);
    struct caged c = {
        .body = answer_42, .as_nobody = true, .no_namespaces = true, .told = told[1]};
    assert_int_equal(end_of(start(&c)), REFUSED);
    char text[SENTENCE_BYTES] = "";
    assert_true(read(told[0], text, sizeof text - 1) > 0);
    print_message("%s\n", text);
    assert_non_null(strstr(text, "user.max_user_namespaces is 0"));
    assert_non_null(strstr(text, "'--on sim'"));
    close(told[0]);
    close(told[1]);
}

/* --- the kill drill --- */

/* A main which makes its lab and keeps changing it, with traffic and with forks that
 * want to stay. */
static void stay(void)
{
    signal(SIGTERM, SIG_IGN);
    setsid();
    for (;;)
        pause();
}

static int busy_main(void *user)
{
    (void)user;
    struct lab *lab;
    struct err err;
    struct lab_setup setup = {.topology = &topology, .seed = 1, .shaper = LAB_WAN};
    if (lab_new(&setup, &lab, &err))
        return 1;
    for (uint32_t p = 0; p < lab_place_count(lab); p++)
        traffic_echo(lab_place(lab, p));
    if (fork() == 0) {
        if (fork() == 0)
            stay(); /* its parent is gone at once */
        _exit(0);
    }
    struct backend *b = lab_backend(lab);
    struct link_table t = {.place_count = lab_place_count(lab)};
    for (uint32_t n = 0;; n++) {
        t.at[0][1].blocked = n & 1;
        t.at[1][0].delay_ns = (int64_t)(n & 1) * NS_PER_MS;
        if (b->ops->apply(b, &t, &err))
            return 2;
        traffic_ping_ns(lab_place(lab, 1), lab_place(lab, 2), NS_PER_MS);
    }
}

/* Every network namespace that some process on this machine lives in or holds. */
struct seen {
    ino_t inodes[4096];
    unsigned count;
};

static void add_namespace(struct seen *s, const char *path)
{
    struct stat st;
    char target[64];
    ssize_t size = readlink(path, target, sizeof target - 1);
    if (size < 4 || strncmp(target, "net:", 4) != 0 || stat(path, &st))
        return;
    for (unsigned i = 0; i < s->count; i++)
        if (s->inodes[i] == st.st_ino)
            return;
    if (s->count < 4096)
        s->inodes[s->count++] = st.st_ino;
}

static void add_process(struct seen *s, const char *pid)
{
    char path[600];
    snprintf(path, sizeof path, "/proc/%s/ns/net", pid);
    add_namespace(s, path);
    snprintf(path, sizeof path, "/proc/%s/fd", pid);
    DIR *fds = opendir(path);
    for (struct dirent *e; fds && (e = readdir(fds));) {
        char link[900];
        snprintf(link, sizeof link, "%s/%s", path, e->d_name);
        add_namespace(s, link);
    }
    if (fds)
        closedir(fds);
}

static ino_t pid_namespace(const char *pid)
{
    struct stat st;
    char path[600];
    snprintf(path, sizeof path, "/proc/%s/ns/pid", pid);
    return stat(path, &st) == 0 ? st.st_ino : 0;
}

/* The pid namespace of a front's run; 0 while there is none. */
static ino_t run_of(pid_t front)
{
    char path[64], init[32] = "";
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)front, (int)front);
    FILE *children = fopen(path, "r");
    bool some = children && fscanf(children, "%31s", init) == 1;
    if (children)
        fclose(children);
    return some ? pid_namespace(init) : 0;
}

/* `run` 0: of every process; else of those in that pid namespace. Others may start
 * and end things on this machine meanwhile. */
static void look(struct seen *s, ino_t run)
{
    s->count = 0;
    DIR *proc = opendir("/proc");
    for (struct dirent *e; (e = readdir(proc));)
        if (e->d_name[0] >= '1' && e->d_name[0] <= '9' &&
            (run == 0 || pid_namespace(e->d_name) == run))
            add_process(s, e->d_name);
    closedir(proc);
}

static bool holds(const struct seen *s, ino_t inode)
{
    for (unsigned i = 0; i < s->count; i++)
        if (s->inodes[i] == inode)
            return true;
    return false;
}

/* Of the namespaces in `during` and not in `before`, how many are in `after`? */
static unsigned left_over(const struct seen *before, const struct seen *during,
                          const struct seen *after)
{
    unsigned left = 0;
    for (unsigned i = 0; i < during->count; i++)
        left += !holds(before, during->inodes[i]) && holds(after, during->inodes[i]);
    return left;
}

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * NS_PER_S + t.tv_nsec;
}

/* Nothing more than this much later; only the drill of moments waits by the clock. */
static void pass(int64_t ns)
{
    struct timespec t = {ns / NS_PER_S, ns % NS_PER_S};
    nanosleep(&t, NULL);
}

/* Every process inside holds the pipe's end: it closes with the last of them. */
static bool all_gone(int alive, int64_t wait_ns)
{
    struct pollfd p = {.fd = alive};
    struct timespec wait = {wait_ns / NS_PER_S, wait_ns % NS_PER_S};
    return ppoll(&p, 1, &wait, NULL) == 1 && (p.revents & POLLHUP);
}

static void kill_once(int64_t moment_ns, bool as_nobody)
{
    static struct seen before, during, after;
    int alive[2];
    assert_int_equal(pipe2(alive, O_CLOEXEC), 0);
    look(&before, 0);
    pid_t front = start(&(struct caged){.body = busy_main, .as_nobody = as_nobody, .told = 2});
    close(alive[1]);
    pass(moment_ns);
    ino_t run = run_of(front);
    during.count = 0;
    if (run)
        look(&during, run);
    /* By then the lab stands; else the drill would look at nothing. */
    assert_true(moment_ns < 400 * NS_PER_MS || during.count > 10);
    kill(front, SIGKILL);
    int64_t killed_at_ns = now_ns();
    assert_int_equal(end_of(front), 1000 + SIGKILL);
    assert_true(all_gone(alive[0], 2 * NS_PER_S));
    int64_t took_ns = now_ns() - killed_at_ns;
    close(alive[0]);
    do
        look(&after, 0);
    while (left_over(&before, &during, &after) && now_ns() - killed_at_ns < 2 * NS_PER_S);
    assert_int_equal(left_over(&before, &during, &after), 0);
    char text[32];
    print_message("killed after %s", units_duration_short(moment_ns, text, sizeof text));
    print_message(": %u namespaces held, all gone after %s\n", during.count,
                  units_duration_short(took_ns, text, sizeof text));
}

static void kill_9_at_any_moment_leaves_nothing(void **state)
{
    (void)state;
    const char *more = getenv("FAULTLINE_LONG");
    unsigned count = more && strcmp(more, "1") == 0 ? 50 : 8;
    struct random_stream luck = random_derive(1, "kill drill");
    for (unsigned n = 0; n < count; n++) {
        /* Half of them while it is being set up. */
        uint64_t most_ns = (n & 1 ? 60 : 600) * (uint64_t)NS_PER_MS;
        kill_once((int64_t)random_below(&luck, most_ns), geteuid() == 0 && n % 4 == 3);
    }
}

static bool namespaces_allowed(void)
{
    pid_t pid = start(&(struct caged){.body = answer_42, .told = 2});
    return end_of(pid) == 42;
}

int main(void)
{
    topology = topology_of_three(1);
    if (!namespaces_allowed()) {
        printf("skipped: neither root nor user namespaces\n");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(main_is_not_pid_1_and_sees_its_own_proc),
        cmocka_unit_test(the_front_ends_as_main_does),
        cmocka_unit_test(sigterm_reaches_main_through_the_front),
        cmocka_unit_test(a_plain_user_gets_a_working_lab),
        cmocka_unit_test(without_user_namespaces_a_sentence_says_so),
        cmocka_unit_test(kill_9_at_any_moment_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
