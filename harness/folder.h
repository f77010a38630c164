/* The run folder: where everything about one run is kept. Never overwritten. */
#ifndef HARNESS_FOLDER_H
#define HARNESS_FOLDER_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

enum { FOLDER_PATH_BYTES = 512 };

struct folder {
    char path[FOLDER_PATH_BYTES];
};

/* Make `wanted` (refused unless empty or absent), or when that is NULL the first
 * free runs/NAME-SEED-N. */
enum err_code folder_make(struct folder *f, const char *wanted, const char *name, uint64_t seed,
                          struct err *err) MUST_CHECK;

/* "PATH/NAME" in `out`, which is returned. */
const char *folder_path(const struct folder *f, const char *name, char *out, size_t size);

/* Write a whole new file. */
enum err_code folder_write(const struct folder *f, const char *name, struct bytes text,
                           struct err *err) MUST_CHECK;

/* The same, and executable. */
enum err_code folder_write_script(const struct folder *f, const char *name, struct bytes text,
                                  struct err *err) MUST_CHECK;

/* Copy the file at `from` to NAME. */
enum err_code folder_copy(const struct folder *f, const char *from, const char *name,
                          struct err *err) MUST_CHECK;

/* A folder below, made when absent. */
enum err_code folder_below(const struct folder *f, const char *name,
                           struct err *err) MUST_CHECK;

#endif
