/* A history whose rows are kept in memory: operations as the columns that checkers see,
 * all other rows as integers. Who fills it (history/builder.h) sees to it that they make
 * sense. */
#ifndef HISTORY_KEPT_H
#define HISTORY_KEPT_H

#include "base/memory.h"
#include "history/intern.h"
#include "history/source.h"

/* Rows of one form: fields one behind the other; OP_NIL holds nothing. A text is the id
 * of a value, a real its bits. */
struct kept_rows {
    int64_t *cells;
    uint32_t *seqs;
    size_t count, room;
};

struct kept_history {
    struct history base; /* its columns are all operations, cut or not */
    struct memory *memory;

    struct columns ops; /* as if nothing were cut */
    size_t op_room;
    /* What no checker asks for. */
    int64_t *session, *version;
    uint8_t *level_had;
    uint32_t *op_seq, *ret_seq; /* 0: has not returned */
    uint32_t *returned;         /* indexes of operations, in the order of their returns */
    size_t return_count, list_room;

    struct kept_rows rows[ROW_FORM_COUNT]; /* those of operations and returns are empty */

    struct intern interned;
    struct known_value *values;
    size_t value_room;
    struct arena texts; /* and lists */
};

/* Counted by `memory`, all of it; NULL without memory. Freed by history_free. */
struct kept_history *kept_new(struct memory *memory);

/* Room for one more; false, and nothing changed, without memory. */
bool kept_op_room(struct kept_history *k) MUST_CHECK;
bool kept_list_room(struct kept_history *k) MUST_CHECK;
bool kept_value_room(struct kept_history *k) MUST_CHECK;

/* A row of a form that is neither of operations nor of returns: its fields, in order. */
bool kept_row(struct kept_history *k, enum schema_table table, uint32_t seq,
              const int64_t *fields) MUST_CHECK;

#endif
