/* The process between the regions: takes each packet from the port of one region and
 * puts it into the port of another when it is due. One thread, one clock, no memory
 * but what it starts with.
 *
 * It shares a page range with its maker: the table asked for, and counters. A number
 * sent over `control` says that the table has changed; the same number comes back
 * when it holds. Its end is the end of `control`. */
#ifndef INJECTOR_WAN_ROUTER_H
#define INJECTOR_WAN_ROUTER_H

#include <stdatomic.h>

#include "injector/backend.h"
#include "injector/lab_map.h"
#include "injector/wan_port.h"

struct wan_count {
    _Atomic uint64_t packets, bytes, dropped;
};

/* Between processes; counters have one writer, the router. */
struct wan_shared {
    struct link_table asked; /* stable between a number sent and the same received */
    struct wan_count counts[PLACES_MAX][PLACES_MAX];
    _Atomic uint64_t overrun;  /* the kernel dropped these before we saw them */
    _Atomic uint64_t overflow; /* more under way than we hold */
    _Atomic uint64_t unsent;   /* the kernel did not take these from us */
    _Atomic uint64_t foreign;  /* not from one place to another: ignored */
};

struct wan_router_spec {
    const struct lab_map *map;
    uint64_t seed;
    struct wan_port ports[REGIONS_MAX];
    int control;
    struct wan_shared *shared;
};

/* Returns when `control` ends; false when it could not start. */
bool wan_router_run(const struct wan_router_spec *spec);

#endif
