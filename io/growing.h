/* A file that somebody else is still writing: read to its end, and then wait for more.
 * An interrupt (SIGINT, SIGTERM) is an end like any other. One at a time. */
#ifndef IO_GROWING_H
#define IO_GROWING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct growing;

/* `path`, or the standard input for "-", which ends where it ends, as does a pipe.
 * `idle_ns`: how long to wait for more of a file; INT64_MAX: for ever. NULL, and a
 * sentence, on failure. */
struct growing *growing_open(const char *path, int64_t idle_ns, struct err *err);

/* The same for what is looked at by other means: only growing_wait may be asked. */
struct growing *growing_watch(int64_t idle_ns, struct err *err);

/* NULL is fine. */
void growing_close(struct growing *g);

/* Bytes that came, at most `size`, after waiting for them; 0 at the end; -1 with errno,
 * ESTALE where a file has become shorter. */
long growing_read(struct growing *g, void *to, size_t size);

/* Wait a little; false: nothing came for long enough, as growing_came was not called, or
 * an interrupt came. */
bool growing_wait(struct growing *g);
void growing_came(struct growing *g);

/* Was it an interrupt that ended it? */
bool growing_was_interrupted(const struct growing *g);

/* Is it a file, whose end nobody can see? */
bool growing_is_file(const struct growing *g);

#endif
