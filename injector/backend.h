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

    /* Can it do this? A sentence when not. Asked before the run, of each fault alone. */
    enum err_code (*check)(struct backend *b, const struct link_table *table, struct err *err);

    /* Make `table` true. On failure as much as possible of what was before stays,
     * and `err` says what is not so. */
    enum err_code (*apply)(struct backend *b, const struct link_table *table, struct err *err);

    /* What `links` together did since the backend was made. The injector compares two
     * readings. NULL, or false, when the backend cannot tell. */
    bool (*measure)(struct backend *b, const struct link_set *links, struct link_counts *out);

    void (*free)(struct backend *b);
};

struct backend {
    const struct backend_ops *ops;
};

struct world;
/* The backend of a simulated world; NULL without memory. */
struct backend *backend_sim(struct world *world, uint32_t place_count);

#endif
