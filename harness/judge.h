/* From a history to verdicts, documents and an exit code. Knows nothing of how the
 * history came about: yesterday's run and an imported file are judged alike. */
#ifndef HARNESS_JUDGE_H
#define HARNESS_JUDGE_H

#include "base/arena.h"
#include "base/memory.h"
#include "harness/exit_code.h"
#include "history/reader.h"
#include "reports/report.h"

/* What whoever asks may want otherwise than the history says. All zero is nothing. */
struct judge_options {
    const char *model;    /* what all tables are of; NULL: what they say */
    const char *initial;  /* a whole number, or "nil": each object before all operations */
    const char *format;   /* of a file of text; NULL: it is recognised */
    const char *level;    /* the check to make of all tables; NULL: what they promise */
    unsigned jobs;        /* threads; 0: as many as there are processors */
    int64_t memory_bytes; /* of history, columns and checks together; 0: of each check,
                             as docs/verdicts.md says */
    int64_t within_ns;    /* all checks together; 0: each, as there */
    bool stop_at_once;    /* at the first violation of a check */
    bool wants_orders;    /* for judge_write_witness */
};

/* Everything in it belongs to it. */
struct judged {
    struct memory memory;
    struct arena arena;
    struct arena loaded;    /* the columns */
    struct columns columns; /* of all tables; empty where they did not fit */
    bool has_columns;
    struct history *history;
    struct reading reading;
    struct measures measures;
    struct judgement judgement;
};

/* Judge the history at `path`: a run folder, a history.db, or any file that is read by
 * history/reader.h. Options that nobody can follow are ERR_INVALID. `out` must stay where
 * it is. */
enum err_code judge_open_as(const char *path, const struct judge_options *options,
                            struct judged *out, struct err *err) MUST_CHECK;

/* The same with no options. */
enum err_code judge_open(const char *path, struct judged *out, struct err *err) MUST_CHECK;

void judged_done(struct judged *j);

/* Write the document called `format` to `out`. */
enum err_code judge_write(const struct judged *j, const char *format, FILE *out,
                          struct err *err) MUST_CHECK;

/* The same into a file, which is replaced. */
enum err_code judge_write_file(const struct judged *j, const char *format, const char *path,
                               struct err *err) MUST_CHECK;

/* Write the orders that were found, and the operations that alone have none, as JSON
 * into a file, which is replaced. */
enum err_code judge_write_witness(const struct judged *j, const char *path,
                                  struct err *err) MUST_CHECK;

#endif
