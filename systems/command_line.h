/* A command line as a scenario writes it, with {placeholders} to be filled in: split
 * into words at spaces, quotes keep them together. No shell. */
#ifndef SYSTEMS_COMMAND_LINE_H
#define SYSTEMS_COMMAND_LINE_H

#include "base/arena.h"
#include "base/err.h"

enum { COMMAND_WORDS_MAX = 64 };

/* What a placeholder stands for. */
struct binding {
    const char *name, *value;
};

/* The words of `text` filled in from `bindings` (end with a NULL name); ends with NULL.
 * Refused: no words, too many, an open quote, an unknown placeholder. */
enum err_code command_line_expand(const char *text, const struct binding *bindings,
                                  struct arena *arena, const char *const **argv,
                                  struct err *err) MUST_CHECK;

/* The same bindings as an environment: "FAULTLINE_NAME=value" each; ends with NULL.
 * NULL without memory. */
const char *const *command_line_environment(const struct binding *bindings,
                                            struct arena *arena);

#endif
