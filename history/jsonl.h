/* Histories as JSON lines, one row per line, in time order: the form for people,
 * scripts and other tools. docs/history-format.md has every field. */
#ifndef HISTORY_JSONL_H
#define HISTORY_JSONL_H

#include <stdio.h>

#include "history/history.h"

/* Write all of `h`; the same history always gives the same bytes. */
enum err_code jsonl_export(struct history *h, FILE *out, struct err *err) MUST_CHECK;

/* Read lines into a new history file at `db_path`. A bad line is refused with
 * "NAME:LINE: field: ..." and no file is left. */
enum err_code jsonl_import(FILE *in, const char *name, const char *db_path,
                           struct err *err) MUST_CHECK;

#endif
