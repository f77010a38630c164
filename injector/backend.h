/* Makes desired link shapes true: the simulator, or a lab on this machine. */
#ifndef INJECTOR_BACKEND_H
#define INJECTOR_BACKEND_H

#include "injector/fault.h"

struct backend;

/* Desired state of every directed link between places. */
struct link_table {
    uint32_t place_count;                         /* nodes, then clients of each region */
    struct link_shape at[PLACES_MAX][PLACES_MAX]; /* [from][to] */
};

struct backend_ops {
    const char *name; /* "sim", "wan", "netem" */

    /* Can it do this? A sentence when not. Asked when a plan is made. */
    enum err_code (*check)(struct backend *b, const struct link_table *table, struct err *err);

    /* Make `table` true. On failure as much as possible of what was before stays,
     * and `err` says what is not so. */
    enum err_code (*apply)(struct backend *b, const struct link_table *table, struct err *err);

    /* How often a cut rule dropped something, or a shaped link carried something,
     * since the last call; NULL when the backend cannot tell. Written into
     * `measured` as JSON text. */
    void (*measure)(struct backend *b, const struct link_set *links, char *measured,
                    size_t size);

    void (*free)(struct backend *b);
};

struct backend {
    const struct backend_ops *ops;
};

struct world;
/* The backend of a simulated world; NULL without memory. */
struct backend *backend_sim(struct world *world, uint32_t place_count);

#endif
