/* The desired state of one directed link, whatever makes it so: computed per frame
 * in the simulator, per packet by the `wan` router, a queueing discipline on a real
 * interface. All zero is a perfect link. A change applies to what is sent after it. */
#ifndef IO_LINK_H
#define IO_LINK_H

#include <stdbool.h>
#include <stdint.h>

struct link_shape {
    int64_t delay_ns;  /* one way */
    int64_t jitter_ns; /* the delay varies by up to this much either way; <= delay_ns */
    int64_t loss_ppm;
    int64_t duplicate_ppm;
    int64_t reorder_ppm; /* sent without the delay, so that it overtakes others */
    bool blocked;
};

/* What a directed link has done since it was made; never goes back. */
struct link_counts {
    uint64_t carried;
    uint64_t dropped; /* by a cut or by loss, not for want of room */
};

#endif
