#include "injector/wan.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "injector/netdev.h"
#include "injector/nftables.h"
#include "injector/wan_router.h"

enum { ANSWER_WAIT_MS = 5000, FIRST_KEPT_FD = 3 };
/* About what fits into a packet socket's buffer. */
enum { TUN_QUEUE_PACKETS = 1 << 13 };

struct wan {
    struct shaper base;
    struct wan_router_spec spec;
    struct netns middle;         /* where the far ends of the cables are */
    const struct netns *routers; /* by region */
    int ours;                    /* our end of spec.control */
    pid_t router;
    uint64_t number; /* of the last table sent */
};

static struct wan *wan_of(struct shaper *s)
{
    return CONTAINER_OF(s, struct wan, base);
}

/* --- talking to the router --- */

/* Why it does not answer, as far as its death tells. */
static enum err_code silent(struct wan *w, struct err *err)
{
    int status;
    if (w->router > 0 && waitpid(w->router, &status, WNOHANG) == w->router) {
        w->router = 0;
        return err_set(err, ERR_IO, "the process that routes between regions is gone (%s %d)",
                       WIFSIGNALED(status) ? "signal" : "exit code",
                       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    }
    return err_set(err, w->router ? ERR_TIMEOUT : ERR_IO,
                   "the process that routes between regions %s",
                   w->router ? "does not answer" : "is gone");
}

/* Answers to numbers that we gave up waiting for are passed over. */
static bool await_number(struct wan *w)
{
    uint64_t got;
    do {
        struct pollfd p = {.fd = w->ours, .events = POLLIN};
        int ready;
        while ((ready = poll(&p, 1, ANSWER_WAIT_MS)) < 0 && errno == EINTR)
            ;
        if (ready != 1 || recv(w->ours, &got, sizeof got, 0) != sizeof got)
            return false;
    } while (got != w->number);
    return true;
}

/* After this the router has seen the table, and its counters are fresh. */
static enum err_code hand_over(struct wan *w, struct err *err)
{
    w->number++;
    bool sent = send(w->ours, &w->number, sizeof w->number, MSG_NOSIGNAL) == sizeof w->number;
    return sent && await_number(w) ? ERR_OK : silent(w, err);
}

static enum err_code wan_apply(struct shaper *s, const struct link_table *table,
                               struct err *err)
{
    struct wan *w = wan_of(s);
    w->spec.shared->asked = *table;
    return hand_over(w, err);
}

static uint64_t value(_Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static enum err_code wan_read(struct shaper *s, struct shaper_counts *out, struct err *err)
{
    struct wan *w = wan_of(s);
    uint32_t count = w->spec.map->place_count;
    for (uint32_t from = 0; from < count; from++)
        for (uint32_t to = 0; to < count; to++) {
            struct wan_count *c = &w->spec.shared->counts[from][to];
            out->of[from][to] =
                (struct shaper_count){value(&c->packets), value(&c->bytes), value(&c->dropped)};
        }
    return w->router ? ERR_OK : silent(w, err);
}

/* TUN devices count what nobody read; packet sockets' counts the router has. */
static enum err_code count_unread(const struct wan *w, uint64_t *out, struct err *err)
{
    enum err_code code = ERR_OK;
    *out = 0;
    for (uint32_t r = 0; code == ERR_OK && r < w->spec.map->region_count; r++) {
        uint64_t unread = 0;
        if (w->spec.ports[r].kind == WAN_PORTS_TUN)
            code = netdev_unread(&w->routers[r], DEVICE_WAN, &unread, err);
        *out += unread;
    }
    return code;
}

static enum err_code wan_check_health(struct shaper *s, struct err *err)
{
    struct wan *w = wan_of(s);
    uint64_t unread;
    if (hand_over(w, err) || count_unread(w, &unread, err))
        return err->code;
    struct wan_shared *shared = w->spec.shared;
    uint64_t overrun = value(&shared->overrun) + unread, overflow = value(&shared->overflow);
    uint64_t unsent = value(&shared->unsent);
    if (overrun + overflow + unsent == 0)
        return ERR_OK;
    return err_set(err, ERR_LIMIT,
                   "%llu packets were lost between regions without being asked to: %llu came "
                   "faster than they could be read, %llu found no room among those under way, "
                   "%llu were not taken by the kernel",
                   (unsigned long long)(overrun + overflow + unsent),
                   (unsigned long long)overrun, (unsigned long long)overflow,
                   (unsigned long long)unsent);
}

/* --- making and ending it --- */

static void close_fd(int fd)
{
    if (fd >= 0)
        close(fd);
}

static void end_router(struct wan *w)
{
    if (w->router <= 0)
        return;
    /* It has nothing to save. */
    kill(w->router, SIGKILL);
    while (waitpid(w->router, NULL, 0) < 0 && errno == EINTR)
        ;
}

static void wan_free(struct shaper *s)
{
    struct wan *w = wan_of(s);
    end_router(w);
    close_fd(w->ours);
    close_fd(w->spec.control);
    for (uint32_t r = 0; r < REGIONS_MAX; r++)
        close_fd(w->spec.ports[r].fd);
    netns_close(&w->middle);
    if (w->spec.shared)
        munmap(w->spec.shared, sizeof *w->spec.shared);
    free(w);
}

static const struct shaper_ops wan_ops = {
    .name = "wan",
    .inside_regions = true,
    .apply = wan_apply,
    .count = wan_read,
    .check_health = wan_check_health,
    .free = wan_free,
};

static const struct shaper_ops wan_tun_ops = {
    .name = "wan-tun",
    .inside_regions = true,
    .apply = wan_apply,
    .count = wan_read,
    .check_health = wan_check_health,
    .free = wan_free,
};

static struct netdev_end router_end(uint32_t region)
{
    return (struct netdev_end){.name = "wan",
                               .index = DEVICE_WAN,
                               .mac = {2, 0, 0, 1, 0, (uint8_t)region},
                               .no_arp = true};
}

/* Nothing in there is to speak for itself. */
static enum err_code quiet_middle(void *user, struct err *err)
{
    (void)user;
    static const struct netns_setting quiet = {"ipv6/conf/default/disable_ipv6", "1"};
    return netns_set(&quiet, err);
}

static enum err_code plain_wan(void *user, struct err *err)
{
    (void)user;
    return netdev_plain_packets("wan", err);
}

/* The region's traffic for everywhere else goes into the cable; what is marked for a
 * detour does so even when its way would be shorter. */
static enum err_code route_into(const struct netns *router, struct err *err)
{
    static const struct netdev_route routes[] = {
        {.to = {.family = IO_IPV4, .ip = {10}}, .prefix = 8},
        {.to = {.family = IO_IPV6, .ip = {0xfd}}, .prefix = 16},
    };
    enum err_code code = ERR_OK;
    for (size_t i = 0; code == ERR_OK && i < ARRAY_LEN(routes); i++) {
        struct netdev_route route = routes[i];
        route.index = DEVICE_WAN;
        code = netdev_route(router, &route, err);
        route.table = DETOUR_TABLE;
        if (code == ERR_OK)
            code = netdev_route(router, &route, err);
        if (code == ERR_OK)
            code = netdev_rule(router, route.to.family, DETOUR_MARK, DETOUR_TABLE, err);
    }
    return code;
}

static enum err_code lay_cable(struct wan *w, const struct netns *router, uint32_t region,
                               struct err *err)
{
    char name[16];
    snprintf(name, sizeof name, "region%u", region);
    struct netdev_end near = router_end(region);
    struct netdev_end far = {.name = name,
                             .index = DEVICE_REGION_BASE + (int)region,
                             .mac = {2, 0, 0, 2, 0, (uint8_t)region}};
    enum err_code code = netdev_cable(router, &near, &w->middle, &far, err);
    if (code == ERR_OK)
        code = netns_inside(router, plain_wan, NULL, err);
    return code ? code : route_into(router, err);
}

static enum err_code open_port(struct wan_port *port, uint32_t region, struct err *err)
{
    struct netdev_end end = router_end(region);
    return wan_port_open_packet(port, DEVICE_REGION_BASE + (int)region, end.mac, err);
}

static enum err_code open_ports(void *user, struct err *err)
{
    struct wan *w = user;
    enum err_code code = ERR_OK;
    for (uint32_t r = 0; code == ERR_OK && r < w->spec.map->region_count; r++)
        code = open_port(&w->spec.ports[r], r, err);
    return code;
}

static enum err_code lay_cables(struct wan *w, const struct shaper_spec *spec, struct err *err)
{
    enum err_code code = netns_open(&w->middle, err);
    if (code == ERR_OK)
        code = netns_inside(&w->middle, quiet_middle, NULL, err);
    for (uint32_t r = 0; code == ERR_OK && r < spec->map->region_count; r++)
        if (lay_cable(w, &spec->routers[r], r, err))
            code = err_wrap(err, "region '%s'", spec->topology->regions[r].name);
    if (code == ERR_OK)
        code = netdev_await_all(&w->middle, err);
    return code ? code : netns_inside(&w->middle, open_ports, w, err);
}

static enum err_code make_tun(void *user, struct err *err)
{
    return wan_port_open_tun(user, "wan", DEVICE_WAN, err);
}

static enum err_code dig_tunnel(struct wan_port *port, const struct netns *router,
                                struct err *err)
{
    enum err_code code = netns_inside(router, make_tun, port, err);
    if (code == ERR_OK)
        code = netdev_queue(router, DEVICE_WAN, TUN_QUEUE_PACKETS, err);
    if (code == ERR_OK)
        code = netdev_up(router, DEVICE_WAN, err);
    return code ? code : route_into(router, err);
}

static enum err_code dig_tunnels(struct wan *w, const struct shaper_spec *spec, struct err *err)
{
    for (uint32_t r = 0; r < spec->map->region_count; r++)
        if (dig_tunnel(&w->spec.ports[r], &spec->routers[r], err))
            return err_wrap(err, "region '%s'", spec->topology->regions[r].name);
    return ERR_OK;
}

static enum err_code make_control(struct wan *w, struct err *err)
{
    void *shared = mmap(NULL, sizeof *w->spec.shared, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return err_set(err, ERR_NOMEM, "no memory to share with the router");
    w->spec.shared = shared;
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
        return err_set(err, ERR_IO, "cannot make a socket pair: %s", strerror(errno));
    w->ours = pair[0];
    w->spec.control = pair[1];
    return ERR_OK;
}

static int by_number(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* Everything else belongs to the run, whose end others must be able to notice. */
static void close_all_but_ours(const struct wan *w)
{
    int keep[REGIONS_MAX + 1];
    uint32_t count = w->spec.map->region_count;
    for (uint32_t r = 0; r < count; r++)
        keep[r] = w->spec.ports[r].fd;
    keep[count] = w->spec.control;
    qsort(keep, count + 1, sizeof *keep, by_number);
    unsigned from = FIRST_KEPT_FD;
    for (uint32_t i = 0; i <= count; from = (unsigned)keep[i++] + 1)
        if (from < (unsigned)keep[i])
            (void)close_range(from, (unsigned)keep[i] - 1, 0);
    (void)close_range(from, ~0u, 0);
}

static void become_router(const struct wan *w, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    prctl(PR_SET_NAME, "faultline-wan");
    /* The run decides when to end, not the terminal. */
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    close_all_but_ours(w);
    _exit(wan_router_run(&w->spec) ? 0 : 1);
}

static enum err_code start_router(struct wan *w, struct err *err)
{
    pid_t parent = getpid();
    fflush(NULL);
    pid_t pid = fork();
    if (pid < 0)
        return err_set(err, ERR_IO, "cannot start the router: %s", strerror(errno));
    if (pid == 0)
        become_router(w, parent);
    w->router = pid;
    close_fd(w->spec.control);
    w->spec.control = -1;
    return hand_over(w, err);
}

static struct wan *allocate(const struct shaper_spec *spec, enum wan_ports ports)
{
    struct wan *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    w->base.ops = ports == WAN_PORTS_TUN ? &wan_tun_ops : &wan_ops;
    w->routers = spec->routers;
    w->spec.map = spec->map;
    w->spec.seed = spec->seed;
    w->spec.control = w->ours = -1;
    w->middle.fd = -1;
    for (uint32_t r = 0; r < REGIONS_MAX; r++)
        w->spec.ports[r].fd = -1;
    return w;
}

enum err_code wan_open(const struct shaper_spec *spec, enum wan_ports ports,
                       struct shaper **out, struct err *err)
{
    struct wan *w = allocate(spec, ports);
    if (!w)
        return err_set(err, ERR_NOMEM, "no memory for the router between regions");
    enum err_code code =
        ports == WAN_PORTS_TUN ? dig_tunnels(w, spec, err) : lay_cables(w, spec, err);
    if (code == ERR_OK)
        code = make_control(w, err);
    if (code == ERR_OK)
        code = start_router(w, err);
    if (code)
        wan_free(&w->base);
    else
        *out = &w->base;
    return code;
}
