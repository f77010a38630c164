/* Who is told the rows of a history as they are read, one by one, and keeps of them what
 * it needs: a builder with an ear keeps names, promises, metas and texts, and no row. */
#ifndef HISTORY_EAR_H
#define HISTORY_EAR_H

#include "base/err.h"
#include "history/rows.h"

struct builder;
struct reader_ops;

/* What an ear returns other than ERR_OK ends the reading. */
struct ear {
    void *user;
    /* Before all rows. `b` stays until the reading is over. */
    enum err_code (*begin)(void *user, struct builder *b, const struct reader_ops *reader,
                           struct err *err);
    /* All instants before `at_ns` are over; INT64_MAX, at the end: all. */
    enum err_code (*moment)(void *user, int64_t at_ns, struct err *err);
    enum err_code (*op)(void *user, int64_t id, const struct op_row *row, struct err *err);
    enum err_code (*ret)(void *user, int64_t op, int64_t at_ns, const struct answer *answer,
                         struct err *err);
};

#endif
