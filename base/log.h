/* Events for people who look into a run: "t=12.040s fault_on id=3 link=eu>us".
 *
 * Times are the run's, so the log lines up with the history. Off until a stream is
 * set; folders below harness/ log for tracing only and return errors instead. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdint.h>
#include <stdio.h>

#include "base/compiler.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_TRACE };

/* Where events go from now on (NULL: nowhere), and how much of them. */
void log_to(FILE *stream, enum log_level most);

/* The level called "error", "warn", "info" or "trace"; LOG_INFO for another. */
enum log_level log_level_of(const char *name);

/* One line. `at_ns` is an instant on the run's clock; negative leaves it out. */
void log_event(enum log_level level, int64_t at_ns, const char *name, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

#endif
