#include "injector/wan_fate.h"

#include <stdio.h>

#include "injector/shape.h"
static struct random_stream stream(uint64_t seed, uint32_t from, uint32_t to,
                                   const char *concern)
{
    char name[48];
    snprintf(name, sizeof name, "wan %u>%u %s", from, to, concern);
    return random_derive(seed, name);
}

struct wan_link wan_link_between(uint64_t seed, uint32_t from, uint32_t to)
{
    return (struct wan_link){.last_due_at_ns = INT64_MIN,
                             .loss = stream(seed, from, to, "loss"),
                             .jitter = stream(seed, from, to, "jitter"),
                             .duplicate = stream(seed, from, to, "duplicate"),
                             .reorder = stream(seed, from, to, "reorder")};
}

void wan_link_reshape(struct wan_link *l, const struct link_shape *shape)
{
    if (shaped_alike(&l->shape, shape))
        return;
    l->shape = *shape;
    l->last_due_at_ns = INT64_MIN;
}

static int64_t draw_delay(struct wan_link *l)
{
    uint64_t width = 2 * (uint64_t)l->shape.jitter_ns + 1;
    int64_t delay_ns =
        l->shape.delay_ns - l->shape.jitter_ns + (int64_t)random_below(&l->jitter, width);
    return delay_ns > 0 ? delay_ns : 0;
}

struct wan_fate wan_link_decide(struct wan_link *l, int64_t sent_at_ns)
{
    bool lost = random_happens(&l->loss, l->shape.loss_ppm);
    bool doubled = random_happens(&l->duplicate, l->shape.duplicate_ppm);
    bool overtakes = random_happens(&l->reorder, l->shape.reorder_ppm);
    int64_t due_at_ns = sent_at_ns + draw_delay(l);
    if (lost)
        return (struct wan_fate){.copies = 0};
    if (overtakes)
        return (struct wan_fate){doubled ? 2 : 1, sent_at_ns};
    if (due_at_ns < l->last_due_at_ns)
        due_at_ns = l->last_due_at_ns;
    l->last_due_at_ns = due_at_ns;
    return (struct wan_fate){doubled ? 2 : 1, due_at_ns};
}
