#include "tests/support/lab_traffic.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S  INT64_C(1000000000)

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * NS_PER_S + t.tv_nsec;
}

/* --- privileges --- */

static bool write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    if (fd >= 0)
        close(fd);
    return done;
}

bool traffic_privileged(void)
{
    if (geteuid() == 0)
        return true;
    char uids[32], gids[32];
    snprintf(uids, sizeof uids, "0 %u 1", geteuid());
    snprintf(gids, sizeof gids, "0 %u 1", getegid());
    return unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) == 0 &&
           write_text("/proc/self/setgroups", "deny") &&
           write_text("/proc/self/uid_map", uids) && write_text("/proc/self/gid_map", gids);
}

/* --- sockets in places --- */

struct order {
    const struct place *place;
    int type, fd;
};

static int family_of(const struct place *p)
{
    return p->address.family == IO_IPV6 ? AF_INET6 : AF_INET;
}

static void *make_socket(void *user)
{
    struct order *o = user;
    if (setns(o->place->netns_fd, CLONE_NEWNET) == 0)
        o->fd = socket(family_of(o->place), o->type | SOCK_CLOEXEC, 0);
    return NULL;
}

int traffic_socket(const struct place *place, int type)
{
    struct order o = {place, type, -1};
    pthread_t thread;
    if (pthread_create(&thread, NULL, make_socket, &o))
        return -1;
    pthread_join(thread, NULL);
    return o.fd;
}

struct place traffic_ipv6(const struct place *place)
{
    assert(place->address.family == IO_IPV4);
    struct place six = *place;
    const uint8_t *four = place->address.ip;
    six.address = (struct io_address){
        .family = IO_IPV6, .ip = {0xfd, [5] = four[1], [7] = four[2], [15] = four[3]}};
    return six;
}

static socklen_t sockaddr_of(const struct place *p, uint16_t port, struct sockaddr_storage *out)
{
    memset(out, 0, sizeof *out);
    if (p->address.family == IO_IPV6) {
        struct sockaddr_in6 *six = (struct sockaddr_in6 *)out;
        six->sin6_family = AF_INET6;
        six->sin6_port = htons(port);
        memcpy(&six->sin6_addr, p->address.ip, 16);
        return sizeof *six;
    }
    struct sockaddr_in *four = (struct sockaddr_in *)out;
    four->sin_family = AF_INET;
    four->sin_port = htons(port);
    memcpy(&four->sin_addr, p->address.ip, 4);
    return sizeof *four;
}

static bool readable(int fd, int64_t wait_ns)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    struct timespec wait = {wait_ns / NS_PER_S, wait_ns % NS_PER_S};
    return wait_ns >= 0 && ppoll(&p, 1, &wait, NULL) == 1 && (p.revents & POLLIN);
}

/* --- the answerer --- */

static int bound(int type)
{
    int fd = socket(AF_INET6, type | SOCK_CLOEXEC, 0), on = 1;
    struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons(TRAFFIC_PORT)};
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    assert(bind(fd, (struct sockaddr *)&any, sizeof any) == 0);
    assert(type != SOCK_STREAM || listen(fd, 64) == 0);
    return fd;
}

static void answer_datagram(int fd)
{
    char text[2048];
    struct sockaddr_storage from;
    socklen_t size = sizeof from;
    ssize_t got = recvfrom(fd, text, sizeof text, 0, (struct sockaddr *)&from, &size);
    if (got >= 0)
        (void)sendto(fd, text, (size_t)got, 0, (struct sockaddr *)&from, size);
}

static void answer_stream(struct pollfd *p)
{
    char text[2048];
    ssize_t got = recv(p->fd, text, sizeof text, 0);
    if (got > 0 && send(p->fd, text, (size_t)got, MSG_NOSIGNAL) == got)
        return;
    close(p->fd);
    p->fd = -1;
}

static void accept_stream(int listener, struct pollfd *slots, int count)
{
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    for (int i = 0; fd >= 0 && i < count; i++)
        if (slots[i].fd < 0) {
            slots[i] = (struct pollfd){.fd = fd, .events = POLLIN};
            return;
        }
    if (fd >= 0)
        close(fd);
}

/* Says so on `told` when it can be asked. */
static void echo(int told)
{
    enum { SLOTS = 66 };
    struct pollfd p[SLOTS];
    for (int i = 0; i < SLOTS; i++)
        p[i] = (struct pollfd){.fd = i == 0   ? bound(SOCK_DGRAM)
                                     : i == 1 ? bound(SOCK_STREAM)
                                              : -1,
                               .events = POLLIN};
    assert(write(told, "", 1) == 1);
    for (;;) {
        if (poll(p, SLOTS, -1) < 0)
            continue;
        if (p[0].revents)
            answer_datagram(p[0].fd);
        for (int i = 2; i < SLOTS; i++)
            if (p[i].fd >= 0 && p[i].revents)
                answer_stream(&p[i]);
        if (p[1].revents)
            accept_stream(p[1].fd, p + 2, SLOTS - 2);
    }
}

pid_t traffic_echo(const struct place *place)
{
    int ready[2];
    assert(pipe2(ready, O_CLOEXEC) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        assert(setns(place->netns_fd, CLONE_NEWNET) == 0);
        /* No one else's end of anything may stay open in here. */
        int told = dup2(ready[1], 3);
        close_range(4, ~0u, 0);
        echo(told);
    }
    char go;
    close(ready[1]);
    assert(pid > 0 && read(ready[0], &go, 1) == 1);
    close(ready[0]);
    return pid;
}

void traffic_stop(pid_t pid)
{
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

/* --- questions --- */

int64_t traffic_ping_ns(const struct place *from, const struct place *to, int64_t wait_ns)
{
    struct sockaddr_storage there;
    socklen_t size = sockaddr_of(to, TRAFFIC_PORT, &there);
    int fd = traffic_socket(from, SOCK_DGRAM);
    char byte = 'x';
    int64_t start_ns = now_ns(), took_ns = -1;
    if (sendto(fd, &byte, 1, 0, (struct sockaddr *)&there, size) == 1 &&
        readable(fd, wait_ns) && recv(fd, &byte, 1, 0) == 1)
        took_ns = now_ns() - start_ns;
    close(fd);
    return took_ns;
}

int64_t traffic_connect_ns(const struct place *from, const struct place *to, int64_t wait_ns)
{
    struct sockaddr_storage there;
    socklen_t size = sockaddr_of(to, TRAFFIC_PORT, &there);
    int fd = traffic_socket(from, SOCK_STREAM);
    struct timeval wait = {wait_ns / NS_PER_S, wait_ns % NS_PER_S / 1000};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
    char byte = 'x';
    int64_t start_ns = now_ns(), took_ns = -1;
    if (connect(fd, (struct sockaddr *)&there, size) == 0 &&
        send(fd, &byte, 1, MSG_NOSIGNAL) == 1 && readable(fd, wait_ns) &&
        recv(fd, &byte, 1, 0) == 1)
        took_ns = now_ns() - start_ns;
    close(fd);
    return took_ns;
}

/* What arrives, in its order. */
struct arrivals {
    int sink; /* -1: nobody looks */
    uint32_t *numbers;
    uint32_t count, max;
};

static void take(struct arrivals *a, int64_t wait_ns)
{
    char data[2048];
    while (a->sink >= 0 && a->count < a->max && readable(a->sink, wait_ns))
        if (recv(a->sink, data, sizeof data, 0) >= (ssize_t)sizeof *a->numbers)
            memcpy(&a->numbers[a->count++], data, sizeof *a->numbers);
}

static bool send_burst(const struct traffic_burst *burst, struct arrivals *arrivals)
{
    struct sockaddr_storage there;
    socklen_t size = sockaddr_of(burst->to, TRAFFIC_PORT + 1, &there);
    int fd = traffic_socket(burst->from, SOCK_DGRAM);
    char data[1400] = {0};
    assert(burst->size >= sizeof(uint32_t) && burst->size <= sizeof data);
    bool sent = fd >= 0;
    int64_t next_ns = now_ns();
    for (uint32_t n = 0; sent && n < burst->count; n++, next_ns += burst->gap_ns) {
        struct timespec at = {next_ns / NS_PER_S, next_ns % NS_PER_S};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
        memcpy(data, &n, sizeof n);
        sent = sendto(fd, data, burst->size, 0, (struct sockaddr *)&there, size) ==
               (ssize_t)burst->size;
        take(arrivals, 0);
    }
    close(fd);
    return sent;
}

bool traffic_send(const struct traffic_burst *burst)
{
    return send_burst(burst, &(struct arrivals){.sink = -1});
}

uint32_t traffic_arrivals(const struct traffic_burst *burst, int64_t quiet_ns,
                          uint32_t *numbers, uint32_t max)
{
    struct arrivals a = {.sink = traffic_sink(burst->to), .numbers = numbers, .max = max};
    assert(a.sink >= 0);
    bool sent = send_burst(burst, &a);
    assert(sent);
    take(&a, quiet_ns);
    close(a.sink);
    return a.count;
}

int traffic_sink(const struct place *place)
{
    struct sockaddr_storage here;
    socklen_t size = sockaddr_of(place, TRAFFIC_PORT + 1, &here);
    int fd = traffic_socket(place, SOCK_DGRAM);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&here, size)) {
        close(fd);
        return -1;
    }
    return fd;
}
