/* Documents about a judged run. They print what verdicts and measures hold. */
#ifndef REPORTS_REPORT_H
#define REPORTS_REPORT_H

#include <stdio.h>

#include "checker/objective.h"
#include "checker/verdict.h"
#include "history/history.h"

/* A judged run, as it is kept in verdicts.json. */
struct judgement {
    struct history *history;
    const struct columns *columns; /* of all tables; NULL: to be loaded */
    const struct verdict *verdicts;
    size_t verdict_count;
    const struct objective_result *objectives;
    size_t objective_count;
    const struct measures *measures;
    int exit_code;
    const char *scenario, *world, *folder; /* may be NULL for imported histories */
    const char *repeat;  /* the command that repeats it; NULL when nothing can */
    const char *ending;  /* "the run was aborted"; NULL when it ended as planned */
    const char *trouble; /* why, or why nothing was checked, or NULL */
};

struct format_ops {
    const char *name; /* "text", "json", "junit" */
    const char *summary;
    enum err_code (*write)(const struct judgement *j, FILE *out, struct err *err);
};

const struct format_ops *format_find(const char *name);
/* Ends with NULL. */
const struct format_ops *const *format_all(void);

#endif
