/* Texts, and integers too large to stand for themselves, numbered in the order of
 * their first use. Knows nothing of files. */
#ifndef HISTORY_INTERN_H
#define HISTORY_INTERN_H

#include "base/arena.h"
#include "base/bytes.h"

/* All zero is empty. */
struct intern {
    struct intern_entry *slots; /* open addressing; at most half full */
    size_t slot_count, used;
    struct arena memory; /* of the contents; who counts it, counts the slots, too */
};

/* The id of `content` under `tag`, or 0 when it is new. */
int64_t intern_find(const struct intern *in, uint8_t tag, struct bytes content);

/* Remember that it is `id`, not 0; it must be new. Returns the copy that is kept, with a
 * NUL behind it; NULL, and nothing changed, without memory. */
const uint8_t *intern_add(struct intern *in, uint8_t tag, struct bytes content,
                          int64_t id) MUST_CHECK;

void intern_done(struct intern *in);

#endif
