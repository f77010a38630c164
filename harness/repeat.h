/* The words that repeat a run: for reports, and for the script in its folder. */
#ifndef HARNESS_REPEAT_H
#define HARNESS_REPEAT_H

#include "harness/run.h"

enum { COMMAND_BYTES = 8192 };

/* The command as a person would type it where the run was started. Returns `out`. */
const char *repeat_command(const struct run_options *options, enum stage_kind kind, char *out,
                           size_t size);

/* A script that repeats the run from its folder, wherever it is called: `program` is
 * used unless FAULTLINE names another. Returns `out`. */
const char *repeat_script(const struct run_options *options, enum stage_kind kind,
                          const char *program, char *out, size_t size);

#endif
