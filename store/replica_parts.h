/* What the files of the replica share among themselves. */
#ifndef STORE_REPLICA_PARTS_H
#define STORE_REPLICA_PARTS_H

#include "store/bug.h"
#include "store/replica.h"

/* replica_client.c */
void replica_on_client(struct replica *r, const struct moment *at, uint64_t connection,
                       const struct message *m);
void replica_answer_change(struct replica *r, const struct moment *at,
                           const struct pending_change *p, const struct outcome *outcome);
void replica_answer_async(struct replica *r, const struct moment *at, const struct async *a,
                          const struct async_change *change);
void replica_answer_read(struct replica *r, const struct moment *at, uint64_t connection,
                         const struct request *request);
void replica_refuse(struct replica *r, const struct moment *at, uint64_t connection,
                    const struct request *request, enum reply_reason reason);

#endif
