/* The one thing a command is about: a scenario, a run, a history. */
#ifndef CLI_OPERAND_H
#define CLI_OPERAND_H

#include <argp.h>

/* Handle an argp key for a command that takes exactly one operand: keep it in `slot`,
 * refuse a second one ("one run at a time") and none at all (`question`).
 * ARGP_ERR_UNKNOWN for every other key. */
error_t operand_parse(int key, char *text, struct argp_state *state, const char **slot,
                      const char *what, const char *question);

#endif
