#include "injector/probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/ethernet.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "injector/lab.h"
#include "injector/lab_map.h"
#include "injector/lab_shaper.h"
#include "injector/netdev.h"
#include "injector/netem.h"
#include "injector/netns.h"
#include "injector/nftables.h"
#include "injector/wan_port.h"

/* --- the attempts; each runs in main of a scratch cage, in a namespace of its own --- */

static enum err_code try_nothing_more(const struct netns *ns, struct err *err)
{
    (void)ns;
    (void)err;
    return ERR_OK; /* being here is the proof */
}

static enum err_code try_cables(const struct netns *ns, struct err *err)
{
    struct netns other;
    if (netns_open(&other, err))
        return err->code;
    struct netdev_end near = {.name = "near", .index = 10, .mac = {2, 0, 0, 0, 0, 1}};
    struct netdev_end far = {.name = "far", .index = 10, .mac = {2, 0, 0, 0, 0, 2}};
    enum err_code code = netdev_cable(ns, &near, &other, &far, err);
    netns_close(&other);
    return code;
}

static enum err_code set_inside(void *user, struct err *err)
{
    return netns_set(user, err);
}

static enum err_code try_ipv6(const struct netns *ns, struct err *err)
{
    struct netns_setting forward = {"ipv6/conf/all/forwarding", "1"};
    return netns_inside(ns, set_inside, &forward, err);
}

static enum err_code try_owned_tables(const struct netns *ns, struct err *err)
{
    struct lab_map nobody = {0};
    struct nftables_spec spec = {.ns = ns, .map = &nobody, .wan_index = DEVICE_WAN};
    struct nftables *table;
    if (nftables_open(&spec, &table, err))
        return err->code;
    nftables_close(table);
    return ERR_OK;
}

static enum err_code open_packet_socket(void *user, struct err *err)
{
    (void)user;
    int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ALL));
    if (fd < 0)
        return err_set(err, ERR_IO, "cannot open a packet socket: %s", strerror(errno));
    close(fd);
    return ERR_OK;
}

static enum err_code try_packet_sockets(const struct netns *ns, struct err *err)
{
    return netns_inside(ns, open_packet_socket, NULL, err);
}

static enum err_code make_tun(void *user, struct err *err)
{
    (void)user;
    struct wan_port port = {.fd = -1};
    enum err_code code = wan_port_open_tun(&port, "wan", DEVICE_WAN, err);
    if (port.fd >= 0)
        close(port.fd);
    return code;
}

static enum err_code try_tun(const struct netns *ns, struct err *err)
{
    return netns_inside(ns, make_tun, NULL, err);
}

static enum err_code try_real_time(const struct netns *ns, struct err *err)
{
    (void)ns;
    struct sched_param first = {.sched_priority = 10};
    if (sched_setscheduler(0, SCHED_FIFO, &first))
        return err_set(err, ERR_PERM, "SCHED_FIFO: %s", strerror(errno));
    struct sched_param normal = {0};
    (void)sched_setscheduler(0, SCHED_OTHER, &normal);
    return ERR_OK;
}

static enum err_code try_cubic(const struct netns *ns, struct err *err)
{
    struct netns_setting cubic = {"ipv4/tcp_congestion_control", "cubic"};
    return netns_inside(ns, set_inside, &cubic, err);
}

static const struct attempt {
    const char *name, *purpose, *without;
    bool needed;
    enum err_code (*attempt)(const struct netns *ns, struct err *err);
} attempts[] = {
    {"own namespaces", "a run that the kernel cleans up when it dies",
     "no --on local: use --on sim", true, try_nothing_more},
    {"virtual cables", "links between nodes, clients and regions (veth)",
     "no --on local: use --on sim", true, try_cables},
    {"IPv6", "every place has an address of both families", "no --on local: use --on sim", true,
     try_ipv6},
    {"owned nftables", "partitions that vanish with us", "no --on local: use --on sim", true,
     try_owned_tables},
    {"packet sockets", "the `wan` shaper, and captures", "only netem can shape links", false,
     try_packet_sockets},
    {"TUN devices", "the `wan-tun` shaper", "`wan` does the same with packet sockets", false,
     try_tun},
    {"netem", "the kernel's own shaper of links", "the `wan` shaper does it", false, netem_try},
    {"real-time priority", "a `wan` router that wakes up in time",
     "its delays have a longer tail when the machine is busy", false, try_real_time},
    {"TCP cubic", "the usual congestion control in every place", "TCP reno is used", false,
     try_cubic},
};
_Static_assert(ARRAY_LEN(attempts) == PROBES, "probe.h says how many there are");

/* --- from the scratch cage to us --- */

struct answer {
    bool works;
    char detail[ERR_MSG_SIZE];
};

static struct answer try_one(const struct attempt *a)
{
    struct answer answer = {.works = false};
    struct err err = {0};
    struct netns scratch;
    if (netns_open(&scratch, &err) == ERR_OK) {
        answer.works = a->attempt(&scratch, &err) == ERR_OK;
        netns_close(&scratch);
    }
    if (!answer.works)
        snprintf(answer.detail, sizeof answer.detail, "%s", err.msg);
    return answer;
}

static bool tell(int fd, const struct answer *answer)
{
    return write(fd, answer, sizeof *answer) == sizeof *answer;
}

/* Ends the process: its code tells nothing, its answers do. */
static void answer_from_cage(int fd)
{
    struct err err;
    if (cage_enter(&err)) {
        struct answer refused = {.works = false};
        snprintf(refused.detail, sizeof refused.detail, "%s", err.msg);
        _exit(tell(fd, &refused) ? 0 : 1);
    }
    bool told = true;
    for (size_t i = 0; told && i < PROBES; i++) {
        struct answer answer = try_one(&attempts[i]);
        told = tell(fd, &answer);
    }
    _exit(told ? 0 : 1);
}

static void collect(int fd, struct probe out[PROBES])
{
    for (size_t i = 0; i < PROBES; i++) {
        struct answer answer = {.works = false};
        out[i] = (struct probe){.name = attempts[i].name,
                                .purpose = attempts[i].purpose,
                                .without = attempts[i].without,
                                .needed = attempts[i].needed};
        bool got = read(fd, &answer, sizeof answer) == sizeof answer;
        out[i].works = got && answer.works;
        snprintf(out[i].detail, sizeof out[i].detail, "%s",
                 got ? answer.detail
                     : "not tried, because there are no namespaces to try it in");
    }
}

enum err_code probe_all(struct probe out[PROBES], struct err *err)
{
    int fds[2];
    if (pipe2(fds, O_CLOEXEC))
        return err_set(err, ERR_IO, "cannot make a pipe: %s", strerror(errno));
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        answer_from_cage(fds[1]);
    close(fds[1]);
    if (pid > 0)
        collect(fds[0], out);
    close(fds[0]);
    if (pid < 0)
        return err_set(err, ERR_IO, "cannot start a process to try things in: %s",
                       strerror(errno));
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    return ERR_OK;
}

bool probe_local_works(const struct probe all[PROBES])
{
    bool shaper = false, needed = true;
    for (size_t i = 0; i < PROBES; i++) {
        needed = needed && (all[i].works || !all[i].needed);
        bool shapes =
            attempts[i].attempt == try_packet_sockets || attempts[i].attempt == netem_try;
        shaper = shaper || (shapes && all[i].works);
    }
    return needed && shaper;
}
