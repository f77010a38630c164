/* A list of configurations without duplicates, packed; see frontier.h for what one is.
 *
 * One is 2 + 2 * mask_words words: the value and the place in the trail, which does not
 * count as content; two ranks of returns (config_held); the mask of slots that are
 * done; the mask of those that are optional. No slot is both. */
#ifndef CHECKER_ALGORITHMS_CONFIGS_H
#define CHECKER_ALGORITHMS_CONFIGS_H

#include "base/memory.h"

#include <stdint.h>

struct configs {
    size_t mask_words;
    uint64_t *words;
    size_t count, capacity;
    uint32_t *slots; /* of a hash table: index plus one. Few are compared one by one */
    size_t slot_count;
    bool is_hashed; /* what is there is in the table */
    struct memory *memory;
    bool full; /* memory ran out: something is missing */
};

/* All zero but mask_words and memory is empty. */
void configs_done(struct configs *c);
void configs_clear(struct configs *c);

enum { CONFIG_HEAD = 2 };

static inline size_t configs_stride(const struct configs *c)
{
    return CONFIG_HEAD + 2 * c->mask_words;
}

static inline uint64_t *configs_at(const struct configs *c, size_t i)
{
    return c->words + i * configs_stride(c);
}

static inline uint32_t config_value(const uint64_t *config)
{
    return (uint32_t)config[0];
}

static inline uint32_t config_trail(const uint64_t *config)
{
    return (uint32_t)(config[0] >> 32);
}

static inline void config_set(uint64_t *config, uint32_t value, uint32_t trail)
{
    config[0] = (uint64_t)trail << 32 | value;
}

/* The value must not be overwritten by returns up to the rank `until` - 1; `pending` is
 * what `until` becomes if another write follows at once. See frontier.c. */
struct config_hold {
    uint32_t until, pending;
};

static inline struct config_hold config_held(const uint64_t *config)
{
    return (struct config_hold){(uint32_t)config[1], (uint32_t)(config[1] >> 32)};
}

static inline void config_hold(uint64_t *config, struct config_hold hold)
{
    config[1] = (uint64_t)hold.pending << 32 | hold.until;
}

/* Add a copy; false when it is there already (with some trail), or `full`. */
bool configs_add(struct configs *c, const uint64_t *config);

/* Take out those that another makes superfluous: with the same value, it owes no more
 * (`looks`: slots of operations that only look, which no one regrets to have done) and
 * could do no less. configs_clear is all that may follow. */
void configs_drop_dominated(struct configs *c, const uint64_t *looks);

/* Keep the `most` best: those that owe least, and then could do most. */
void configs_keep_best(struct configs *c, size_t most, const uint64_t *pending);

#endif
