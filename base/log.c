#include "base/log.h"

#include <stdarg.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"

enum { LINE_BYTES = 1024 };

/* The one global of the program: where a person wants to read along is a property
 * of the process, and handing it to every function would only hide that. */
static struct {
    FILE *stream;
    enum log_level most;
} sink;

void log_to(FILE *stream, enum log_level most)
{
    sink.stream = stream;
    sink.most = most;
}

enum log_level log_level_of(const char *name)
{
    static const char *const names[] = {"error", "warn", "info", "trace"};
    for (unsigned i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(name, names[i]) == 0)
            return (enum log_level)i;
    return LOG_INFO;
}

static size_t put_head(char *line, int64_t at_ns, const char *name)
{
    int n = at_ns < 0 ? snprintf(line, LINE_BYTES, "%s ", name)
                      : snprintf(line, LINE_BYTES, "t=%lld.%03llds %s ",
                                 (long long)(at_ns / NS_PER_S),
                                 (long long)(at_ns / NS_PER_MS % 1000), name);
    return n < 0 ? 0 : (size_t)n < LINE_BYTES ? (size_t)n : LINE_BYTES - 1;
}

void log_event(enum log_level level, int64_t at_ns, const char *name, const char *fmt, ...)
{
    if (!sink.stream || level > sink.most)
        return;
    char line[LINE_BYTES + 1];
    size_t used = put_head(line, at_ns, name);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line + used, LINE_BYTES - used, fmt, ap);
    va_end(ap);

    text_keep_on_one_line(line);
    size_t length = strlen(line);
    while (length > 0 && line[length - 1] == ' ')
        length--;
    memcpy(line + length, "\n", 2);
    /* One call, so that lines of several threads do not mix. */
    fputs(line, sink.stream);
    fflush(sink.stream);
}
