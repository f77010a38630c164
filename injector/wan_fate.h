/* What becomes of one packet on one directed link: lost, delayed, doubled. Pure: time
 * is handed in, chance comes from streams of the link's own, one per concern. */
#ifndef INJECTOR_WAN_FATE_H
#define INJECTOR_WAN_FATE_H

#include "base/random.h"
#include "io/link.h"

struct wan_link {
    struct link_shape shape;
    int64_t last_due_at_ns; /* packets do not overtake each other */
    struct random_stream loss, jitter, duplicate, reorder;
};

struct wan_fate {
    unsigned copies; /* 0: lost */
    int64_t due_at_ns;
};

/* A perfect link between two places. */
struct wan_link wan_link_between(uint64_t seed, uint32_t from, uint32_t to);

/* A new shape is for what is sent from now on, which does not queue behind what was
 * sent before. The same shape again changes nothing. */
void wan_link_reshape(struct wan_link *l, const struct link_shape *shape);

/* Every packet draws the same number of times from each stream, so that a change of
 * one knob leaves the fate of others as it was. */
struct wan_fate wan_link_decide(struct wan_link *l, int64_t sent_at_ns);

#endif
