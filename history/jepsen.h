/* Rows of a history as Jepsen's clients tell them, from forms of EDN into a builder:
 * what `:f` and `:value` mean, which model a file is of, and when a row happened.
 *
 * All rows are kept until the last: a file whose rows are in no order of time is sorted,
 * and what `:read` and `:add` mean is known when all of them were seen. */
#ifndef HISTORY_JEPSEN_H
#define HISTORY_JEPSEN_H

#include "history/calls.h"
#include "history/edn.h"

/* How tellers of rows differ. */
struct jepsen_dialect {
    bool nil_is_a_value;      /* a read of nil found nothing; else it says nothing */
    bool failed_cas_mismatch; /* one that tells its values found another one */
    const char *model;        /* of registers; NULL: by what was called */
};

/* A row; forms belong to its reader. NULL: the row has none. */
struct jepsen_row {
    struct edn place;
    const struct edn *process, *type, *f, *value, *key, *index, *time;
};

enum jepsen_type { JEPSEN_INVOKE, JEPSEN_OK, JEPSEN_FAIL, JEPSEN_INFO };

/* What objects a history can be of; READ alone does not tell. */
enum jepsen_family {
    FAMILY_OPEN,
    FAMILY_REGISTER,
    FAMILY_TXN,
    FAMILY_MUTEX,
    FAMILY_QUEUE,
    FAMILY_KV,
    FAMILY_SET,
    FAMILY_COUNTER, /* a set that is read as one number */
};

/* What `:value` is where an operation takes one. */
enum jepsen_shape { SHAPE_NONE, SHAPE_ONE, SHAPE_TEXT, SHAPE_PAIR, SHAPE_PARTS, SHAPE_READ };

struct jepsen_function {
    const char *name; /* with its colon */
    enum op_kind kind;
    enum jepsen_family family;
    enum jepsen_shape called, answered;
};

/* A row that is kept. */
struct jepsen_event {
    uint64_t line;
    size_t number; /* of the row, from 0 */
    int64_t process, index, time_ns;
    int64_t key, value, expected;
    int64_t *items; /* of a collection; of parts: kind, key and value of each */
    uint32_t item_count;
    enum jepsen_type type;
    const struct jepsen_function *f;
    bool has_value, is_integer;
};

struct jepsen {
    struct jepsen_dialect dialect;
    struct calls calls;
    struct jepsen_event *events;
    size_t count, capacity;
    struct arena lists; /* the events' */
    struct buffer scratch;
    enum jepsen_family family;
    const struct jepsen_function *told_by; /* the function that tells the family */
    uint64_t told_line;
    bool cas_seen, remove_seen;
    bool read_of_one, read_of_many;
    bool indexed, timed; /* all rows are, or none is */
    bool goes_back;      /* times do, from row to row */
};

enum err_code jepsen_begin(struct jepsen *j, const struct jepsen_dialect *dialect,
                           struct builder *b, struct err *err) MUST_CHECK;
void jepsen_done(struct jepsen *j);

/* Take over a row read by `r`. Rows of processes that are no integers are skipped.
 * Errors begin with line and column. */
enum err_code jepsen_add(struct jepsen *j, struct edn_reader *r, const struct jepsen_row *row,
                         struct err *err) MUST_CHECK;

/* All rows were added: fill the builder. Errors begin with the line. */
enum err_code jepsen_feed(struct jepsen *j, struct err *err) MUST_CHECK;

#endif
