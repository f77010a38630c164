/* Records that become durable together, in one write and one sync. Private to io/.
 *
 * Both worlds keep two per log: one on its way to the disk, one that waits for it.
 * Under load one sync thus serves many records. A replacement takes the place of
 * whatever waits, and what is appended after it goes into the same new file. */
#ifndef IO_BATCH_H
#define IO_BATCH_H

#include "base/bytes.h"

/* All zero is empty. */
struct batch {
    struct buffer frames;
    bool replaces;  /* the whole log, rather than to be appended */
    uint64_t count; /* which of the log's records is its last; 0 while empty */
};

/* False, and nothing changed, without memory. */
bool batch_append(struct batch *b, struct bytes record, uint64_t count) MUST_CHECK;
bool batch_replace(struct batch *b, struct bytes records, uint64_t count) MUST_CHECK;

/* Make `next`, which is empty, what `waiting` is, and `waiting` empty. */
void batch_move(struct batch *next, struct batch *waiting);

void batch_clear(struct batch *b); /* keeps the memory */
void batch_done(struct batch *b);

#endif
