/* The form of a history file: its tables, and how values that are not small
 * integers become ids. Shared by who writes and who reads; opens nothing itself. */
#ifndef HISTORY_SCHEMA_H
#define HISTORY_SCHEMA_H

#include <sqlite3.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

enum {
    SCHEMA_APPLICATION_ID = 0x464c6874, /* "FLht" */
    SCHEMA_VERSION = 1
};

/* Every row but a value carries `seq`, its number in the order of recording over
 * all tables: what makes "the first N rows" mean something. Values are no rows of
 * their own, they are written just before the row that first needs them. */
#define SCHEMA_TABLES(X)                                                                       \
    X(VALUE, value, 2, "id INTEGER PRIMARY KEY, data")                                         \
    X(META, meta, 3, "seq INTEGER PRIMARY KEY, name TEXT, value TEXT")                         \
    X(REGION, region, 3, "seq INTEGER PRIMARY KEY, id INTEGER, name TEXT")                     \
    X(NODE, node, 4, "seq INTEGER PRIMARY KEY, id INTEGER, name TEXT, region INTEGER")         \
    X(TABLE, table_name, 3, "seq INTEGER PRIMARY KEY, id INTEGER, name TEXT")                  \
    X(PROMISE, promise, 6,                                                                     \
      "seq INTEGER PRIMARY KEY, table_id INTEGER, type TEXT, mode TEXT, level TEXT,"           \
      " checks TEXT")                                                                          \
    X(OP, op, 14,                                                                              \
      "id INTEGER PRIMARY KEY, seq INTEGER, process INTEGER, session INTEGER,"                 \
      " region INTEGER, table_id INTEGER, kind INTEGER, key INTEGER, argument INTEGER,"        \
      " expected INTEGER, level INTEGER, request_id INTEGER, intended_at_ns INTEGER,"          \
      " invoked_at_ns INTEGER")                                                                \
    X(RET, ret, 9,                                                                             \
      "seq INTEGER PRIMARY KEY, op INTEGER, outcome INTEGER, returned_at_ns INTEGER,"          \
      " result INTEGER, level INTEGER, version INTEGER, node INTEGER, error INTEGER")          \
    X(ATTEMPT, attempt, 8,                                                                     \
      "seq INTEGER PRIMARY KEY, op INTEGER, number INTEGER, node INTEGER,"                     \
      " sent_at_ns INTEGER, ended_at_ns INTEGER, outcome INTEGER, error INTEGER")              \
    X(MICRO, micro, 7,                                                                         \
      "seq INTEGER PRIMARY KEY, op INTEGER, position INTEGER, kind INTEGER, key INTEGER,"      \
      " argument INTEGER, result INTEGER")                                                     \
    X(FAULT, fault, 8,                                                                         \
      "seq INTEGER PRIMARY KEY, fault INTEGER, name INTEGER, state INTEGER, at_ns INTEGER,"    \
      " asked INTEGER, resolved INTEGER, measured INTEGER")                                    \
    X(EVENT, event, 5,                                                                         \
      "seq INTEGER PRIMARY KEY, at_ns INTEGER, name INTEGER, node INTEGER, detail INTEGER")    \
    X(SAMPLE, sample, 5,                                                                       \
      "seq INTEGER PRIMARY KEY, at_ns INTEGER, name INTEGER, node INTEGER, value REAL")

enum schema_table {
#define X(id, name, columns, form) TABLE_##id,
    SCHEMA_TABLES(X)
#undef X
        TABLE_COUNT
};
enum { SCHEMA_COLUMNS_MAX = 14 };

struct schema_table_form {
    const char *name, *form;
    int columns;
};
extern const struct schema_table_form schema_tables[TABLE_COUNT];

/* Ids of values begin here; plain integers stay below. The kind is in the lowest
 * bits, so that a reader knows it without looking the value up. */
#define VALUE_ID_START (INT64_C(1) << 62)
enum value_kind { VALUE_TEXT, VALUE_INTEGER, VALUE_LIST };
enum { VALUE_KIND_BITS = 2 };

static inline int64_t value_id(int64_t number, enum value_kind kind)
{
    return VALUE_ID_START + number * (1 << VALUE_KIND_BITS) + (int64_t)kind;
}

/* VALUE_TEXT, ..., or -1 for a plain integer. */
static inline int value_kind_of(int64_t id)
{
    return id < VALUE_ID_START ? -1 : (int)(id & ((1 << VALUE_KIND_BITS) - 1));
}

/* Ascending integers as LEB128: the first zigzag, then each distance from the one
 * before. False without memory. */
bool list_encode(struct buffer *out, const int64_t *members, size_t count) MUST_CHECK;

/* How many integers `encoded` holds, each behind the one before; -1: none such. */
int64_t list_count(struct bytes encoded);

/* Fill `members` with as many as list_count said. */
void list_decode(struct bytes encoded, int64_t *members);

/* Record what SQLite says about a failed call on `db` (NULL: no memory for it). */
enum err_code schema_sql_error(sqlite3 *db, const char *path, struct err *err);

/* Run statements that return nothing. */
enum err_code schema_exec(sqlite3 *db, const char *path, const char *sql,
                          struct err *err) MUST_CHECK;

#endif
