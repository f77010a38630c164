/* The shaper that needs nothing of the kernel but packet sockets, or TUN devices: a
 * process of our own routes between the regions (wan_router.h). Made while the calling process
 * has one thread, because it forks. */
#ifndef INJECTOR_WAN_H
#define INJECTOR_WAN_H

#include "injector/lab_shaper.h"
#include "injector/wan_port.h"

enum err_code wan_open(const struct shaper_spec *spec, enum wan_ports ports,
                       struct shaper **out, struct err *err) MUST_CHECK;

#endif
