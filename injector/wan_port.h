/* Where a region's traffic leaves its router for ours and comes back: a packet socket
 * on the far end of a cable, or a TUN device in the router's own namespace. Either way
 * a packet is an IP packet, nothing before it; who it is for is not known here. */
#ifndef INJECTOR_WAN_PORT_H
#define INJECTOR_WAN_PORT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/bytes.h"
#include "base/err.h"

enum wan_ports { WAN_PORTS_PACKET, WAN_PORTS_TUN };

/* {.fd = -1} is none. */
struct wan_port {
    enum wan_ports kind;
    int fd;
    int index;             /* packet: of the device it is bound to */
    uint8_t router_mac[6]; /* packet: whom to send to */
};

/* On the device `index`, in the calling thread's namespace. On failure close `fd`. */
enum err_code wan_port_open_packet(struct wan_port *port, int index, const uint8_t mac[6],
                                   struct err *err) MUST_CHECK;

/* Makes the device `name` with the number `index`, still down, in the calling thread's
 * namespace; it is gone when `fd` is closed everywhere. On failure close `fd`. */
enum err_code wan_port_open_tun(struct wan_port *port, const char *name, int index,
                                struct err *err) MUST_CHECK;

/* False when the kernel does not take it. */
bool wan_port_send(const struct wan_port *port, struct bytes packet);

/* The size of a packet put into `out`, and when it came on the monotonic clock; <= 0
 * when there is none. */
ssize_t wan_port_receive(const struct wan_port *port, void *out, size_t size,
                         int64_t *came_at_ns);

/* What the kernel dropped since asked last because nobody read it. A TUN device counts
 * that itself: netdev_unread(). */
uint64_t wan_port_overrun(const struct wan_port *port);

#endif
