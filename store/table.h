/* One table in memory: rows by rising key, a register or an observed-remove set in each.
 *
 * A set is a set of dots: an element is a member while it has a dot. Every add brings a
 * dot of its own (the id of the request), a remove takes away the dots it has seen, so
 * an add that nobody saw survives any remove. Order never depends on anything but keys. */
#ifndef STORE_TABLE_H
#define STORE_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/codec.h"
#include "store/entry.h"

enum { TABLE_ROWS_MAX = 65536, TABLE_DOTS_MAX = 100000 /* of one set */ };

struct dot {
    int64_t element;
    uint64_t client, sequence;
};

struct row {
    int64_t key;
    int64_t value;    /* STORE_NIL in a set */
    uint64_t version; /* position of the last change */
    struct dot *dots; /* by rising element, client, sequence */
    size_t dot_count, dot_capacity;
};

/* All zero is empty. Read only outside table.c. */
struct table {
    struct row *rows;
    size_t count, capacity;
};

/* The row of `key`; NULL when it was never written. */
const struct row *table_find(const struct table *t, int64_t key);

/* The first row whose key is at least `key`: its place, or `count`. */
size_t table_seek(const struct table *t, int64_t key);

enum table_result { TABLE_DONE, TABLE_FULL, TABLE_NOMEM };

enum table_result table_write(struct table *t, int64_t key, int64_t value, uint64_t version);
enum table_result table_add(struct table *t, int64_t key, const struct dot *dot,
                            uint64_t version);
/* Removes every dot of `element` that is there; also when there is none. */
enum table_result table_remove(struct table *t, int64_t key, int64_t element, uint64_t version);

/* Write the members of a set, ascending, each once; their number. `out` has room for
 * dot_count. */
size_t row_members(const struct row *row, int64_t *out);

/* Append the table to a snapshot; false without memory. */
bool table_save(const struct table *t, struct buffer *out) MUST_CHECK;

/* Read what table_save wrote into an empty table. */
enum table_load { TABLE_LOADED, TABLE_DAMAGED, TABLE_LOAD_NOMEM };
enum table_load table_load(struct table *t, struct reader *in) MUST_CHECK;

void table_done(struct table *t);

#endif
