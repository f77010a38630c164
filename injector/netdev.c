#include "injector/netdev.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/fib_rules.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <linux/veth.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "injector/netlink.h"

enum { CREATE = NLM_F_CREATE | NLM_F_EXCL };

static struct bytes header_bytes(const void *header, size_t size)
{
    return (struct bytes){header, size};
}

static struct ifinfomsg end_header(const struct netdev_end *end)
{
    unsigned flags = IFF_UP | (end->no_arp ? IFF_NOARP : 0u);
    return (struct ifinfomsg){
        .ifi_index = end->index, .ifi_flags = flags, .ifi_change = IFF_UP | IFF_NOARP};
}

static void put_end(struct request *r, const struct netdev_end *end)
{
    request_text(r, IFLA_IFNAME, end->name);
    request_put(r, IFLA_ADDRESS, end->mac, sizeof end->mac);
}

enum err_code netdev_up(const struct netns *ns, int index, struct err *err)
{
    struct ifinfomsg header = {.ifi_index = index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
    struct request r = request_begin(RTM_NEWLINK, 0, header_bytes(&header, sizeof header));
    if (netlink_ask(ns->route, &r, err))
        return err_wrap(err, "device %d up", index);
    return ERR_OK;
}

enum err_code netdev_queue(const struct netns *ns, int index, uint32_t packets, struct err *err)
{
    struct ifinfomsg header = {.ifi_index = index};
    struct request r = request_begin(RTM_NEWLINK, 0, header_bytes(&header, sizeof header));
    request_u32(&r, IFLA_TXQLEN, packets);
    if (netlink_ask(ns->route, &r, err))
        return err_wrap(err, "queue of device %d", index);
    return ERR_OK;
}

struct unread {
    int index;
    uint64_t packets;
    bool found;
};

static void read_unread(void *user, struct nlmsghdr *m)
{
    struct unread *u = user;
    const struct ifinfomsg *device = nlmsg_data(m);
    struct nlattr *stats = nlmsg_find_attr(m, sizeof *device, IFLA_STATS64);
    struct rtnl_link_stats64 all = {0};
    if (device->ifi_index != u->index || !stats || nla_len(stats) < 0)
        return;
    size_t told = (size_t)nla_len(stats);
    memcpy(&all, nla_data(stats), told < sizeof all ? told : sizeof all);
    u->packets = all.tx_dropped;
    u->found = true;
}

enum err_code netdev_unread(const struct netns *ns, int index, uint64_t *packets,
                            struct err *err)
{
    struct unread u = {.index = index};
    struct ifinfomsg header = {.ifi_family = AF_UNSPEC};
    struct request r =
        request_begin(RTM_GETLINK, NLM_F_DUMP, header_bytes(&header, sizeof header));
    if (netlink_list(ns->route, &r, read_unread, &u, err))
        return err_wrap(err, "counters of device %d", index);
    if (!u.found)
        return err_set(err, ERR_IO, "device %d tells no counters", index);
    *packets = u.packets;
    return ERR_OK;
}

enum err_code netdev_cable(const struct netns *here, const struct netdev_end *near,
                           const struct netns *there, const struct netdev_end *far,
                           struct err *err)
{
    struct ifinfomsg header = end_header(near), peer = end_header(far);
    /* Not before the cable has two ends. */
    peer.ifi_flags &= ~(unsigned)IFF_UP;
    struct request r = request_begin(RTM_NEWLINK, CREATE, header_bytes(&header, sizeof header));
    put_end(&r, near);
    struct nlattr *info = request_nest(&r, IFLA_LINKINFO);
    request_text(&r, IFLA_INFO_KIND, "veth");
    struct nlattr *data = request_nest(&r, IFLA_INFO_DATA);
    struct nlattr *other = request_nest(&r, VETH_INFO_PEER);
    request_append(&r, &peer, sizeof peer);
    put_end(&r, far);
    request_u32(&r, IFLA_NET_NS_FD, (uint32_t)there->fd);
    request_end(&r, other);
    request_end(&r, data);
    request_end(&r, info);
    enum err_code code = netlink_ask(here->route, &r, err);
    if (code == ERR_OK)
        code = netdev_up(there, far->index, err);
    return code ? err_wrap(err, "cable from '%s' to '%s'", near->name, far->name) : ERR_OK;
}

/* IFF_RUNNING would not do: it is set, too, while the kernel has not looked yet. */
static void count_waiting(void *user, struct nlmsghdr *m)
{
    const struct ifinfomsg *device = nlmsg_data(m);
    struct nlattr *state = nlmsg_find_attr(m, sizeof *device, IFLA_OPERSTATE);
    /* A TUN device carries from the start, and never says that it does. */
    if ((device->ifi_flags & (IFF_UP | IFF_LOOPBACK | IFF_POINTOPOINT)) != IFF_UP)
        return;
    if (state && nla_get_u8(state) != IF_OPER_UP)
        ++*(unsigned *)user;
}

enum err_code netdev_await_all(const struct netns *ns, struct err *err)
{
    enum { LOOKS_MAX = 5000, LOOK_AGAIN_MS = 1 };
    for (unsigned look = 0; look < LOOKS_MAX; look++) {
        unsigned waiting = 0;
        struct ifinfomsg header = {.ifi_family = AF_UNSPEC};
        struct request r =
            request_begin(RTM_GETLINK, NLM_F_DUMP, header_bytes(&header, sizeof header));
        if (netlink_list(ns->route, &r, count_waiting, &waiting, err))
            return err_wrap(err, "list of devices");
        if (waiting == 0)
            return ERR_OK;
        (void)poll(NULL, 0, LOOK_AGAIN_MS);
    }
    return err_set(err, ERR_TIMEOUT, "a device does not come up within 5 s");
}

static unsigned char family_of(const struct io_address *a)
{
    return a->family == IO_IPV6 ? AF_INET6 : AF_INET;
}

static size_t size_of(const struct io_address *a)
{
    return a->family == IO_IPV6 ? 16 : 4;
}

enum err_code netdev_address(const struct netns *ns, int index,
                             const struct io_address *address, uint8_t prefix, struct err *err)
{
    struct ifaddrmsg header = {.ifa_family = family_of(address),
                               .ifa_prefixlen = prefix,
                               .ifa_index = (unsigned)index};
    struct request r = request_begin(RTM_NEWADDR, CREATE, header_bytes(&header, sizeof header));
    request_put(&r, IFA_LOCAL, address->ip, size_of(address));
    request_put(&r, IFA_ADDRESS, address->ip, size_of(address));
    if (address->family == IO_IPV6)
        request_u32(&r, IFA_FLAGS, IFA_F_NODAD);
    if (netlink_ask(ns->route, &r, err)) {
        char text[64];
        return err_wrap(err, "address %s", io_address_format(address, text, sizeof text));
    }
    return ERR_OK;
}

enum err_code netdev_neighbour(const struct netns *ns, int index,
                               const struct io_address *address, const uint8_t mac[6],
                               struct err *err)
{
    struct ndmsg header = {
        .ndm_family = family_of(address), .ndm_ifindex = index, .ndm_state = NUD_PERMANENT};
    struct request r = request_begin(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE,
                                     header_bytes(&header, sizeof header));
    request_put(&r, NDA_DST, address->ip, size_of(address));
    request_put(&r, NDA_LLADDR, mac, 6);
    if (netlink_ask(ns->route, &r, err)) {
        char text[64];
        return err_wrap(err, "neighbour %s", io_address_format(address, text, sizeof text));
    }
    return ERR_OK;
}

enum err_code netdev_route(const struct netns *ns, const struct netdev_route *route,
                           struct err *err)
{
    struct rtmsg header = {.rtm_family = family_of(&route->to),
                           .rtm_dst_len = route->prefix,
                           .rtm_table =
                               (unsigned char)(route->table ? route->table : RT_TABLE_MAIN),
                           .rtm_protocol = RTPROT_STATIC,
                           .rtm_scope = route->via ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK,
                           .rtm_type = RTN_UNICAST};
    struct request r =
        request_begin(RTM_NEWROUTE, CREATE, header_bytes(&header, sizeof header));
    if (route->prefix)
        request_put(&r, RTA_DST, route->to.ip, size_of(&route->to));
    if (route->via)
        request_put(&r, RTA_GATEWAY, route->via->ip, size_of(route->via));
    request_u32(&r, RTA_OIF, (uint32_t)route->index);
    if (netlink_ask(ns->route, &r, err)) {
        char text[64];
        return err_wrap(err, "route to %s/%u", io_address_format(&route->to, text, sizeof text),
                        route->prefix);
    }
    return ERR_OK;
}

enum err_code netdev_rule(const struct netns *ns, enum io_family family, uint32_t mark,
                          uint32_t table, struct err *err)
{
    struct fib_rule_hdr header = {.family = family == IO_IPV6 ? AF_INET6 : AF_INET,
                                  .table = (unsigned char)table,
                                  .action = FR_ACT_TO_TBL};
    struct request r = request_begin(RTM_NEWRULE, CREATE, header_bytes(&header, sizeof header));
    request_u32(&r, FRA_FWMARK, mark);
    request_u32(&r, FRA_FWMASK, UINT32_MAX);
    request_u32(&r, FRA_PRIORITY, 100); /* before the main table's 32766 */
    if (netlink_ask(ns->route, &r, err))
        return err_wrap(err, "routing rule for mark %u", mark);
    return ERR_OK;
}

static bool switch_off(int fd, const char *name, uint32_t command)
{
    struct ethtool_value off = {.cmd = command};
    struct ifreq request = {.ifr_data = (void *)&off};
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    return ioctl(fd, SIOCETHTOOL, &request) == 0;
}

enum err_code netdev_plain_packets(const char *name, struct err *err)
{
    static const uint32_t commands[] = {ETHTOOL_STXCSUM, ETHTOOL_SSG, ETHTOOL_STSO,
                                        ETHTOOL_SGSO, ETHTOOL_SGRO};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool done = fd >= 0;
    for (size_t i = 0; done && i < ARRAY_LEN(commands); i++)
        done = switch_off(fd, name, commands[i]);
    int number = errno;
    if (fd >= 0)
        close(fd);
    if (done)
        return ERR_OK;
    return err_set(err, ERR_IO, "cannot switch off packet offloads of '%s': %s", name,
                   strerror(number));
}
