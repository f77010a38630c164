/* The state that a log of entries leads to: tables, sessions, and who is primary of each
 * async table. The same entries give the same state on every replica, bit for bit; the
 * digest proves it. Knows nothing of terms, leaders and disks. */
#ifndef STORE_MACHINE_H
#define STORE_MACHINE_H

#include "base/err.h"
#include "store/config.h"
#include "store/session.h"
#include "store/table.h"

/* Who takes writes of an async table. Epoch 0: nobody yet. */
struct primary {
    uint64_t epoch;
    uint8_t node;
    uint64_t start; /* the epoch's log continues after this position */
};

/* Read only outside machine.c. */
struct machine {
    uint32_t table_count;
    enum store_type types[STORE_TABLES_MAX];
    struct table tables[STORE_TABLES_MAX];
    struct sessions sessions;
    struct primary primaries[STORE_TABLES_MAX];
    uint64_t applied_index;
    uint64_t digest; /* of every entry applied and its outcome */
};

void machine_init(struct machine *m, const struct node_config *config);
void machine_done(struct machine *m);

/* Apply the entry after applied_index. False when out of memory: the machine cannot be
 * used any more. */
bool machine_apply(struct machine *m, const struct entry *e, struct outcome *out) MUST_CHECK;

/* A change that was answered before: its outcome. Also for sequences that a later one of
 * the same client has superseded. */
bool machine_answered(const struct machine *m, uint64_t client, uint64_t sequence,
                      struct outcome *out);

/* Does the table exist and take this kind of request? */
bool machine_takes(const struct machine *m, uint32_t table, enum request_kind kind);

/* Append the whole state; false without memory. */
bool machine_save(const struct machine *m, struct buffer *out) MUST_CHECK;

/* Read what machine_save wrote, in place of what `m` holds. `m` is untouched on failure. */
enum err_code machine_load(struct machine *m, struct bytes saved, struct err *err) MUST_CHECK;

#endif
