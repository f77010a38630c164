/* How two faults on one link become one: shares combine as independent chances. */
#ifndef INJECTOR_SHAPE_H
#define INJECTOR_SHAPE_H

#include <stdint.h>

/* The chance, in parts per million, that at least one of two things happens. */
static inline int64_t ppm_either(int64_t a_ppm, int64_t b_ppm)
{
    return 1000000 - (1000000 - a_ppm) * (1000000 - b_ppm) / 1000000;
}

#endif
