/* How commands speak to the person who typed them. */
#ifndef CLI_SAY_H
#define CLI_SAY_H

#include "base/err.h"
#include "harness/exit_code.h"

/* Print "faultline COMMAND: SENTENCE" on stderr and return the exit code that fits:
 * EXIT_USAGE when it is theirs to mend, else EXIT_COULD_NOT. */
enum exit_code say_error(const char *command, const struct err *err);

#endif
