#include "harness/initial.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "history/op.h"
#include "history/schema.h"

enum err_code initial_parse(const char *text, const char *where, int64_t *out, struct err *err)
{
    const int64_t most = VALUE_ID_START - 1;
    char *end = NULL;
    *out = OP_NIL;
    if (strcmp(text, "nil") == 0)
        return ERR_OK;
    errno = 0;
    *out = strtoll(text, &end, 10);
    if (end == text || *end || strchr(" \t\n\v\f\r", text[0]))
        return err_set(err, ERR_INVALID, "%s: '%s' is not a whole number or nil (nothing)",
                       where, text);
    if (!errno && -most <= *out && *out <= most)
        return ERR_OK;
    return err_set(err, ERR_INVALID,
                   "%s: '%s' is out of range; a whole number from %" PRId64 " to %" PRId64
                   ", or nil (nothing)",
                   where, text, -most, most);
}
