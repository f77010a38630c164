/* What of a log in memory is durable: records are synced in the order they were
 * appended, and each stands for the entries up to some index. */
#ifndef STORE_SYNC_QUEUE_H
#define STORE_SYNC_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

/* A record not yet durable, and what will be once it is. */
struct unsynced {
    uint64_t record;     /* its number since the log was opened */
    uint64_t last_index; /* entries up to here */
};

/* All zero is empty. Read only outside sync_queue.c, but for record_count. */
struct sync_queue {
    uint64_t record_count, synced_count; /* since the log was opened */
    uint64_t durable_index;
    struct unsynced *items; /* by rising record */
    size_t count, capacity;
};

/* One more record was appended; with it entries up to `last_index` become durable.
 * False, and it will not be noticed, without memory. */
bool sync_queue_await(struct sync_queue *q, uint64_t last_index) MUST_CHECK;

/* The first `count` records are durable. */
void sync_queue_synced(struct sync_queue *q, uint64_t count);

/* Entries after `index` were cut off: records under way no longer speak of them. */
void sync_queue_cut(struct sync_queue *q, uint64_t index);

/* Nothing appended so far speaks of any entry that still counts. */
void sync_queue_forget(struct sync_queue *q);

void sync_queue_done(struct sync_queue *q);

#endif
