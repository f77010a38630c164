/* Which nodes are near to a region, by the bare links: no faults, no jitter. */
#ifndef SYSTEMS_DISTANCE_H
#define SYSTEMS_DISTANCE_H

#include "scenarios/scenario.h"

/* All nodes, those of the region first, then by the way there and back. */
void distance_rank(const struct topology *t, uint32_t region, uint8_t *nearest);

#endif
