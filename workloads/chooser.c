/* Zipfian ranks after Gray et al., "Quickly generating billion-record synthetic
 * databases" (SIGMOD 1994), figure 3: constant time per draw once zeta is summed.
 * The two hottest ranks come out exactly, the others closely. */
#include "workloads/chooser.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>

#include "workloads/workload.h"

#define THETA 0.99

const char *const chooser_names[] = {"uniform", "zipfian", NULL};

void chooser_init(struct key_chooser *c, enum chooser kind, int64_t keys)
{
    assert(keys >= 1 && keys <= WORKLOAD_KEYS_MAX);
    *c = (struct key_chooser){.kind = kind, .keys = (uint64_t)keys};
    if (kind != CHOOSER_ZIPFIAN)
        return;
    for (uint64_t rank = 1; rank <= c->keys; rank++)
        c->zeta += pow((double)rank, -THETA);
    double zeta_of_two = 1 + pow(2, -THETA);
    if (c->keys > 2) /* two or fewer never need it */
        c->eta = (1 - pow(2 / (double)c->keys, 1 - THETA)) / (1 - zeta_of_two / c->zeta);
}

static uint64_t zipfian_rank(const struct key_chooser *c, uint64_t draw)
{
    double u = (double)(draw >> 11) * 0x1p-53;
    double scaled = u * c->zeta;
    if (scaled < 1 || c->keys == 1)
        return 0;
    if (scaled < 1 + pow(0.5, THETA))
        return 1;
    uint64_t rank = (uint64_t)((double)c->keys * pow(c->eta * u - c->eta + 1, 1 / (1 - THETA)));
    return rank < c->keys ? rank : c->keys - 1;
}

/* A prime above WORKLOAD_KEYS_MAX shares no factor with `keys`: a permutation, where
 * the customary hash would merge some keys and leave others out. */
int64_t chooser_key_of_rank(uint64_t rank, uint64_t keys)
{
    assert(rank < keys);
    return (int64_t)(rank * UINT64_C(2654435761) % keys);
}

int64_t chooser_next(const struct key_chooser *c, struct random_stream *random)
{
    if (c->kind == CHOOSER_UNIFORM)
        return (int64_t)random_below(random, c->keys);
    return chooser_key_of_rank(zipfian_rank(c, random_next(random)), c->keys);
}
