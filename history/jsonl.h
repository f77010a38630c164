/* Histories as JSON lines, one row per line, in time order: the form for people,
 * scripts and other tools. docs/history-format.md has every field; they are read by
 * history/readers/jsonl.c. */
#ifndef HISTORY_JSONL_H
#define HISTORY_JSONL_H

#include <stdio.h>

#include "history/history.h"

/* Write all of `h`; the same history always gives the same bytes. */
enum err_code jsonl_export(struct history *h, FILE *out, struct err *err) MUST_CHECK;

#endif
