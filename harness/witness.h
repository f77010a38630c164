/* What proves a verdict, for machines: the orders that were found, and of what is
 * violated the operations that alone have none. */
#ifndef HARNESS_WITNESS_H
#define HARNESS_WITNESS_H

#include <stdio.h>

#include "base/err.h"
#include "reports/report.h"

/* As JSON; docs/verdicts.md names every field. Orders may be long, so they are written
 * as they are met. */
enum err_code witness_write(const struct judgement *j, FILE *out, struct err *err) MUST_CHECK;

#endif
