#include "cli/say.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>

enum exit_code say_error(const char *command, const struct err *err)
{
    assert(err->code != ERR_OK);
    fprintf(stderr, "faultline %s: %s\n", command, err->msg);
    bool theirs = err->code == ERR_INVALID || err->code == ERR_NOTFOUND;
    return theirs ? EXIT_USAGE : EXIT_COULD_NOT;
}
