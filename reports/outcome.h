/* A run in one line: everything that had a say in the exit code. */
#ifndef REPORTS_OUTCOME_H
#define REPORTS_OUTCOME_H

#include "reports/evidence.h"

/* "all checks hold, but fault 2 had no effect". Never NULL. */
const char *outcome_words(struct evidence *e);

#endif
