/* From a history to verdicts, documents and an exit code. Knows nothing of how the
 * history came about: yesterday's run and an imported file are judged alike. */
#ifndef HARNESS_JUDGE_H
#define HARNESS_JUDGE_H

#include "base/arena.h"
#include "base/memory.h"
#include "harness/exit_code.h"
#include "reports/report.h"

/* Everything in it belongs to it. */
struct judged {
    struct arena arena;
    struct memory memory; /* of the history, where it is kept in memory */
    struct history *history;
    struct measures measures;
    struct judgement judgement;
};

/* Judge the history at `path`: a run folder, a history.db, or JSON lines. */
enum err_code judge_open(const char *path, struct judged *out, struct err *err) MUST_CHECK;

void judged_done(struct judged *j);

/* Write the document called `format` to `out`. */
enum err_code judge_write(const struct judged *j, const char *format, FILE *out,
                          struct err *err) MUST_CHECK;

/* The same into a file, which is replaced. */
enum err_code judge_write_file(const struct judged *j, const char *format, const char *path,
                               struct err *err) MUST_CHECK;

#endif
