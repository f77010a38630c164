#include "injector/wan_port.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/ethernet.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/units.h"
#include "io/clock.h"

#define TUN_PATH "/dev/net/tun"

enum { PORT_BUFFER_BYTES = 16 << 20 };

/* --- packet sockets --- */

static void prepare(int fd)
{
    int on = 1, size = PORT_BUFFER_BYTES;
    /* Our own packets come by as well unless told off; counted as foreign at worst. */
    (void)setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on);
    (void)setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    /* Beyond the machine's limit as root, else as much as it gives. */
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size))
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

enum err_code wan_port_open_packet(struct wan_port *port, int index, const uint8_t mac[6],
                                   struct err *err)
{
    port->kind = WAN_PORTS_PACKET;
    port->index = index;
    memcpy(port->router_mac, mac, sizeof port->router_mac);
    /* Protocol 0: nothing arrives before it is bound to its device. */
    port->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (port->fd < 0)
        return err_set(err, errno == EPERM ? ERR_PERM : ERR_IO,
                       "cannot open a packet socket: %s", strerror(errno));
    prepare(port->fd);
    struct sockaddr_ll at = {
        .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = index};
    if (bind(port->fd, (struct sockaddr *)&at, sizeof at))
        return err_set(err, ERR_IO, "cannot bind a packet socket: %s", strerror(errno));
    return ERR_OK;
}

static ssize_t send_to_router(const struct wan_port *port, struct bytes packet)
{
    bool v4 = packet.at[0] >> 4 == 4;
    struct sockaddr_ll to = {.sll_family = AF_PACKET,
                             .sll_protocol = htons(v4 ? ETH_P_IP : ETH_P_IPV6),
                             .sll_ifindex = port->index,
                             .sll_halen = sizeof port->router_mac};
    memcpy(to.sll_addr, port->router_mac, sizeof port->router_mac);
    return sendto(port->fd, packet.at, packet.size, 0, (struct sockaddr *)&to, sizeof to);
}

/* When the packet really came, on our clock: the kernel stamps it, and we may have
 * been asleep since. A stamp that makes no sense (the wall clock was set) is ignored. */
static int64_t arrival_ns(struct msghdr *m)
{
    int64_t now_ns = clock_monotonic_ns();
    struct cmsghdr *c = CMSG_FIRSTHDR(m);
    if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
        return now_ns;
    struct timespec stamp;
    memcpy(&stamp, CMSG_DATA(c), sizeof stamp);
    int64_t age_ns = clock_wall_ns() - (stamp.tv_sec * NS_PER_S + stamp.tv_nsec);
    return age_ns > 0 && age_ns < NS_PER_S ? now_ns - age_ns : now_ns;
}

static ssize_t receive_stamped(int fd, struct iovec *to, int64_t *came_at_ns)
{
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct timespec))];
    struct msghdr m = {.msg_iov = to,
                       .msg_iovlen = 1,
                       .msg_control = control,
                       .msg_controllen = sizeof control};
    ssize_t got = recvmsg(fd, &m, 0);
    if (got > 0)
        *came_at_ns = arrival_ns(&m);
    return got;
}

/* --- TUN devices --- */

enum err_code wan_port_open_tun(struct wan_port *port, const char *name, int index,
                                struct err *err)
{
    port->kind = WAN_PORTS_TUN;
    port->fd = open(TUN_PATH, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (port->fd < 0)
        return err_set(err, errno == EPERM || errno == EACCES ? ERR_PERM : ERR_IO,
                       "cannot open " TUN_PATH ": %s; leave out `--shaper wan-tun`",
                       strerror(errno));
    struct ifreq device = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    snprintf(device.ifr_name, sizeof device.ifr_name, "%s", name);
    /* The number comes first: it is given when the device is made. */
    if (ioctl(port->fd, TUNSETIFINDEX, &index) || ioctl(port->fd, TUNSETIFF, &device))
        return err_set(err, errno == EPERM ? ERR_PERM : ERR_IO,
                       "cannot make the TUN device '%s': %s", name, strerror(errno));
    return ERR_OK;
}

/* --- either --- */

bool wan_port_send(const struct wan_port *port, struct bytes packet)
{
    ssize_t sent = port->kind == WAN_PORTS_TUN ? write(port->fd, packet.at, packet.size)
                                               : send_to_router(port, packet);
    return sent >= 0;
}

ssize_t wan_port_receive(const struct wan_port *port, void *out, size_t size,
                         int64_t *came_at_ns)
{
    struct iovec to = {out, size};
    if (port->kind == WAN_PORTS_PACKET)
        return receive_stamped(port->fd, &to, came_at_ns);
    /* Nobody stamps these: they came now, as far as we can tell. */
    ssize_t got = read(port->fd, out, size);
    *came_at_ns = clock_monotonic_ns();
    return got;
}

/* The kernel forgets its count when asked. */
uint64_t wan_port_overrun(const struct wan_port *port)
{
    struct tpacket_stats stats;
    socklen_t size = sizeof stats;
    bool told = port->kind == WAN_PORTS_PACKET &&
                getsockopt(port->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size) == 0;
    return told ? stats.tp_drops : 0;
}
