/* What channels and logs begin with in every world. Private to io/. */
#ifndef IO_HANDLE_H
#define IO_HANDLE_H

#include "io/io.h"

/* Above this many bytes in front of a channel it is given up: whoever writes
 * faster than the network takes is cut off rather than fed with memory. */
enum { IO_BACKLOG_BYTES_MAX = 8 << 20 };

struct io_channel {
    const struct io_handler *handler;
    void *user;
};

struct io_log {
    const struct io_log_handler *handler;
    void *user;
};

#endif
