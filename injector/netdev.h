/* Devices, addresses and routes inside a namespace. Every device gets its number and
 * hardware address from us, so that nothing has to be read back. */
#ifndef INJECTOR_NETDEV_H
#define INJECTOR_NETDEV_H

#include <stdbool.h>
#include <stdint.h>

#include "injector/netns.h"
#include "io/io.h"

enum { NETDEV_LOOPBACK = 1 };

struct netdev_end {
    const char *name;
    int index;
    uint8_t mac[6];
    bool no_arp; /* nobody answers for addresses behind it */
};

/* A cable between two namespaces, both ends up. */
enum err_code netdev_cable(const struct netns *here, const struct netdev_end *near,
                           const struct netns *there, const struct netdev_end *far,
                           struct err *err) MUST_CHECK;

enum err_code netdev_up(const struct netns *ns, int index, struct err *err) MUST_CHECK;

/* How many packets a device holds for whoever takes them out. */
enum err_code netdev_queue(const struct netns *ns, int index, uint32_t packets,
                           struct err *err) MUST_CHECK;

/* How many it has dropped so far because nobody took them. */
enum err_code netdev_unread(const struct netns *ns, int index, uint64_t *packets,
                            struct err *err) MUST_CHECK;

/* Wait until every device in the namespace that is up carries packets. The kernel gets to that
 * some time after both ends are up, and silently drops what comes before. */
enum err_code netdev_await_all(const struct netns *ns, struct err *err) MUST_CHECK;

/* An address with its network of `prefix` bits. */
enum err_code netdev_address(const struct netns *ns, int index,
                             const struct io_address *address, uint8_t prefix,
                             struct err *err) MUST_CHECK;

/* Whose hardware address is behind it, so that nobody has to ask over the wire. */
enum err_code netdev_neighbour(const struct netns *ns, int index,
                               const struct io_address *address, const uint8_t mac[6],
                               struct err *err) MUST_CHECK;

struct netdev_route {
    struct io_address to; /* network */
    uint8_t prefix;
    const struct io_address *via; /* NULL: straight to the device */
    int index;
    uint32_t table; /* 0: the main one */
};
enum err_code netdev_route(const struct netns *ns, const struct netdev_route *route,
                           struct err *err) MUST_CHECK;

/* Packets marked `mark` are routed by `table`. */
enum err_code netdev_rule(const struct netns *ns, enum io_family family, uint32_t mark,
                          uint32_t table, struct err *err) MUST_CHECK;

/* Let no packet larger than the wire's, or without its checksum, out of the device
 * called `name` in the calling thread's namespace. */
enum err_code netdev_plain_packets(const char *name, struct err *err) MUST_CHECK;

#endif
