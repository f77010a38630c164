/* Errors that carry their own explanation.
 *
 * A function that can fail returns an enum err_code and takes `struct err *`
 * last. The code says what a caller may do about it; the message says what a
 * person needs to know. Nothing below cli/ prints an error. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/compiler.h"

#define ERR_CODES(X)                                                                           \
    X(OK, "ok")                                                                                \
    X(NOMEM, "out of memory")                                                                  \
    X(INVALID, "invalid input")                                                                \
    X(NOTFOUND, "not found")                                                                   \
    X(IO, "input/output error")                                                                \
    X(PERM, "permission denied")                                                               \
    X(TIMEOUT, "timed out")                                                                    \
    X(LIMIT, "limit exceeded")                                                                 \
    X(UNSUPPORTED, "not supported here")                                                       \
    X(DAMAGED, "damaged data")

enum err_code {
#define X(code, text) ERR_##code,
    ERR_CODES(X)
#undef X
};

#define ERR_MSG_SIZE 512

struct err {
    enum err_code code;
    char msg[ERR_MSG_SIZE]; /* "outer: inner: cause", always terminated */
};

/* Record a failure and return `code`, so callers can `return err_set(...)`.
 * `code` must not be ERR_OK. The message is truncated to fit, and is one line whatever
 * it quotes: control characters become spaces. */
enum err_code err_set(struct err *err, enum err_code code, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* Prefix the recorded message with where we were, and return the same code. */
enum err_code err_wrap(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The fixed text of a code, for example "timed out". Never NULL. */
const char *err_text(enum err_code code);

#endif
