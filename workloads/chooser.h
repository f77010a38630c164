/* Which key an operation is for: all alike, or a few of them hot. Pure: one draw per
 * key, whatever the choice. */
#ifndef WORKLOADS_CHOOSER_H
#define WORKLOADS_CHOOSER_H

#include "base/random.h"

enum chooser { CHOOSER_UNIFORM, CHOOSER_ZIPFIAN };

struct key_chooser {
    enum chooser kind;
    uint64_t keys;
    double zeta, eta; /* of the zipfian law; see chooser.c */
};

void chooser_init(struct key_chooser *c, enum chooser kind, int64_t keys);

/* A key from 0 to `keys` - 1. */
int64_t chooser_next(const struct key_chooser *c, struct random_stream *random);

/* The key that is the `rank`-th hottest (from 0) of the zipfian law. Hot keys are
 * spread over the range, and no two ranks share a key. */
int64_t chooser_key_of_rank(uint64_t rank, uint64_t keys);

#endif
