/* A set of word strings that only grows: what a search has already tried. A hit is
 * verified word by word: a mere fingerprint could prune the one way that works. */
#ifndef CHECKER_MEMO_H
#define CHECKER_MEMO_H

#include "base/arena.h"

#include <stdint.h>

struct memo {
    struct arena *arena;
    uint64_t *records; /* each: hash, length, words */
    size_t used, capacity;
    size_t *slots; /* where a record begins, plus one; 0: empty */
    size_t slot_count, count;
};

enum memo_answer { MEMO_NEW, MEMO_KNOWN, MEMO_FULL };

/* All zero but the arena is empty. MEMO_FULL: the arena has no more. */
enum memo_answer memo_add(struct memo *m, const uint64_t *words, size_t count) MUST_CHECK;

#endif
