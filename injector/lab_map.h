/* Which place has which number, region and addresses, and which two places a packet
 * runs between. Numbers only: it opens nothing and knows no device.
 *
 * Place P of region R is 10.R.P.2 and fd00:0:R:P::2, both counted from 1; the router
 * of its region is .1 and ::1 there. */
#ifndef INJECTOR_LAB_MAP_H
#define INJECTOR_LAB_MAP_H

#include "injector/fault.h"
#include "io/io.h"

enum { PLACE_NONE = PLACES_MAX };

struct lab_map {
    uint32_t region_count, node_count, place_count;
    uint32_t region[PLACES_MAX]; /* of each place: nodes, then clients by region */
};

struct lab_map lab_map_of(const struct topology *topology);

/* The address of a place (`last` 2) or of its router's end (`last` 1). */
struct io_address lab_map_address(const struct lab_map *map, uint32_t place,
                                  enum io_family family, uint8_t last);

/* The place such an address belongs to, or PLACE_NONE. `ip` has 4 or 16 bytes. */
uint32_t lab_map_place(const struct lab_map *map, enum io_family family, const uint8_t *ip);

struct place_pair {
    uint32_t from, to;
};

/* The places an IP packet runs between. False when it is not from one place to
 * another: truncated, multicast, a stranger's. */
bool lab_map_packet(const struct lab_map *map, struct bytes packet, struct place_pair *out);

#endif
