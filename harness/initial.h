/* What an object holds before all operations, as somebody wrote it. */
#ifndef HARNESS_INITIAL_H
#define HARNESS_INITIAL_H

#include <stdint.h>

#include "base/err.h"

/* A whole number of less than 2^62, or "nil": OP_NIL. Large ones are left to histories,
 * which know them by ids. `where` says in a refusal where `text` stood. */
enum err_code initial_parse(const char *text, const char *where, int64_t *out,
                            struct err *err) MUST_CHECK;

#endif
