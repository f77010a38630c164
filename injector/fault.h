/* The contract every fault implements. See faults/loss.c for the shortest complete
 * example; add yours beside it and name it in faults.def.
 *
 * A link fault says which directed links it hits and folds itself into their shape;
 * healing is folding again without it. A node fault acts on nodes and undoes it. */
#ifndef INJECTOR_FAULT_H
#define INJECTOR_FAULT_H

#include "base/err.h"
#include "base/param.h"
#include "io/link.h"
#include "scenarios/target.h"

struct node_ops;

/* Directed links between places: nodes come first, then one place of clients for
 * each region. */
enum { PLACES_MAX = NODES_MAX + REGIONS_MAX };
struct link_set {
    bool on[PLACES_MAX][PLACES_MAX]; /* [from][to] */
};

/* What a fault's target parameters turned out to be. */
struct fault_targets {
    const struct topology *topology;
    /* Resolve one target parameter's text, as understood by scenarios/target.h. */
    enum err_code (*resolve)(const struct fault_targets *t, const char *text,
                             struct resolved *out, struct err *err);
};

struct fault_ops {
    struct plugin about; /* flags: enum fault_flags of scenarios/scenario.h */

    /* --- link faults --- */

    /* Name the links this fault is on. */
    enum err_code (*links)(const void *config, const struct fault_targets *targets,
                           struct link_set *out, struct err *err);
    /* Fold this fault into the desired shape of one of them. Pure. */
    void (*shape)(const void *config, struct link_shape *shape);

    /* --- node faults --- */

    /* Name the nodes (bit set). */
    enum err_code (*nodes)(const void *config, const struct fault_targets *targets,
                           uint32_t *out, struct err *err);
    enum err_code (*apply)(const void *config, const struct node_ops *ops, uint32_t node,
                           struct err *err);
    /* Also what `restart_after` does. */
    enum err_code (*heal)(const void *config, const struct node_ops *ops, uint32_t node,
                          struct err *err);
};

/* Every fault, in faults.def order, as the loader wants it. Each entry is the
 * `about` of a struct fault_ops. */
struct catalogue fault_catalogue(void);

const struct fault_ops *fault_of(const struct plugin *plugin);

/* Could this fault hit anything in this topology, whoever leads? What a vocabulary
 * (scenarios/scenario.h) is given to refuse impossible targets before the run. */
enum err_code fault_possible(const struct plugin *fault, const void *config,
                             const struct topology *topology, const struct system_spec *system,
                             struct err *err);

#endif
