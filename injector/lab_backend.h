/* The lab's backend: cuts by the routers' rules, everything else by the shaper.
 * Remembers what it made true, and goes back to that when a change fails halfway. */
#ifndef INJECTOR_LAB_BACKEND_H
#define INJECTOR_LAB_BACKEND_H

#include "injector/lab_shaper.h"
#include "injector/nftables.h"

struct lab_backend_spec {
    const struct lab_map *map;
    const struct topology *topology;
    struct nftables *const *cuts; /* by region */
    struct shaper *shaper;
};

/* Keeps what the spec points to. NULL without memory. */
struct backend *lab_backend_new(const struct lab_backend_spec *spec);
void lab_backend_free(struct backend *b);

#endif
