/* What connects the regions' routers and shapes what runs between them: our own
 * router (wan.h) or the kernel's netem (netem.h). Cuts are not its business:
 * nftables.h makes them, whatever the shaper. */
#ifndef INJECTOR_LAB_SHAPER_H
#define INJECTOR_LAB_SHAPER_H

#include "injector/backend.h"
#include "injector/lab_map.h"
#include "injector/netns.h"

/* Numbers of the devices in a router's namespace. */
enum { DEVICE_WAN = 2, DEVICE_REGION_BASE = 100, DEVICE_PLACE_BASE = 200 };

struct shaper_spec {
    const struct lab_map *map;       /* outlives the shaper */
    const struct topology *topology; /* for names in errors */
    const struct netns *routers;     /* by region */
    uint64_t seed;
};

/* Running totals of one directed link. */
struct shaper_count {
    uint64_t packets, bytes; /* carried */
    uint64_t dropped;        /* because the shape says so */
};
struct shaper_counts {
    struct shaper_count of[PLACES_MAX][PLACES_MAX]; /* [from][to] */
};

struct shaper;

struct shaper_ops {
    const char *name;
    /* Does it shape links inside a region, too? */
    bool inside_regions;
    /* NULL: it can do everything. */
    enum err_code (*check)(const struct shaper *s, const struct link_table *table,
                           struct err *err);
    /* Heeds all of a shape but `blocked`. */
    enum err_code (*apply)(struct shaper *s, const struct link_table *table, struct err *err);
    enum err_code (*count)(struct shaper *s, struct shaper_counts *out, struct err *err);
    /* Has it done what it was asked, and nothing else? */
    enum err_code (*check_health)(struct shaper *s, struct err *err);
    void (*free)(struct shaper *s);
};

struct shaper {
    const struct shaper_ops *ops;
};

#endif
