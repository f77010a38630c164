/* What is done to shapes in more than one file. Two faults on one link become one: shares
 * combine as independent chances. */
#ifndef INJECTOR_SHAPE_H
#define INJECTOR_SHAPE_H

#include <stdbool.h>
#include <stdint.h>

#include "io/link.h"

/* The chance, in parts per million, that at least one of two things happens. */
static inline int64_t ppm_either(int64_t a_ppm, int64_t b_ppm)
{
    return 1000000 - (1000000 - a_ppm) * (1000000 - b_ppm) / 1000000;
}

/* Do two shapes ask the same of a shaper? Cuts are not its business. */
static inline bool shaped_alike(const struct link_shape *a, const struct link_shape *b)
{
    return a->delay_ns == b->delay_ns && a->jitter_ns == b->jitter_ns &&
           a->loss_ppm == b->loss_ppm && a->duplicate_ppm == b->duplicate_ppm &&
           a->reorder_ppm == b->reorder_ppm;
}

#endif
