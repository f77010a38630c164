/* Sets of slots as words of bits. */
#ifndef CHECKER_ALGORITHMS_MASK_H
#define CHECKER_ALGORITHMS_MASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NO_SLOT UINT32_MAX

static inline void mask_set(uint64_t *mask, uint32_t slot)
{
    mask[slot / 64] |= UINT64_C(1) << (slot % 64);
}

static inline void mask_clear(uint64_t *mask, uint32_t slot)
{
    mask[slot / 64] &= ~(UINT64_C(1) << (slot % 64));
}

static inline bool mask_has(const uint64_t *mask, uint32_t slot)
{
    return mask[slot / 64] >> (slot % 64) & 1;
}

/* Is there one that is not in `except`? */
static inline bool mask_any(const uint64_t *mask, const uint64_t *except, size_t words)
{
    for (size_t i = 0; i < words; i++)
        if (mask[i] & ~except[i])
            return true;
    return false;
}

/* The first one from `from` on that is not in `except`; NO_SLOT: there is none. */
static inline uint32_t mask_next(const uint64_t *mask, const uint64_t *except, size_t words,
                                 uint32_t from)
{
    size_t i = from / 64;
    if (i >= words)
        return NO_SLOT;
    uint64_t left = mask[i] & ~except[i] & (UINT64_MAX << (from % 64));
    while (!left && ++i < words)
        left = mask[i] & ~except[i];
    return left ? (uint32_t)(i * 64) + (uint32_t)__builtin_ctzll(left) : NO_SLOT;
}

#define MASK_EACH(slot, mask, except, words)                                                   \
    for (uint32_t slot = mask_next(mask, except, words, 0); (slot) != NO_SLOT;                 \
         (slot) = mask_next(mask, except, words, (slot) + 1))

#endif
