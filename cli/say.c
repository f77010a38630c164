#include "cli/say.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdio_ext.h>

/* That standard output took no more is told, so nobody tells it again at the end. */
static void forget_what_was_refused(void)
{
    if (!ferror(stdout))
        return;
    __fpurge(stdout);
    clearerr(stdout);
}

enum exit_code say_error(const char *command, const struct err *err)
{
    assert(err->code != ERR_OK);
    fprintf(stderr, "faultline %s: %s\n", command, err->msg);
    forget_what_was_refused();
    bool theirs = err->code == ERR_INVALID || err->code == ERR_NOTFOUND;
    return theirs ? EXIT_USAGE : EXIT_COULD_NOT;
}
