/* What the files of an async table share among themselves. */
#ifndef STORE_ASYNC_PARTS_H
#define STORE_ASYNC_PARTS_H

#include "store/async.h"

static inline uint64_t async_last(const struct async *a)
{
    return entry_log_last(&a->log);
}

static inline uint8_t async_log_number(const struct async *a)
{
    return (uint8_t)(LOG_TABLE + a->table);
}

/* async.c */
void async_persist(struct async *a, const struct moment *at, uint64_t from_index);
void async_apply(struct async *a, const struct moment *at);
bool async_rebuild(struct async *a, uint64_t upto);

/* async_primary.c */
void async_ship(struct async *a, const struct moment *at);
void async_ship_heartbeat(struct async *a, const struct moment *at, uint8_t to);
void async_ship_to(struct async *a, const struct moment *at, uint8_t to);

/* async_replica.c */
void async_acknowledge(struct async *a, const struct moment *at);

#endif
