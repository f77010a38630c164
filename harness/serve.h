/* One node of the reference store as a process of its own: what `faultline store
 * serve` runs. Knows nothing of scenarios. */
#ifndef HARNESS_SERVE_H
#define HARNESS_SERVE_H

#include <stdint.h>

#include "base/err.h"

struct serve_options {
    const char *config;  /* path of the file that store/config.h describes */
    uint32_t node;       /* which of its nodes we are */
    const char *data;    /* folder of its logs; made when absent */
    int64_t log_zero_ns; /* time 0 of what it prints, since 1970; 0: its own start */
};

/* Serve until SIGTERM or SIGINT (ERR_OK), or until the node stops by itself. */
enum err_code serve_node(const struct serve_options *options, struct err *err) MUST_CHECK;

#endif
